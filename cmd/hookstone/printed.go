package main

import (
	"fmt"
	"strings"

	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/wire"
)

// printDelivery shows a signed delivery instead of sending it. A header whose
// value came from a variable shows the variable: "$NAME".
func printDelivery(c *console, f *sendFlags, to *aim, d *fault.Draft) error {
	for i, field := range d.Request.Fields {
		if variable, ok := f.variables[field.Name]; ok {
			d.Request.Fields[i].Value = "$" + variable
		}
	}
	switch f.print {
	case "http":
		fmt.Fprint(c.stdout, httpText(to, d.Request))
	case "curl":
		fmt.Fprintln(c.stdout, curlText(to, d.Request, f.variables))
	case "json":
		return c.machine(map[string]any{
			"url": to.url.String(), "method": d.Request.Method, "headers": pairs(d.Request.Fields),
			"body": string(d.Request.Body), "event": map[string]string{"type": d.Event.Type, "id": d.Event.ID},
			"seed": f.seed, "run_id": f.runID,
		})
	}
	return nil
}

// httpText spells the request as it would go over the wire.
func httpText(to *aim, r wire.Request) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", r.Method, to.url.RequestURI())
	if !has(r.Fields, "Host") {
		fmt.Fprintf(&b, "Host: %s\r\n", to.url.Host)
	}
	for _, field := range r.Fields {
		fmt.Fprintf(&b, "%s: %s\r\n", field.Name, field.Value)
	}
	if !has(r.Fields, "Content-Length") {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(r.Body))
	}
	b.WriteString("\r\n")
	b.Write(r.Body)
	return b.String()
}

// curlText spells the request as a command for a POSIX shell, which replaces
// variables. --data-raw sends the bytes as they are: nothing is encoded, no
// line break is taken out.
func curlText(to *aim, r wire.Request, variables map[string]string) string {
	lines := []string{"curl -i -X " + quoteWord(r.Method) + " " + quoteWord(to.url.String())}
	for _, field := range r.Fields {
		switch _, fromVariable := variables[field.Name]; {
		case fromVariable:
			lines = append(lines, `-H "`+field.Name+": "+field.Value+`"`)
		case field.Value == "":
			lines = append(lines, "-H "+quoteWord(field.Name+";")) // curl's way to send an empty header
		default:
			lines = append(lines, "-H "+quoteWord(field.Name+": "+field.Value))
		}
	}
	lines = append(lines, "--data-raw "+quoteWord(string(r.Body)))
	return strings.Join(lines, " \\\n  ")
}

func has(fields []wire.Field, name string) bool {
	for _, f := range fields {
		if strings.EqualFold(f.Name, name) {
			return true
		}
	}
	return false
}

func pairs(fields []wire.Field) [][2]string {
	out := make([][2]string, len(fields))
	for i, f := range fields {
		out[i] = [2]string{f.Name, f.Value}
	}
	return out
}
