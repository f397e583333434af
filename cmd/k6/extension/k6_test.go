package extension

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.k6.io/k6/v2/cmd"

	"github.com/hookstone/hookstone/fixtures/receiver"
	"github.com/hookstone/hookstone/schemas"
)

const secret = "whsec_YSBzZWNyZXQgb2YgdGhlIHRlc3RzIG9mIGs2" // in the form that every contract can read

// TestMain lets the test binary be k6 itself: what main.go does.
func TestMain(m *testing.M) {
	if os.Getenv("HOOKSTONE_TEST_IS_K6") == "yes" {
		cmd.Execute()
		return
	}
	os.Exit(m.Run())
}

// k6 runs k6 with the module in it: the binary that HOOKSTONE_K6 names, else
// this one.
func k6(t *testing.T, dir string, variables map[string]string, args ...string) (exit int, output string) {
	t.Helper()
	binary := os.Getenv("HOOKSTONE_K6")
	if binary == "" {
		var err error
		if binary, err = os.Executable(); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, binary, args...)
	c.Dir = dir
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "K6_") && !strings.HasPrefix(variable, "HOOKSTONE_") {
			c.Env = append(c.Env, variable)
		}
	}
	c.Env = append(c.Env, "HOOKSTONE_TEST_IS_K6=yes", "HOME="+t.TempDir(), "K6_NO_USAGE_REPORT=true", "K6_AUTO_EXTENSION_RESOLUTION=false", "NO_COLOR=1")
	for name, value := range variables {
		c.Env = append(c.Env, name+"="+value)
	}
	out, err := c.CombinedOutput()
	var exited *exec.ExitError
	if err != nil && !errors.As(err, &exited) || ctx.Err() != nil {
		t.Fatalf("k6 %v: %v\n%s", args, err, out)
	}
	return c.ProcessState.ExitCode(), string(out)
}

// run writes a script and runs it; variables are those of the script.
func run(t *testing.T, script string, variables map[string]string, flags ...string) (exit int, output string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "script.js"), []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"run", "--quiet"}, flags...)
	for name, value := range variables {
		args = append(args, "-e", name+"="+value)
	}
	return k6(t, dir, nil, append(args, "script.js")...)
}

// aimed are the variables that a run needs.
func aimed(target string, more ...string) map[string]string {
	v := map[string]string{secretVariable: secret, targetVariable: target}
	for i := 0; i+1 < len(more); i += 2 {
		v[more[i]] = more[i+1]
	}
	return v
}

// arrival is a request as it came.
type arrival struct {
	header http.Header
	body   []byte
	status int
}

// arrivals keeps what came to a handler.
type arrivals struct {
	handler http.Handler
	mu      sync.Mutex
	all     []arrival
}

func (a *arrivals) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	seen := &answered{ResponseWriter: w}
	a.handler.ServeHTTP(seen, r)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, arrival{r.Header.Clone(), body, seen.status})
}

type answered struct {
	http.ResponseWriter
	status int
}

func (w *answered) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *answered) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// taken is what came so far, which is forgotten.
func (a *arrivals) taken() []arrival {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := a.all
	a.all = nil
	return all
}

// ids are the event ids of what came, each once.
func ids(t *testing.T, all []arrival) (list []string) {
	t.Helper()
	for _, a := range all {
		var event struct{ ID string }
		if err := json.Unmarshal(a.body, &event); err != nil || event.ID == "" {
			t.Fatalf("no id (%v) in %s", err, a.body)
		}
		if !slices.Contains(list, event.ID) {
			list = append(list, event.ID)
		}
	}
	slices.Sort(list)
	return list
}

// serve starts a handler whose arrivals are kept.
func serve(t *testing.T, h http.Handler) (target string, _ *arrivals) {
	t.Helper()
	a := &arrivals{handler: h}
	s := httptest.NewServer(a)
	t.Cleanup(s.Close)
	return s.URL + "/webhooks", a
}

// reference starts the reference receiver, which shares no signing code with
// what makes the deliveries.
func reference(t *testing.T, provider string, defects ...string) (target string, _ *arrivals) {
	t.Helper()
	rc, err := receiver.New(receiver.Options{Provider: builtin(t, provider), Secret: []byte(secret), Defects: defects})
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, rc.Handler())
}

func builtin(t *testing.T, name string) *schemas.Provider {
	t.Helper()
	library, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	p, err := library.Provider(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
