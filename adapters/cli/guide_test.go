package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// consoleBlock is a block of commands and what they print. Those marked as shared need outside data.
var consoleBlock = regexp.MustCompile("(?s)```console( shared)?\n(.*?)```\n")

// TestNetworkGuideIsWhatRuns runs the commands of docs/networks.md from the top and compares what they print.
func TestNetworkGuideIsWhatRuns(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	file := filepath.Join(root, "docs", "networks.md")
	guide, err := os.ReadFile(file)
	require.NoError(t, err)
	data := os.Getenv("DOMICILE_DATA")
	if data == "" {
		data = filepath.Join(root, "..", "shared", "data")
	}
	dir := t.TempDir() // looks like the root of the project, with the data beside it
	work := filepath.Join(dir, "domicile")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "shared"), 0o755))
	require.NoError(t, os.Mkdir(work, 0o755))
	require.NoError(t, os.Symlink(filepath.Join(root, "docs"), filepath.Join(work, "docs")))
	require.NoError(t, os.Symlink(data, filepath.Join(dir, "shared", "data")))
	_, err = os.Stat(filepath.Join(data, "latency"))
	shared := err == nil
	t.Chdir(work)

	ran := 0
	got := consoleBlock.ReplaceAllStringFunc(string(guide), func(block string) string {
		m := consoleBlock.FindStringSubmatch(block)
		if m[1] != "" && !shared {
			t.Logf("no outside data in %s: left out %s", data, m[2])
			return block
		}
		var out bytes.Buffer
		for line := range strings.Lines(m[2]) {
			if args, ok := strings.CutPrefix(line, "$ domicile "); ok {
				out.WriteString(line)
				ran++
				Run(context.Background(), strings.Fields(args), &out, &out)
			}
		}
		return "```console" + m[1] + "\n" + out.String() + "```\n"
	})
	assert.GreaterOrEqual(t, ran, 5)
	if *rewrite {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
		return
	}
	assert.Equal(t, string(guide), got, "go test ./adapters/cli -run Guide -rewrite brings the guide up to date")
}

// TestNetworkGuideShowsTheExample holds the guide's Go, and what it says that prints, to the Example that is executed.
func TestNetworkGuideShowsTheExample(t *testing.T) {
	guide, err := os.ReadFile("../../docs/networks.md")
	require.NoError(t, err)
	source, err := os.ReadFile("../../topology/network_example_test.go")
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(source), "func ExampleReadNetwork() {\n")
	body, rest, found := strings.Cut(rest, "\t// Output:\n")
	require.True(t, found)
	output, _, _ := strings.Cut(rest, "}\n")
	bare := func(text, prefix string) string { return strings.ReplaceAll("\n"+text, "\n"+prefix, "\n") }
	assert.Contains(t, string(guide), "```go"+bare(body, "\t")+"```")
	assert.Contains(t, string(guide), "```text"+bare(output, "\t// ")+"```")
}
