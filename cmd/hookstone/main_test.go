package main

import (
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookstone/hookstone/fixtures/receiver"
	"github.com/hookstone/hookstone/schemas"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"hookstone": main})
}

// TestCommand runs the scripts: one a behaviour of the command line.
func TestCommand(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Vars = append(e.Vars, "CI=", "NO_COLOR=", "TERM=xterm-256color")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    exits,
			"recipe":   recipe,
			"receiver": startReceiver,
			"counter":  startCounter,
			"counted":  counted,
			"nowhere":  nowhere,
			"absent":   absent,
			"appears":  appears,
			"gone":     gone,
			"mode":     mode,
		},
		Condition: requireTools,
	})
}

// requireTools is [tool:NAME]: the tool is on the machine. Where missing tools
// are failures it is always true, and the script fails at the tool itself.
func requireTools(cond string) (bool, error) {
	if tool, ok := strings.CutPrefix(cond, "tool:"); ok {
		_, err := exec.LookPath(tool)
		return err == nil || os.Getenv("HOOKSTONE_REQUIRE_TOOLS") == "1", nil
	}
	return false, errors.New("unknown condition " + cond)
}

// exits CODE COMMAND… runs a command and compares its exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARGUMENT...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// receiver VARIABLE PROVIDER SECRET [DEFECT…] starts the reference receiver
// and puts its URL into the variable.
func startReceiver(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: receiver VARIABLE PROVIDER SECRET [DEFECT...]")
	}
	library, err := schemas.Builtin()
	ts.Check(err)
	p, err := library.Provider(args[1])
	ts.Check(err)
	r, err := receiver.New(receiver.Options{Provider: p, Secret: []byte(args[2]), Defects: args[3:]})
	ts.Check(err)
	s, err := r.Start("")
	ts.Check(err)
	ts.Defer(func() { s.Close() })
	ts.Setenv(args[0], s.URL())
}

// requests counts what the counters of a script were sent.
type requests struct{ n atomic.Int64 }

// counters holds the *requests of each script.
var counters sync.Map

func counterOf(ts *testscript.TestScript) *requests {
	n, _ := counters.LoadOrStore(ts, &requests{})
	return n.(*requests)
}

// counter VARIABLE STATUS [DELAY] starts a server that counts connections and
// answers every request with the status, after the delay.
func startCounter(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: counter VARIABLE STATUS [DELAY]")
	}
	status, err := strconv.Atoi(args[1])
	ts.Check(err)
	var delay time.Duration
	if len(args) == 3 {
		delay, err = time.ParseDuration(args[2])
		ts.Check(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	n := counterOf(ts)
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(delay):
			case <-r.Context().Done():
			}
			w.WriteHeader(status)
		}),
		ConnState: func(_ net.Conn, s http.ConnState) {
			if s == http.StateNew {
				n.n.Add(1)
			}
		},
	}
	go func() { _ = server.Serve(l) }()
	ts.Defer(func() { server.Close() })
	ts.Setenv(args[0], "http://"+l.Addr().String()+"/webhooks")
}

// counted N compares how many connections the counters of the script saw;
// counted N+ waits until there were at least so many.
func counted(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: counted N or counted N+")
	}
	number, atLeast := strings.CutSuffix(args[0], "+")
	want, err := strconv.ParseInt(number, 10, 64)
	ts.Check(err)
	n := counterOf(ts)
	for end := time.Now().Add(30 * time.Second); atLeast && n.n.Load() < want && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
	if got := n.n.Load(); got != want && !(atLeast && got > want) {
		ts.Fatalf("the server saw %d connections, want %s", got, args[0])
	}
}

// nowhere VARIABLE puts a URL into the variable where nothing listens.
func nowhere(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Check(l.Close())
	ts.Setenv(args[0], "http://"+l.Addr().String()+"/webhooks")
}

// absent TEXT FILE-OR-FOLDER… fails where the text stands in a file; it fails
// as well where there is no file to look at. stdout and stderr are files too.
func absent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: absent TEXT PATH...")
	}
	for _, path := range args[1:] {
		if path == "stdout" || path == "stderr" {
			if strings.Contains(ts.ReadFile(path), args[0]) {
				ts.Fatalf("%q stands in %s", args[0], path)
			}
			continue
		}
		files := 0
		ts.Check(filepath.WalkDir(ts.MkAbs(path), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			if strings.Contains(string(text), args[0]) {
				ts.Fatalf("%q stands in %s", args[0], path)
			}
			files++
			return err
		}))
		if files == 0 {
			ts.Fatalf("no file in %s", path)
		}
	}
}

// appears FILE waits until a file holds something.
func appears(ts *testscript.TestScript, _ bool, args []string) {
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if info, err := os.Stat(ts.MkAbs(args[0])); err == nil && info.Size() > 0 {
			return
		}
	}
	ts.Fatalf("%s does not appear", args[0])
}

// gone FILE waits until the process whose id is in the file has ended.
func gone(ts *testscript.TestScript, _ bool, args []string) {
	pid := strings.TrimSpace(ts.ReadFile(args[0]))
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if !running(pid) {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("process %s still runs", pid)
		}
	}
}

// running tells whether a process runs; one that only waits to be buried does not.
func running(pid string) bool {
	state, err := exec.Command("ps", "-o", "stat=", "-p", pid).Output()
	return err == nil && !strings.HasPrefix(strings.TrimSpace(string(state)), "Z")
}

// mode PERMISSIONS FILE… compares the permissions of files.
func mode(ts *testscript.TestScript, _ bool, args []string) {
	for _, path := range args[1:] {
		info, err := os.Stat(ts.MkAbs(path))
		ts.Check(err)
		if got := strconv.FormatInt(int64(info.Mode().Perm()), 8); got != args[0] {
			ts.Fatalf("%s has mode %s, want %s", path, got, args[0])
		}
	}
}
