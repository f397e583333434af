package main

import (
	"context"
	"net/url"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/wire"
	"github.com/spf13/pflag"
)

// aimFlags are what every command that sends has: the receiver, how to reach
// it, and the secret to sign with.
type aimFlags struct {
	targetFlags
	transportFlags
	secretFlags
}

func (a *aimFlags) flags(f *pflag.FlagSet) {
	a.targetFlags.flags(f)
	a.secretFlags.flags(f)
	a.transportFlags.flags(f)
}

func (a *aimFlags) check() error {
	if err := a.targetFlags.check(); err != nil {
		return err
	}
	return a.transportFlags.check()
}

// aim is a receiver that deliveries can be sent to.
type aim struct {
	url    *url.URL
	secret []byte
	drawn  bool   // the secret was made up for this run
	child  *child // nil: the receiver runs by itself
	log    *childLog
}

// prepare settles secret, port and address. It starts and sends nothing.
func (a *aimFlags) prepare(p *schemas.Provider) (*aim, error) {
	to := &aim{}
	var err error
	if to.secret, err = a.given(); err != nil {
		return nil, err
	}
	if to.secret == nil {
		if a.exec == "" {
			_, err = a.needed()
			return nil, err
		}
		to.secret, to.drawn = drawSecret(p.Contract.Signing.Key), true
	}
	port := 0
	if a.exec != "" {
		if port, err = freePort(); err != nil {
			return nil, err
		}
	}
	if to.url, err = a.url(port); err != nil || a.exec == "" {
		return to, err
	}
	to.log = &childLog{secret: to.secret}
	to.child, err = newChild(a.exec, hostPort(to.url), port, to.secret, to.log)
	return to, err
}

// keepLog writes what the receiver prints to a file, where --exec starts it.
func (to *aim) keepLog(path string) error {
	if to.child == nil {
		return nil
	}
	return to.log.open(path)
}

// start starts the receiver where --exec names one, and tells what it was given.
func (to *aim) start(ctx context.Context, c *console, i *interrupts) error {
	if to.child == nil {
		return nil
	}
	if to.drawn {
		c.note("the receiver gets a fresh secret in %s and %s", secretVariable, childSecretVariable)
	}
	i.onKill(to.child.kill)
	return to.child.start(ctx)
}

// stop ends what start began.
func (to *aim) stop() {
	if to.child != nil {
		to.child.stop()
		to.log.close()
	}
}

// client opens connections to the receiver. An answer is waited for at least
// a second longer than the contract's deadline, so that late is told from never.
func (a *aimFlags) client(to *aim, p *schemas.Provider) *wire.Client {
	limits := wire.Limits{Connect: a.timeout, Write: a.timeout, Answer: a.timeout}
	if a.timeout == 0 {
		limits.Answer = max(10*time.Second, p.Contract.Deadlines.Acknowledge.Duration+time.Second)
	}
	return wire.NewClient(to.url, a.tlsConfig, limits)
}

// reproduceAim spells the flags for a command that anyone may read.
func (a *aimFlags) reproduceAim() []string {
	var words []string
	if a.exec != "" {
		words = append(words, "--exec", a.exec)
	}
	if a.target != "" {
		words = append(words, "--target", a.target)
	}
	words = append(words, a.secretFlags.reproduce()...)
	for _, host := range a.allowHost {
		words = append(words, "--allow-host", host)
	}
	if a.timeout != 0 {
		words = append(words, "--timeout", a.timeout.String())
	}
	return append(words, a.transportFlags.reproduce()...)
}
