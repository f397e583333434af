package extension

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	khttp "go.k6.io/k6/v2/js/modules/k6/http"
	"go.k6.io/k6/v2/js/modulestest"
	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/metrics"
	"gopkg.in/guregu/null.v3"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/schedule"
)

// raw is a request as its bytes came.
type raw struct {
	method string
	lines  []string // header lines, plain and sorted
	body   []byte
}

// listen takes requests byte by byte, with no HTTP library between.
func listen(t *testing.T) (*url.URL, <-chan raw) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	came := make(chan raw, 1)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if q, err := readRaw(c); err == nil {
				came <- q
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			}
			c.Close()
		}
	}()
	return &url.URL{Scheme: "http", Host: l.Addr().String(), Path: "/webhooks"}, came
}

func readRaw(c net.Conn) (q raw, err error) {
	r := bufio.NewReader(c)
	length := 0
	for first := true; ; first = false {
		line, err := r.ReadString('\n')
		if err != nil {
			return q, err
		}
		line = strings.TrimSuffix(line, "\r\n")
		if line == "" {
			break
		}
		if first {
			q.method, _, _ = strings.Cut(line, " ")
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		q.lines = append(q.lines, plain(name, value))
		if strings.EqualFold(name, "Content-Length") {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return q, err
			}
		}
	}
	slices.Sort(q.lines)
	q.body = make([]byte, length)
	_, err = io.ReadFull(r, q.body)
	return q, err
}

// vu is a virtual user's feed in this process, with k6's own HTTP module
// beside it.
func vu(t *testing.T, o *options) (*modulestest.Runtime, *feed) {
	t.Helper()
	rt := modulestest.NewRuntime(t)
	i := newModule().NewModuleInstance(rt.VU).(*Instance)
	web := khttp.New().NewModuleInstance(rt.VU).Exports().Default
	if err := rt.VU.Runtime().Set("http", web); err != nil {
		t.Fatal(err)
	}
	s, err := i.module.sources.get(o, "")
	if err != nil {
		t.Fatal(err)
	}
	f, err := newFeed(i, o, s)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableCompression: true} // as k6's
	t.Cleanup(transport.CloseIdleConnections)
	samples := make(chan metrics.SampleContainer, 1000)
	rt.MoveToVUContext(&lib.State{
		Options:        lib.Options{SystemTags: &metrics.DefaultSystemTagSet, UserAgent: null.StringFrom("k6"), MaxRedirects: null.IntFrom(10), Throw: null.BoolFrom(true)},
		BuiltinMetrics: rt.BuiltinMetrics, Logger: rt.VU.InitEnv().Logger, Transport: transport, Samples: samples,
		Tags: lib.NewVUStateTags(rt.VU.InitEnv().Registry.RootTagSet()), BufferPool: lib.NewBufferPool(), VUID: 1, VUIDGlobal: 1,
	})
	return rt, f
}

// TestCarriage sends every fault of the catalogue, under every contract,
// through k6's HTTP client, and compares what came, byte by byte, with what carry
// says of it.
func TestCarriage(t *testing.T) {
	t.Parallel()
	library, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	more, err := schemas.Load(os.DirFS("../../../fixtures/contracts"))
	if err != nil {
		t.Fatal(err)
	}
	fates := map[string]map[string]bool{"arrives": {}, "does not": {}}
	for _, p := range slices.Concat(library.Providers(), more.Providers()) {
		if p.Journeys == nil {
			continue
		}
		t.Run(p.Name(), func(t *testing.T) {
			target, came := listen(t)
			o := &options{provider: p, secret: []byte(secret), target: target}
			rt, f := vu(t, o)
			for _, name := range append([]string{""}, examples()...) {
				d := faulted(t, o, name)
				if d == nil {
					continue
				}
				said := carry(d, target)
				if err := rt.VU.Runtime().Set("delivery", f.handOut(d)); err != nil {
					t.Fatal(err)
				}
				_, sent := rt.VU.Runtime().RunString(`http.request(delivery.method, delivery.url, delivery.body, delivery.params)`)
				arrived := false
				if sent == nil {
					q := <-came
					arrived = q.method == d.Method && slices.Equal(q.lines, lines(d, target)) && bytes.Equal(q.body, d.Body)
				}
				if arrived != (said == nil) {
					t.Errorf("%s: arrived as it is: %t (%v); carry says: %v", name, arrived, sent, said)
				}
				fate := "does not"
				if arrived {
					fate = "arrives"
				}
				fates[fate][name] = true
			}
		})
	}
	for fate, names := range map[string][]string{
		"arrives":  {"", "secret.another", "signature.non-ascii", "signature.missing", "signature.empty", "body.invalid-utf8", "body.unicode", "body.byte-order-mark", "tampered.value", "method"},
		"does not": {"signature.repeated", "signature.control"},
	} {
		for _, name := range names {
			found := false
			for had := range fates[fate] {
				base, _, _ := strings.Cut(had, "(")
				found = found || base == name
			}
			if !found {
				t.Errorf("no fault %q %s: %v", name, fate, fates)
			}
		}
	}
}

// examples are a fault of each kind in the catalogue.
func examples() (names []string) {
	for _, e := range fault.Catalogue() {
		names = append(names, e.Example)
	}
	return names
}

// faulted is a delivery with a fault; nil where none can be made of it.
func faulted(t *testing.T, o *options, name string) *schedule.Delivery {
	t.Helper()
	c := schedule.SourceConfig{Provider: o.provider, Secret: o.secret, Target: o.target, Start: time.Now()}
	if name != "" {
		c.Mix, c.Forgeries = schedule.Mix{Forged: 100}, []string{name}
	}
	d, err := sample(c, name)
	if err != nil || d.Fault != name {
		return nil
	}
	return d
}

func TestRestrict(t *testing.T) {
	t.Parallel()
	target := &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
	for name, want := range map[string]string{
		"secret.another":                        "",
		"wire.chunked(16)":                      "acts on the wire",
		"header.case(lower)":                    "spells header names its own way",
		"signature.repeated(forged-genuine)":    "does not send|in place of the headers",
		"signature.control":                     "refuses the header",
		"signature.nothing-of-the-kind":         "unknown fault",
		"signature.algorithm(hmac-nothing-yet)": "hmac-nothing-yet",
	} {
		c := schedule.SourceConfig{Provider: builtin(t, "usmewe"), Secret: []byte(secret), Target: target, Start: time.Now(), Forgeries: []string{name}}
		err := restrict(&c)
		if want == "" {
			if err != nil || !slices.Equal(c.Forgeries, []string{name}) {
				t.Errorf("restrict(%s) = %v, keeps %v", name, err, c.Forgeries)
			}
			continue
		}
		if err == nil || !slices.ContainsFunc(strings.Split(want, "|"), func(part string) bool { return strings.Contains(err.Error(), part) }) {
			t.Errorf("restrict(%s) = %v; want %q", name, err, want)
		}
	}
}
