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
	body        string // of those who send one, as long as makes all requests alike
	dir         string // for scripts and journals
	certificate string // "" under plain HTTP
}

// sender is a load generator.
type sender struct {
	name, sends string
	program     string
	journal     string // file that grows as it runs; ""
	head        int    // about how many bytes of a request are not its body
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

var wrk = &sender{name: "wrk", sends: "static", program: "wrk", head: 104, command: func(program string, t target) (*exec.Cmd, error) {
	script := filepath.Join(t.dir, "post.lua")
	text := fmt.Sprintf("wrk.method = 'POST'\nwrk.body = '%s'\nwrk.headers['Content-Type'] = '%s'\n", t.body, mediaType)
	return exec.Command(program, "-t", "1", "-c", fmt.Sprint(t.connections), "-d", "10h", "-s", script, t.url), os.WriteFile(script, []byte(text), 0o600)
}}

var hey = &sender{name: "hey", sends: "static", program: "hey", head: 149, command: func(program string, t target) (*exec.Cmd, error) {
	return exec.Command(program, "-z", "10h", "-c", fmt.Sprint(t.connections), "-m", "POST", "-T", mediaType, "-d", t.body, t.url), nil
}}

// k6 runs a script: lean ones, so that the program is measured and not they.
func k6(program, name, sends, script string, head int) *sender {
	return &sender{name: name, sends: sends, program: program, head: head, command: func(program string, t target) (*exec.Cmd, error) {
		file := filepath.Join(t.dir, strings.NewReplacer(" ", "-", "/", "-").Replace(name)+".js")
		text := strings.NewReplacer("{URL}", t.url, "{SECRET}", secret, "{TYPE}", mediaType, "{BODY}", t.body).Replace(script)
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

// k6Hookstone hands out the deliveries that hookstone simulate sends.
const k6Hookstone = `import http from 'k6/http';
import { deliveries } from 'k6/x/hookstone';
const feed = deliveries('{PROVIDER}', { target: '{URL}', secret: '{SECRET}' });
export default function () {
  const d = feed.next();
  feed.judge(d, http.request(d.method, d.url, d.body, d.params));
}
`

// k6Senders are those of a k6, which may have been built with our module.
func k6Senders(program, provider string) []*sender {
	all := []*sender{k6(program, "k6", "static", k6Static, 133), k6(program, "k6 signed", "unique, signed", k6Signed, 223)}
	if out, err := exec.Command(program, "version").Output(); err == nil && strings.Contains(string(out), "k6/x/hookstone") {
		script := strings.ReplaceAll(k6Hookstone, "{PROVIDER}", provider)
		all = append(all, k6(program, "k6 with k6/x/hookstone", "unique, signed, judged", script, 0))
	}
	return all
}

// ourK6 is where make k6 builds it.
const ourK6 = "cmd/k6/k6"

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
