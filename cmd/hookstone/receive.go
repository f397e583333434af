package main

import (
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hookstone/hookstone/fixtures/receiver"
	"github.com/spf13/cobra"
)

// receiveFlags are the flags of receive.
type receiveFlags struct {
	secretFlags
	contractFlags
	addr        string
	port        int
	path        string
	defects     []string
	listDefects bool
	forward     string
	record      string
}

func receiveCommand(c *console) *cobra.Command {
	var f receiveFlags
	cmd := &cobra.Command{
		Use:   "receive PROVIDER",
		Short: "Run the reference receiver, right or with defects",
		Long: `Run a receiver that is right for the provider's contract, or wrong in exactly
the ways that --defect names, until Ctrl-C. Beside its webhook path it answers,
to this machine only, GET /_effects (?event_id=…) with how often an event was
applied, and takes POST /_fail {"fail_next": N}.

With --forward it verifies deliveries, holds them against their schemas, tells
of each, and passes the genuine ones on to a receiver of yours; what is refused
is explained. The receiver's answers go back as they are.`,
		Example: `  export HOOKSTONE_SECRET=…
  hookstone receive {provider} --port 3000
  hookstone receive {provider} --port 3000 --defect never-verifies
  hookstone receive {provider} --port 3001 --forward http://127.0.0.1:3000/webhooks
  hookstone receive --list-defects`,
		Args: complaint(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.listDefects {
				return f.list(c, args)
			}
			if len(args) == 0 {
				return usagef("hookstone receive PROVIDER; list them with: hookstone contracts list", "no provider is named")
			}
			return receive(cmd, c, &f, args[0])
		},
	}
	s := cmd.Flags()
	s.SortFlags = false
	s.StringVar(&f.addr, "addr", "127.0.0.1", "`address` to listen on")
	s.IntVar(&f.port, "port", 0, "`port` to listen on (default: a free one)")
	s.StringVar(&f.path, "path", defaultPath, "`path` that deliveries arrive at")
	s.StringArrayVar(&f.defects, "defect", nil, "`name` of something to do wrong (repeatable)")
	s.BoolVar(&f.listDefects, "list-defects", false, "list the defects, with PROVIDER only those it can have")
	s.StringVar(&f.forward, "forward", "", "`URL` to pass verified deliveries on to")
	s.StringVar(&f.record, "record", "", "journal `file` to add every delivery and its answer to")
	f.secretFlags.flags(s)
	f.contractFlags.flags(s)
	return cmd
}

func receive(cmd *cobra.Command, c *console, f *receiveFlags, name string) error {
	library, p, err := f.contractFlags.provider(name)
	if err != nil {
		return err
	}
	secret, err := f.needed()
	if err != nil {
		return err
	}
	if f.port < 0 || f.port > 65535 {
		return usagef("", "--port %d is not a port", f.port)
	}
	r, err := receiver.New(receiver.Options{Provider: p, Secret: secret, Path: f.path, Defects: f.defects})
	if err != nil {
		return usage(err, "list the defects with: hookstone receive --list-defects")
	}
	handler := logged(c, p, r.Handler())
	if f.forward != "" {
		if len(f.defects) > 0 {
			return usagef("keep one of the two", "--forward and --defect are both given")
		}
		relay, err := newRelay(c, library, p, secret, f.forward, f.path)
		if err != nil {
			return err
		}
		handler, f.forward = relay, relay.to.Redacted()
	}
	if f.record != "" && len(f.defects) > 0 {
		return usagef("keep one of the two", "--record and --defect are both given")
	}
	handler, endRecord, err := recorded(c, p, secret, f.record, f.path, handler)
	if err != nil {
		return err
	}
	defer endRecord()
	ctx, signals := catchInterrupts(cmd.Context())
	defer signals.stop()
	address := net.JoinHostPort(f.addr, strconv.Itoa(f.port))
	url, closeServer, err := f.serve(r, handler, address)
	if err != nil {
		return environment(err, "name a free port: --port N, or leave it out")
	}
	defer closeServer()
	if c.json {
		if err := c.machine(map[string]any{"url": url, "provider": p.Name(), "defects": append([]string{}, f.defects...)}); err != nil {
			return err
		}
	}
	c.say("%s receiver at %s", p.Name(), url)
	if len(f.defects) > 0 {
		c.say("with %s; deliveries are not logged", strings.Join(f.defects, ", "))
	}
	if f.forward != "" {
		c.say("genuine deliveries are passed on to %s", f.forward)
	}
	c.say("Ctrl-C ends it.")
	<-ctx.Done()
	return nil
}

// serve listens. A right receiver logs its deliveries; one with defects runs
// on its own server, which some of them reach into.
func (f *receiveFlags) serve(r *receiver.Receiver, handler http.Handler, address string) (string, func() error, error) {
	if len(f.defects) > 0 {
		s, err := r.Start(address)
		if err != nil {
			return "", nil, err
		}
		return s.URL(), s.Close, nil
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return "", nil, err
	}
	s := &http.Server{
		Handler: handler, ErrorLog: log.New(io.Discard, "", 0),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
	}
	go func() { _ = s.Serve(l) }()
	return "http://" + l.Addr().String() + f.path, s.Close, nil
}

// list tells the defects; of one provider's contract where it is named.
func (f *receiveFlags) list(c *console, args []string) error {
	defects := receiver.Defects()
	if len(args) == 1 {
		_, p, err := f.contractFlags.provider(args[0])
		if err != nil {
			return err
		}
		kept := defects[:0]
		for _, d := range defects {
			if d.Applies(p.Contract) == "" {
				kept = append(kept, d)
			}
		}
		defects = kept
	}
	if c.json {
		type row struct {
			Name    string   `json:"name"`
			Summary string   `json:"summary"`
			Family  string   `json:"family"`
			Finding string   `json:"finding"`
			Kills   []string `json:"kills"`
		}
		rows := []row{}
		for _, d := range defects {
			rows = append(rows, row{d.Name, d.Summary, d.Family, d.Finding, d.Kills})
		}
		return c.machine(rows)
	}
	for _, d := range defects {
		c.say("%s", d.Name)
		for _, line := range indented("    ", wrapText(d.Summary, columns-4, 0)) {
			c.say("%s", line)
		}
	}
	return nil
}
