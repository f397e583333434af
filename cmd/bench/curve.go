//go:build linux

package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// sample is the memory after so many deliveries.
type sample struct {
	deliveries int64
	rss        int64 // bytes
}

// samples kept of a run.
const curveSamples = 400

// curve follows the memory of a run of so many deliveries over 64 connections,
// and writes it down as data and as a picture.
func (b *bench) curve(deliveries uint64, folder string) error {
	r, err := startReceiver(b.receiverCore, 0, "")
	if err != nil {
		return err
	}
	defer r.kill()
	journal := filepath.Join(b.dir, "curve.jsonl")
	cmd := simulate(b.programs[0].program, b.provider, target{url: r.url, connections: 64}, journal,
		"--rate", "max", "--deliveries", strconv.FormatUint(deliveries, 10), "--quiet", "--out", filepath.Join(b.dir, "curve"))
	cmd.Stderr = b.log
	p, err := start(cmd, b.senderCore)
	if err != nil {
		return err
	}
	defer p.kill()
	var all []sample
	began, ended := time.Now(), false
	for next := int64(0); !ended; {
		select {
		case err := <-p.ended:
			if p.ended <- err; err != nil {
				return err
			}
			ended = true
			continue
		case <-time.After(10 * time.Millisecond):
		}
		n, _, err := r.counts()
		if err != nil {
			return err
		}
		if n < next {
			continue
		}
		if rss, _ := p.memory(); rss > 0 && n > 0 {
			all = append(all, sample{n, rss})
			next = n + int64(deliveries/curveSamples)
		}
		// The journal is written, and not kept: it would be some ten gigabytes.
		if err := os.Truncate(journal, 0); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if len(all) < 2 {
		return fmt.Errorf("%d deliveries were over before the memory was read twice", deliveries)
	}
	if err := writeCurve(folder, all); err != nil {
		return err
	}
	first, last := all[firstFrom(all, 100_000)], all[len(all)-1]
	fmt.Fprintf(b.out, "%s deliveries in %.0f s: %s after %s, %s after %s\n", thousands(float64(deliveries)), time.Since(began).Seconds(),
		megabytes(first.rss), thousands(float64(first.deliveries)), megabytes(last.rss), thousands(float64(last.deliveries)))
	return nil
}

// firstFrom is the first sample of at least so many deliveries, or the last.
func firstFrom(all []sample, deliveries int64) int {
	for i, s := range all {
		if s.deliveries >= deliveries {
			return i
		}
	}
	return len(all) - 1
}

func writeCurve(folder string, all []sample) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for name, write := range map[string]func(io.Writer, []sample) error{"memory.csv": writeCSV, "memory.svg": writeSVG} {
		file, err := os.Create(filepath.Join(folder, name))
		if err != nil {
			return err
		}
		if err := errors.Join(write(file, all), file.Close()); err != nil {
			return err
		}
	}
	return nil
}

func writeCSV(out io.Writer, all []sample) error {
	w := csv.NewWriter(out)
	_ = w.Write([]string{"deliveries", "rss_bytes"}) // Flush tells the error
	for _, s := range all {
		_ = w.Write([]string{strconv.FormatInt(s.deliveries, 10), strconv.FormatInt(s.rss, 10)})
	}
	w.Flush()
	return w.Error()
}

// writeSVG draws memory over deliveries, both from zero.
func writeSVG(out io.Writer, all []sample) error {
	const width, height, left, top, right, bottom = 760, 300, 60, 30, 46, 46
	var most, high int64 = 1, 1
	for _, s := range all {
		most, high = max(most, s.deliveries), max(high, s.rss>>20)
	}
	high = (high/10 + 1) * 10 // MB
	x := func(n int64) float64 { return left + float64(n)/float64(most)*(width-left-right) }
	y := func(mb float64) float64 { return height - bottom - mb/float64(high)*(height-top-bottom) }
	w := &errWriter{out: out}
	w.printf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12" role="img">`+"\n", width, height)
	w.printf("<title>Memory of hookstone simulate over %s deliveries</title>\n", thousands(float64(most)))
	w.printf(`<rect width="%d" height="%d" fill="#fff"/>`+"\n", width, height)
	w.printf(`<text x="%d" y="18" fill="#222">Memory of the process (RSS, MB), 64 connections at full speed</text>`+"\n", left)
	for mb := int64(0); mb <= high; mb += 10 {
		w.printf(`<path d="M%d %.1fH%d" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end" fill="#555">%d</text>`+"\n", left, y(float64(mb)), width-right, left-8, y(float64(mb))+4, mb)
	}
	for n, step := int64(0), roundStep(most); n <= most+step/10; n += step {
		w.printf(`<text x="%.1f" y="%d" text-anchor="middle" fill="#555">%s</text>`+"\n", x(n), height-bottom+18, thousands(float64(n)))
	}
	w.printf(`<text x="%d" y="%d" text-anchor="middle" fill="#222">deliveries</text>`+"\n", (width+left-right)/2, height-8)
	w.printf(`<polyline fill="none" stroke="#0b6bcb" stroke-width="1.5" points="`)
	for _, s := range all {
		w.printf("%.1f,%.1f ", x(s.deliveries), y(float64(s.rss)/(1<<20)))
	}
	w.printf(`"/>` + "\n</svg>\n")
	return w.err
}

// roundStep is 1, 2 or 5 with noughts behind it: the distance of some five marks.
func roundStep(most int64) int64 {
	for step := int64(1); ; step *= 10 {
		for _, n := range []int64{step, 2 * step, 5 * step} {
			if most <= 6*n {
				return n
			}
		}
	}
}

// errWriter keeps the first error.
type errWriter struct {
	out io.Writer
	err error
}

func (w *errWriter) printf(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.out, format, args...)
	}
}
