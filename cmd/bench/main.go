//go:build linux

// Command bench measures what a delivery costs hookstone simulate, beside the
// load generators that are installed. See simulator/BENCHMARKS.md.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// options are the flags.
type options struct {
	provider  string
	hookstone string
	k6        string
	quick     bool
	rounds    bool
	scenarios bool
	dir       string
	log       *os.File
}

func main() {
	var o options
	serving := flag.Bool("serve", false, "be the fixed receiver (started by the benchmark itself)")
	delay := flag.Duration("delay", 0, "of -serve: how long an answer takes")
	certificate := flag.String("certificate", "", "of -serve: PEM `file` with certificate and key; plain HTTP without")
	flag.StringVar(&o.provider, "provider", "", "`contract` whose deliveries are sent (default: the first)")
	flag.StringVar(&o.hookstone, "hookstone", "", "`programs` to measure, as name=path,name=path (default: built from the source)")
	flag.StringVar(&o.k6, "k6", "k6", "`path` of k6")
	flag.BoolVar(&o.quick, "quick", false, "few and short turns, hookstone and wrk alone")
	flag.BoolVar(&o.rounds, "senders", true, "compare the senders")
	flag.Parse()
	o.log = os.Stderr
	var err error
	if *serving {
		err = serve(os.Stdin, os.Stdout, *delay, *certificate)
	} else {
		err = run(&o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(o *options) (err error) {
	if o.dir, err = os.MkdirTemp("", "hookstone-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(o.dir)
	programs, err := o.programs()
	if err != nil {
		return err
	}
	m := method{turn: 100 * time.Millisecond, cycles: 120, block: 20, warmUp: time.Second}
	senders := []*sender{}
	for _, p := range programs {
		senders = append(senders, simulation(p[0], p[1], o.provider, o.dir))
	}
	senders = append(senders, wrk)
	if o.quick {
		m.cycles, m.block = 60, 10
	} else {
		senders = append(senders, hey, k6(o.k6, "k6", "static", k6Static), k6(o.k6, "k6 signed", "unique, signed", k6Signed))
	}
	senders, skipped := installed(senders)
	r, err := startReceiver(0, 0, "")
	if err != nil {
		return err
	}
	defer r.kill()
	all, err := alternate(r, senders, target{url: r.url, connections: 64, dir: o.dir}, m, 1, o.log)
	if err != nil {
		return err
	}
	var base []turn
	for _, x := range all {
		if x.sender == wrk {
			base = x.turns
		}
	}
	for _, x := range all {
		c := compare(x.turns, base, m.block)
		fmt.Printf("| %s | %s | %.1f | **%.2f** [%.2f–%.2f] | %.0f | %.0f MB |\n", x.name, x.sends, x.micros(), c.median, c.low, c.high, x.rate(), float64(x.rss)/1e6)
	}
	fmt.Println("skipped:", skipped)
	return nil
}

// programs are the builds of hookstone to be measured, each with its name.
func (o *options) programs() (all [][2]string, err error) {
	if o.hookstone == "" {
		path := filepath.Join(o.dir, "hookstone-built")
		build := exec.Command("go", "build", "-o", path, "./cmd/hookstone")
		build.Stderr = o.log
		return [][2]string{{"hookstone", path}}, build.Run()
	}
	for _, part := range strings.Split(o.hookstone, ",") {
		name, path, ok := strings.Cut(part, "=")
		if !ok {
			name, path = "hookstone", part
		}
		all = append(all, [2]string{name, path})
	}
	return all, nil
}
