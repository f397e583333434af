//go:build !windows

package wire

import "syscall"

// Error numbers by what they mean to an exchange.
var (
	errnoRefused = []error{syscall.ECONNREFUSED}
	// A broken pipe is how a reset shows to the side that was writing.
	errnoReset       = []error{syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED, syscall.ENOTCONN}
	errnoUnreachable = []error{syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.ENETDOWN, syscall.EHOSTDOWN, syscall.ETIMEDOUT}
)
