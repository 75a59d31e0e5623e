package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type answer struct {
	Value int `json:"value"`
	bad   []string
}

func (a answer) Table() [][2]string { return [][2]string{{"value", fmt.Sprint(a.Value)}} }
func (a answer) Failures() []string { return a.bad }

// toy is a suite that answers what its flags say.
var toy = Suite{Name: "toy", Usage: "a toy", Flags: func(set *flag.FlagSet) Runner {
	how := set.String("how", "well", "")
	return func(_ context.Context, f Flags, p *Progress) (Outcome, error) {
		p.Say("on a terminal only")
		switch *how {
		case "badly":
			return answer{7, []string{"it is wrong"}}, nil
		case "not":
			return nil, errors.New("out of order")
		case "misused":
			return nil, fmt.Errorf("%w: -how misused", ErrUsage)
		}
		return answer{Value: int(f.Seed)}, nil
	}
}}

func run(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	require.NoError(t, err)
	defer file.Close()
	var out bytes.Buffer
	status = Main(args, []Suite{toy}, &out, file)
	text, err := os.ReadFile(file.Name())
	require.NoError(t, err)
	return status, out.String(), string(text)
}

func TestMain_status(t *testing.T) {
	for _, c := range []struct {
		args   string
		status int
		says   string
	}{
		{"", 2, "usage"},
		{"other", 2, "usage"},
		{"toy", 0, ""},
		{"toy -h", 0, "-seed"},
		{"toy -seed x", 2, "seed"},
		{"toy -unheard", 2, "unheard"},
		{"toy rest", 2, `"rest" is no flag`},
		{"toy -workers 0", 2, "-workers"},
		{"toy -time -1s", 2, "-time"},
		{"toy -steps -1", 2, "-steps"},
		{"toy -steps 1 -time 1s", 2, "two budgets"},
		{"toy -profile heap", 2, "-profile"},
		{"toy -how badly", 1, "check failed: it is wrong"},
		{"toy -how not", 1, "out of order"},
		{"toy -how misused", 2, "-how misused"},
	} {
		status, _, stderr := run(t, strings.Fields(c.args)...)
		assert.Equal(t, c.status, status, c.args)
		assert.Contains(t, stderr, c.says, c.args)
	}
}

// The JSON object is the last line of standard output; nothing is drawn where there is no terminal.
func TestMain_json(t *testing.T) {
	status, stdout, stderr := run(t, "toy", "-json", "-seed", "5")
	assert.Zero(t, status)
	assert.Empty(t, stderr)
	lines := strings.Split(strings.TrimRight(stdout, "\n"), "\n")
	var fields map[string]any
	require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &fields))
	assert.Equal(t, "toy", fields["suite"])
	assert.Equal(t, 5.0, fields["seed"])
	assert.Equal(t, 5.0, fields["value"])
	for _, name := range []string{"seconds", "cpu_seconds", "peak_rss_bytes"} {
		assert.Contains(t, fields, name)
	}
	assert.Contains(t, lines[0], "value")

	_, stdout, _ = run(t, "toy")
	assert.NotContains(t, stdout, "{")
}

func TestProfile(t *testing.T) {
	dir := t.TempDir()
	for kind, file := range map[string]string{"cpu": "cpu.pprof", "mem": "mem.pprof", "trace": "trace.out"} {
		status, _, _ := run(t, "toy", "-profile", kind, "-profile-dir", dir)
		assert.Zero(t, status)
		assert.FileExists(t, filepath.Join(dir, file))
	}
}

func TestStopwatch(t *testing.T) {
	watch := Start()
	sum := 0
	for i := range 50_000_000 {
		sum ^= i
	}
	assert.NotEqual(t, 1, sum)
	assert.Positive(t, watch.Wall())
	assert.Positive(t, watch.CPU())
	assert.Positive(t, peakRSS())
}
