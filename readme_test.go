package domicile

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReadmeIsWhatRuns holds the README's first block of Go, and what it says that prints, to the Example that is executed.
func TestReadmeIsWhatRuns(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	source, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(source), "func Example() {\n")
	require.True(t, found)
	body, output, found := strings.Cut(rest, "\t// Output:\n")
	require.True(t, found)
	output = strings.TrimSuffix(strings.TrimSpace(output), "\n}")

	assert.Equal(t, unindent(body, "\t"), block(t, string(readme), "go"))
	assert.Equal(t, unindent(output, "\t// "), block(t, string(readme), "text"))
	assert.LessOrEqual(t, strings.Count(string(readme), "\n"), 150, "a README is read by people in a hurry")
}

func block(t *testing.T, text, language string) string {
	m := regexp.MustCompile("(?s)```" + language + "\n(.*?)\n```").FindStringSubmatch(text)
	require.NotNil(t, m, "README.md has no block of %s", language)
	return m[1]
}

func unindent(text, prefix string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimPrefix(strings.TrimPrefix(l, prefix), strings.TrimLeft(prefix, "\t"))
	}
	return strings.Join(lines, "\n")
}
