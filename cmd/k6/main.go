// Command k6 is k6 with the module k6/x/hookstone in it.
package main

import (
	_ "github.com/hookstone/hookstone/cmd/k6/extension"
	"go.k6.io/k6/v2/cmd"
)

func main() { cmd.Execute() }
