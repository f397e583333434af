//go:build !linux

package schedule

func newLeisure() leisure { return turns{} }
