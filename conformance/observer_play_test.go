package conformance_test

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// playObserver is an observer's command that misbehaves.
func playObserver(how string) {
	say := func(text string) { fmt.Println(text) }
	switch how {
	case "dies at once":
		return
	case "banner first":
		say("observer 1.0 ready")
	case "line without end":
		fmt.Print(strings.Repeat("x", 1<<20))
	}
	questions := bufio.NewScanner(os.Stdin)
	for questions.Scan() {
		switch how {
		case "dies when asked":
			return
		case "garbage":
			say("\x00\xff}{")
		case "two answers":
			say(`{"count":0}`)
			say(`{"count":0}`)
		case "another's id":
			say(`{"id":"another","count":0}`)
		case "an error":
			say(`{"error":"no such table: deliveries"}`)
		default:
			say(`{"count":0}`)
		}
	}
}
