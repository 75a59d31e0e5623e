package document

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// agree fails unless a text read in parts is the same tree as the text read as a whole; it returns whether it could be
// read in parts.
func agree(t *testing.T, text []byte) bool {
	t.Helper()
	parts := &doc{file: "f"}
	root, ok := parts.readParts(text, 1)
	require.Empty(t, parts.defects)
	if !ok {
		return false
	}
	whole := &doc{file: "f"}
	want, err := whole.readWhole(text)
	require.NoError(t, err, "%q", text)
	require.Empty(t, whole.defects)
	require.Equal(t, want, root)
	return true
}

func TestPartsAgreeWithWhole(t *testing.T) {
	for _, c := range []struct {
		text string
		ok   bool
	}{
		{"a: 1\nb:\n- x\n- y: 1\n  z: [1,\n    2]\n- |\n  text\n\n  - more\n# comment\n-\n  k: v\nc: {}\n", true},
		{"# head\n\na:\n  - 1\n  # between\n\n  - 2\n\nb: # comment\n  x: 1\n  y:\n  - 2\nc: >+\n  folded\n\n\nd:\n", true},
		{"a: x\n  y\n  z\nb:\n- p\n  q\n- 'r\n  s'\n", true},
		{"a:\n- |+\n  keep\n\n\n- 1\n", true},
		{"a:\n-\n  - 1\n  - 2\n-\n  - 3\n", true},
		{"a:\n- x\n# trailing", true},
		{"a: \"x\n- y\"\n", true},          // one section, one part
		{"a:\n- \"x\n- y\"\nb: 1\n", true}, // open quotes at the end of a part: the section is read as one
		{"a:\n- [x,\n- y]\n", false},       // and here there is no reading it
		{"a: \"x\nb: y\"\n", false},        // a key inside quotes
		{"a: 1\n---\nb: 1\n", false},       // two documents
		{"%YAML 1.2\n---\na: 1\n", false},  // a directive
		{"a: 1\n...\n", false},             // an end
		{"a: 1\r\nb: 2\r\n", false},        // line breaks of another kind
		{"a: 1\u2028b: 2\n", false},        //
		{"\ufeffa: 1\n", false},            // a byte order mark
		{"{a: 1,\nb: 2}\n", false},         // flow style
		{"\"a\": 1\n", false},              // quoted keys
		{"a: &x 1\nb: *x\n", false},        // anchors
		{"a: 1\na: 2\n", false},            // duplicates
		{"a:\n- {b: 1, b: 2}\n", false},    //
		{"a:\n  - 1\n - 2\n", false},       // bad indentation
		{"a:\n- 1\n  - 2\nb: [\n", false},  // not closed
		{"- 1\n", false},                   // no mapping
		{"", false},                        //
		{"# only a comment\n", false},      //
		{"a: " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "\n", false},
	} {
		require.Equal(t, c.ok, agree(t, []byte(c.text)), "%q", c.text)
	}
}

// TestParseInParts: what is read in parts keeps its lines, and one wrong entry has the file read as a whole.
func TestParseInParts(t *testing.T) {
	inParts := func(text string) (*Object, error) {
		return parse("f.yaml", "Thing", strings.NewReader(text), errTest, limits{file: 1 << 20, part: 100})
	}
	var b strings.Builder
	b.WriteString(head("items:\n"))
	const n = 500
	for i := range n {
		fmt.Fprintf(&b, "- id: item-%d\n  deep: {cpu: 4}\n", i)
	}
	o, err := inParts(b.String())
	require.NoError(t, err)
	items := o.Objects("items")
	require.Len(t, items, n)
	items[n-1].Defect("deep", "here")
	require.EqualError(t, o.Err(), fmt.Sprintf("f.yaml:%d: items[%d].deep: here", 3+2*n, n-1))

	b.WriteString("- id: &x y\n")
	o, err = inParts(b.String())
	require.NoError(t, err)
	require.EqualError(t, o.Err(), fmt.Sprintf("f.yaml:%d: items[%d].id: anchors such as &x are not allowed", 4+2*n, n))

	b.WriteString("- id: [\n")
	_, err = inParts(b.String())
	require.ErrorContains(t, err, fmt.Sprintf("f.yaml:%d: is not YAML: ", 5+2*n))
}

// FuzzParts looks for a text that means something else when it is read in parts.
func FuzzParts(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(f, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		for _, part := range strings.Split(string(text), "\n===") {
			f.Add([]byte(part))
		}
	}
	f.Add([]byte("a:\n- x: 1\n  y: |\n   - z\n- 'it\n- s'\n-\n  - k\nb: # c\n  - [1,\n 2]\n  - d\n"))
	f.Add([]byte("a:\n  - \"x\n  - y\"\n  - >-\n    z\n\n    - w\n\n\n# c\n  - last\n"))
	f.Add([]byte("a: 1\nb:\n- ? x\n  : y\n- k: v\n  # c\n- !t 5\n- &a b\n- *a\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) < 1<<12 {
			agree(t, text)
		}
	})
}
