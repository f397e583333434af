package main

import (
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/hookstone/hookstone/simulator/schedule"
)

// metricsServer serves a run's metrics, where --metrics asks for it.
type metricsServer struct {
	server   *http.Server
	snapshot atomic.Pointer[func() schedule.Snapshot]
}

func (f *simulateFlags) serveMetrics(c *console) (*metricsServer, error) {
	m := &metricsServer{}
	if f.metrics == "" {
		return m, nil
	}
	l, err := net.Listen("tcp", f.metrics)
	if err != nil {
		return nil, environment(fmt.Errorf("--metrics: %w", err), "name a free address: --metrics 127.0.0.1:9464")
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		snapshot := m.snapshot.Load()
		if snapshot == nil {
			http.Error(w, "the run has not begun", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_ = schedule.WriteMetrics(w, (*snapshot)()) // the reader may leave
	})
	m.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = m.server.Serve(l) }()
	c.note("metrics at http://%s/metrics", l.Addr())
	return m, nil
}

func (m *metricsServer) attach(snapshot func() schedule.Snapshot) { m.snapshot.Store(&snapshot) }

func (m *metricsServer) close() {
	if m.server != nil {
		m.server.Close()
	}
}
