package schedule

import "github.com/hookstone/hookstone/simulator/fault"

// UsualForgeries names what forged deliveries do where a scenario, or a Source,
// names nothing: those that a contract leaves nothing to act on are not made.
func UsualForgeries() []string { return fault.Names(defaultForgeries()) }
