//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// secret signs in every run: the fixed receiver knows none.
const secret = "hookstone-benchmark-secret"

// target is what a sender is pointed at.
type target struct {
	url         string
	connections int
	size        int    // of a whole request, in bytes; 0: not known yet
	dir         string // for scripts and journals
	certificate string // "" under plain HTTP
}

// sender is a load generator.
type sender struct {
	name, sends string
	program     string
	journal     string // file that grows as it runs; ""
	command     func(program string, t target) (*exec.Cmd, error)
}

// simulation is hookstone at full speed, without end.
func simulation(name, program, provider, dir string) *sender {
	s := &sender{name: name, sends: "unique, signed, recorded, journalled", program: program, journal: filepath.Join(dir, name+".jsonl")}
	s.command = func(program string, t target) (*exec.Cmd, error) {
		return simulate(program, provider, t, s.journal, "--rate", "max", "--duration", "10h", "--quiet", "--out", filepath.Join(t.dir, name)), nil
	}
	return s
}

// simulate is a command of hookstone.
func simulate(program, provider string, t target, journal string, args ...string) *exec.Cmd {
	args = append([]string{"simulate", provider, "--target", t.url, "--concurrency", fmt.Sprint(t.connections), "--journal", journal}, args...)
	if t.certificate != "" {
		args = append(args, "--cacert", t.certificate)
	}
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "HOOKSTONE_SECRET="+secret)
	return cmd
}

const mediaType = "application/json"

// static is a body of so many bytes that every request repeats.
func static(bytes int) string {
	const around = `{"type":"benchmark","filler":""}`
	return strings.TrimSuffix(around, `"}`) + strings.Repeat("x", max(0, bytes-len(around))) + `"}`
}

// headBytes is about the length of the head that a static sender writes.
const headBytes = 160

var wrk = &sender{name: "wrk", sends: "static", program: "wrk", command: func(program string, t target) (*exec.Cmd, error) {
	script := filepath.Join(t.dir, "post.lua")
	text := fmt.Sprintf("wrk.method = 'POST'\nwrk.body = '%s'\nwrk.headers['Content-Type'] = '%s'\n", static(t.size-headBytes), mediaType)
	return exec.Command(program, "-t", "1", "-c", fmt.Sprint(t.connections), "-d", "10h", "-s", script, t.url), os.WriteFile(script, []byte(text), 0o600)
}}

var hey = &sender{name: "hey", sends: "static", program: "hey", command: func(program string, t target) (*exec.Cmd, error) {
	return exec.Command(program, "-z", "10h", "-c", fmt.Sprint(t.connections), "-m", "POST", "-T", mediaType, "-d", static(t.size-headBytes), t.url), nil
}}

// k6 runs a script: lean ones, so that the program is measured and not they.
func k6(program, name, sends, script string) *sender {
	return &sender{name: name, sends: sends, program: program, command: func(program string, t target) (*exec.Cmd, error) {
		file := filepath.Join(t.dir, strings.ReplaceAll(name, " ", "-")+".js")
		text := strings.NewReplacer("{URL}", t.url, "{SECRET}", secret, "{TYPE}", mediaType, "{BODY}", static(t.size-headBytes)).Replace(script)
		cmd := exec.Command(program, "run", "--quiet", "--no-usage-report", "--no-thresholds", "--vus", fmt.Sprint(t.connections), "--duration", "10h", file)
		return cmd, os.WriteFile(file, []byte(text), 0o600)
	}}
}

const k6Static = `import http from 'k6/http';
const params = { headers: { 'Content-Type': '{TYPE}' } };
const body = '{BODY}';
export default function () { http.post('{URL}', body, params); }
`

const k6Signed = `import http from 'k6/http';
import crypto from 'k6/crypto';
const middle = '{BODY}'.slice(0, -24) + '","n":"' + __VU + '-';
let n = 0;
export default function () {
  const body = middle + (n++) + '"}';
  const at = Math.floor(Date.now() / 1000);
  const digest = crypto.hmac('sha256', '{SECRET}', at + '.' + body, 'hex');
  http.post('{URL}', body, { headers: { 'Content-Type': '{TYPE}', 'Webhook-Signature': 't=' + at + ',v1=' + digest } });
}
`

// installed is those senders whose program is there, and the names of those
// that are skipped.
func installed(all []*sender) (found []*sender, skipped []string) {
	for _, s := range all {
		path, err := exec.LookPath(s.program)
		if err != nil {
			skipped = append(skipped, s.name)
			continue
		}
		s.program = path
		found = append(found, s)
	}
	return found, skipped
}
