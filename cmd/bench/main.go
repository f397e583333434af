//go:build linux

// Command bench measures what a delivery costs hookstone simulate, beside the
// load generators that are installed, and prints the tables of
// simulator/BENCHMARKS.md. It needs Linux and two cores.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/bits"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/hookstone/hookstone/schemas"
)

// bench is one run of the benchmark.
type bench struct {
	provider                 string
	programs                 []*sender // hookstone; the first is used where one is
	k6                       string
	quick                    bool
	cycles                   int
	dir                      string
	certificate              string
	receiverCore, senderCore int
	out, log                 io.Writer
}

func main() {
	var b bench
	serving := flag.Bool("serve", false, "be the fixed receiver (the benchmark starts itself so)")
	delay := flag.Duration("delay", 0, "of -serve: how long an answer takes")
	certificate := flag.String("certificate", "", "of -serve: PEM `file` with certificate and key; without, plain HTTP")
	clock := flag.Duration("read-clock", 0, "read the clock for so long and tell of the gaps (the benchmark starts itself so)")
	flag.StringVar(&b.provider, "provider", "", "`contract` whose deliveries are sent (default: the first)")
	programs := flag.String("hookstone", "", "`programs` to measure, as path or as name=path,name=path (default: what the source makes)")
	flag.StringVar(&b.k6, "k6", "", "`path` of k6 (default: what make k6 built, or the one that is installed)")
	flag.BoolVar(&b.quick, "quick", false, "hookstone and wrk alone, fewer turns, shorter scenarios")
	flag.IntVar(&b.cycles, "cycles", 0, "of turns (default 120, quick 60)")
	only := flag.String("only", "", "one `part`: senders or scenarios")
	curve := flag.Uint64("curve", 0, "instead: follow the memory of so many `deliveries`")
	folder := flag.String("out", "simulator/bench", "of -curve: `folder` for memory.csv and memory.svg")
	flag.Parse()
	b.out, b.log = os.Stdout, os.Stderr
	var err error
	switch {
	case *serving:
		err = serve(os.Stdin, os.Stdout, *delay, *certificate)
	case *clock > 0:
		holdUps(*clock, os.Stdout)
	case *only != "" && *only != "senders" && *only != "scenarios":
		err = fmt.Errorf("-only %q: there are senders and scenarios", *only)
	default:
		err = b.within(*programs, func() error {
			if *curve > 0 {
				return b.curve(*curve, *folder)
			}
			return b.tables(*only)
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// within prepares what every part needs: a folder, cores, programs, a contract.
func (b *bench) within(programs string, do func() error) (err error) {
	if b.dir, err = os.MkdirTemp("", "hookstone-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	if b.receiverCore, b.senderCore, err = twoCores(); err != nil {
		return err
	}
	if b.provider == "" {
		library, err := schemas.Builtin()
		if err != nil {
			return err
		}
		b.provider = library.Providers()[0].Name()
	}
	b.certificate = filepath.Join(b.dir, "certificate.pem")
	if err := writeCertificate(b.certificate); err != nil {
		return err
	}
	if programs == "" {
		path := filepath.Join(b.dir, "hookstone-built")
		build := exec.Command("go", "build", "-o", path, "./cmd/hookstone")
		build.Stderr = b.log
		if err := build.Run(); err != nil {
			return fmt.Errorf("go build ./cmd/hookstone: %w; start it in the folder of the module", err)
		}
		programs = path
	}
	for _, part := range strings.Split(programs, ",") {
		name, path, named := strings.Cut(part, "=")
		if !named {
			name, path = "hookstone", part
		}
		b.programs = append(b.programs, simulation(name, path, b.provider, b.dir))
	}
	return do()
}

// twoCores are the first two of those that this process may use.
func twoCores() (first, second int, err error) {
	mask, err := affinity()
	if err != nil {
		return 0, 0, err
	}
	var cores []int
	for i, word := range mask {
		for ; word != 0; word &= word - 1 {
			cores = append(cores, 64*i+bits.TrailingZeros64(word))
		}
	}
	if len(cores) < 2 {
		return 0, 0, errors.New("two cores are needed, one for the sender and one for the receiver")
	}
	return cores[0], cores[1], nil
}

// tables measures and prints.
func (b *bench) tables(only string) error {
	m, length, rounds := method{turn: 100 * time.Millisecond, cycles: 120, block: 12, warmUp: time.Second}, 10*time.Second, 5
	if b.quick {
		m.cycles, m.block, length, rounds = 60, 6, 2*time.Second, 1
	}
	if b.cycles > 0 {
		m.cycles = b.cycles
	}
	var all []*sender
	all = append(append(all, b.programs...), wrk)
	if !b.quick {
		if b.k6 == "" {
			b.k6 = "k6"
			if _, err := os.Stat(ourK6); err == nil {
				b.k6 = "./" + ourK6
			}
		}
		all = append(append(all, hey), k6Senders(b.k6, b.provider)...)
	}
	found, skipped := installed(all)
	b.describe(m, found, skipped)
	if only != "scenarios" {
		r, err := startReceiver(b.receiverCore, 0, "")
		if err != nil {
			return err
		}
		defer r.kill()
		senders, err := alternate(r, found, target{url: r.url, connections: 64, dir: b.dir}, m, b.senderCore, b.log)
		if err != nil {
			return err
		}
		sendersTable(b.out, senders, m)
	}
	if only != "senders" {
		rest, err := b.atRest()
		if err != nil {
			return err
		}
		before, err := b.machine(length)
		if err != nil {
			return err
		}
		full, half, err := b.observeAll(length, rounds)
		if err != nil {
			return err
		}
		after, err := b.machine(length)
		if err != nil {
			return err
		}
		fullTable(b.out, full, rest)
		halfTable(b.out, half)
		fmt.Fprintf(b.out, "\n%s\n", after.tell(before))
	}
	return nil
}
