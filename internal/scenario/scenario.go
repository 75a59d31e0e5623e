// Package scenario runs the scenario files of tests: prose, an input, and the output that it must give.
//
//	# What this case is about, in as many lines as it takes.
//	=== name of the case
//	the input
//	---
//	the output
//
// A line that starts with "# " ends an output, one of "---" an input; blank lines of outputs do not count.
package scenario

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write what comes out into the scenario files instead of comparing")

// Case is one scenario.
type Case struct {
	Prose, Name, Input, Want string
}

// Run hands the input of every case in the files that match pattern to f and compares what comes out. Called with
// -rewrite, it stores what comes out. Finding no case is a failure.
func Run(t *testing.T, pattern string, f func(t *testing.T, c Case) string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenario files match %s (%v)", pattern, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		cases := parse(string(text))
		if len(cases) == 0 {
			t.Fatalf("%s has no scenario", file)
		}
		for i, c := range cases {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt")+"/"+c.Name, func(t *testing.T) {
				got := strings.TrimRight(f(t, c), "\n") + "\n"
				if *rewrite {
					cases[i].Want = got
				} else if got != c.Want {
					t.Errorf("%s\ngot:\n%s\nwant:\n%s", difference(got, c.Want), got, c.Want)
				}
			})
		}
		if *rewrite {
			if err := os.WriteFile(file, []byte(format(cases)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// difference names the first line in which two texts differ.
func difference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d is\n  %s\ninstead of\n  %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines instead of %d", len(g), len(w))
}

// parse splits a file into its cases.
func parse(text string) []Case {
	var cases []Case
	var prose strings.Builder
	const outside, input, output = 0, 1, 2
	state := outside
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "=== "):
			name := strings.TrimSpace(strings.TrimPrefix(line, "=== "))
			cases = append(cases, Case{Prose: prose.String(), Name: name})
			prose.Reset()
			state = input
		case strings.TrimSpace(line) == "---" && state == input:
			state = output
		case strings.HasPrefix(line, "# ") && state == output:
			state = outside
			prose.WriteString(line)
		case state == outside:
			prose.WriteString(line)
		case state == input:
			cases[len(cases)-1].Input += line
		case strings.TrimSpace(line) != "":
			cases[len(cases)-1].Want += line
		}
	}
	return cases
}

func format(cases []Case) string {
	var b strings.Builder
	for i, c := range cases {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(c.Prose + "=== " + c.Name + "\n" + c.Input + "---\n" + c.Want)
	}
	return b.String()
}
