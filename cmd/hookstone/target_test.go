package main

import (
	"errors"
	"testing"
)

func TestLoopback(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST": true, "localhost.": true, "app.localhost": true,
		"127.0.0.1": true, "127.255.0.3": true, "::1": true, "::ffff:127.0.0.1": true,
		"localhost.example": false, "notlocalhost": false, "127.0.0.1.example": false,
		"0.0.0.0": false, "::": false, "127.1": false, "2130706433": false, "0x7f000001": false,
		"10.0.0.1": false, "192.168.0.1": false, "example.com": false, "": false, "::ffff:10.0.0.1": false,
	} {
		if got := loopback(host); got != want {
			t.Errorf("loopback(%q) = %t; want %t", host, got, want)
		}
	}
}

func TestTargetURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		flags targetFlags
		want  string // "": refused
	}{
		{targetFlags{target: "http://127.0.0.1:3000/webhooks"}, "http://127.0.0.1:3000/webhooks"},
		{targetFlags{target: "http://[::1]:3000/a?b=c"}, "http://[::1]:3000/a?b=c"},
		{targetFlags{exec: "node app.js"}, "http://127.0.0.1:4567/webhooks"},
		{targetFlags{exec: "node app.js", target: "http://localhost:{port}/in"}, "http://localhost:4567/in"},
		{targetFlags{target: "http://127.0.0.1:{port}/"}, ""},
		{targetFlags{target: "https://staging.example/x", allowHost: []string{"STAGING.example"}}, "https://staging.example/x"},
		{targetFlags{target: "https://[2001:db8::1]/x", allowHost: []string{"[2001:db8::1]"}}, "https://[2001:db8::1]/x"},
		{targetFlags{target: "https://staging.example/x", allowHost: []string{"example"}}, ""},
		{targetFlags{target: "https://staging.example/x"}, ""},
		{targetFlags{target: "/webhooks"}, ""},
		{targetFlags{target: "http:///webhooks"}, ""},
		{targetFlags{target: "http://127.0.0.1/#part"}, ""},
		{targetFlags{target: "http://u:p@127.0.0.1/"}, ""},
	} {
		u, err := c.flags.url(4567)
		switch {
		case c.want == "":
			var f *failure
			if !errors.As(err, &f) || f.code != exitUsage {
				t.Errorf("url of %+v = %v, %v; want a usage failure", c.flags, u, err)
			}
		case err != nil || u.String() != c.want:
			t.Errorf("url of %+v = %v, %v; want %s", c.flags, u, err, c.want)
		}
	}
}
