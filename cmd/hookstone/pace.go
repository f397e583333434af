package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

// paceFlags bound how hard the receiver is pressed.
type paceFlags struct {
	rateText    string
	rate        float64 // deliveries a second; 0: the default
	concurrency int
}

func (p *paceFlags) flags(f *pflag.FlagSet) {
	f.StringVar(&p.rateText, "rate", "", "at most `N` deliveries a second, or N/m (default 10 off loopback)")
	f.IntVar(&p.concurrency, "concurrency", 0, "at most `N` deliveries at a time (default 8, off loopback 4)")
}

func (p *paceFlags) check() error {
	if p.concurrency < 0 {
		return usagef("", "--concurrency %d is negative", p.concurrency)
	}
	if p.rateText == "" {
		return nil
	}
	number, unit, _ := strings.Cut(p.rateText, "/")
	rate, err := strconv.ParseFloat(number, 64)
	if err != nil || !(rate > 0 && rate < 1e9) {
		return usage(fmt.Errorf("--rate %q is not a positive number of deliveries", p.rateText), "write --rate 10, 10/s or 600/m")
	}
	switch unit {
	case "", "s":
	case "m":
		rate /= 60
	default:
		return usage(fmt.Errorf("--rate %q: the unit is neither s nor m", p.rateText), "write --rate 10, 10/s or 600/m")
	}
	p.rate = rate
	return nil
}

// reproduce spells the flags again.
func (p *paceFlags) reproduce() []string {
	var words []string
	if p.rateText != "" {
		words = append(words, "--rate", p.rateText)
	}
	if p.concurrency != 0 {
		words = append(words, "--concurrency", strconv.Itoa(p.concurrency))
	}
	return words
}
