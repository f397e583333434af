package wire

import "syscall"

// Error numbers of Winsock by what they mean to an exchange.
var (
	errnoRefused     = []error{syscall.Errno(10061)}                                                                   // WSAECONNREFUSED
	errnoReset       = []error{syscall.Errno(10054), syscall.Errno(10053), syscall.Errno(10057), syscall.Errno(10058)} // WSAECONNRESET, WSAECONNABORTED, WSAENOTCONN, WSAESHUTDOWN
	errnoUnreachable = []error{syscall.Errno(10065), syscall.Errno(10051), syscall.Errno(10050), syscall.Errno(10060)} // WSAEHOSTUNREACH, WSAENETUNREACH, WSAENETDOWN, WSAETIMEDOUT
)
