//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package wire

import "net"

// peek has no way here to look at a connection without reading from it; a
// closed one then shows at the next exchange (see Outcome.Stale).
func peek(net.Conn) lookedAt { return quiet }
