package main

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// pinFlags fix what is otherwise drawn: the same seed, run id and time make
// the same bytes.
type pinFlags struct {
	seed    uint64
	runID   string
	nowText string
	now     func() time.Time // nil: the clock runs
	set     *pflag.FlagSet
}

func (p *pinFlags) flags(f *pflag.FlagSet) {
	p.set = f
	f.Uint64Var(&p.seed, "seed", 0, "seed of everything that is made up (default: drawn and told)")
	f.StringVar(&p.runID, "run-id", "", "`id` that makes the run's event ids its own (default: drawn and told)")
	f.StringVar(&p.nowText, "now", "", "pin the clock to an RFC 3339 `time`")
}

var runIDForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// check draws what was not given.
func (p *pinFlags) check() error {
	if !p.set.Changed("seed") {
		var b [8]byte
		rand.Read(b[:])
		// 32 bits are enough to be unlikely twice and short enough to retype.
		p.seed = uint64(binary.BigEndian.Uint32(b[:4]))
	}
	if p.runID == "" {
		p.runID = drawRunID()
	} else if !runIDForm.MatchString(p.runID) {
		return usagef("", "--run-id %q: use 1 to 64 of a-z A-Z 0-9 . _ -", p.runID)
	}
	if p.nowText != "" {
		t, err := time.Parse(time.RFC3339, p.nowText)
		if err != nil {
			return usage(fmt.Errorf("--now %q is not an RFC 3339 time", p.nowText), "write --now 2026-01-31T12:00:00Z")
		}
		p.now = func() time.Time { return t }
	}
	return nil
}

// clock is the pinned time, or the running one.
func (p *pinFlags) clock() time.Time {
	if p.now != nil {
		return p.now()
	}
	return time.Now()
}

// drawRunID makes an id that no earlier run had.
func drawRunID() string {
	var b [5]byte
	rand.Read(b[:])
	return strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
}
