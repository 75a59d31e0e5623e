package document

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/internal/quantity"
)

// steps is enough for a test to notice, by not ending, what costs the square of it.
const steps = 200_000

// TestManyDefectsAt: each defect costs the length of its path, not the size of what stands there.
func TestManyDefectsAt(t *testing.T) {
	o := mustParse(t, head("words: ["+strings.Repeat("x,", steps)+"]\n"))
	o.Strings("words")
	for i := range steps {
		o.DefectAt("words", "is wrong in way %d", i)
		o.DefectAt(Index("words", i), "is wrong")
	}
	lines := strings.Split(o.Err().Error(), "\n")
	require.Len(t, lines, mostDefects+1)
	assert.Equal(t, "f.yaml:3: words: is wrong in way 0", lines[0])
	assert.Equal(t, fmt.Sprintf("f.yaml: and %d more", 2*steps-mostDefects), lines[mostDefects])
}

func TestManyKeys(t *testing.T) {
	var b strings.Builder
	b.WriteString(head("pairs:\n"))
	for i := range steps {
		fmt.Fprintf(&b, "  k%d: %d\n", i, i)
	}
	o := mustParse(t, b.String())
	amounts := o.Object("pairs")
	for i, p := range o.Pairs("pairs") {
		require.Equal(t, int64(i), amounts.Quantity(p.Key, quantity.Count))
		require.Equal(t, int64(i), amounts.Int(p.Key))
		amounts.Defect(p.Key, "is wrong")
		o.DefectAt(Key("pairs", p.Key), "is news to nobody")
	}
	require.False(t, amounts.Has("k"))
	require.ErrorContains(t, o.Err(), fmt.Sprintf("f.yaml: and %d more", steps-mostDefects))
}

// TestTroubleSpreads: an owner of a defect is known to have one, however the defect was noted.
func TestTroubleSpreads(t *testing.T) {
	for _, c := range []struct{ text, path string }{
		{"words: [1]", "words"},
		{"items: [{id: 5}]", "items"},
		{"items: [5]", "items"},
		{"items: [{id: x, deep: {cpu: y}}]", "items[0].deep"},
		{"items: [{id: x, deep: {cpu: y}}]", "items[0]"},
		{"items: [{deep: {cpu: 1}}]", "items"},
		{"pairs: {x: []}", "pairs"},
		{"free: {x: [[~]]}", "free"},
		{"free: {x: [[~]]}", "free.x[0]"},
		{"free: {x: [[&a 5]]}", "free"},
		{"free: {<<: {a: b}}", "free"},
	} {
		o := mustParse(t, head("name: x\n"+c.text+"\n"))
		thing(o)
		before := o.Err()
		require.Error(t, before, c.text)
		o.DefectAt(c.path, "is news")
		assert.Equal(t, before.Error(), o.Err().Error(), c.text)
		o.DefectAt("name", "is news")
		assert.NotEqual(t, before.Error(), o.Err().Error(), c.text)
	}
}

func TestUncounted(t *testing.T) {
	o := mustParse(t, head("name: x\n"))
	require.NoError(t, o.Err())
	o.DefectAt("name", "is wrong")
	o.Uncounted(7)
	require.EqualError(t, o.Err(), "f.yaml:3: name: is wrong\nf.yaml: and 7 more")
}

// TestNodeLimit: what costs memory is the number of values, whatever the size of the file.
func TestNodeLimit(t *testing.T) {
	const most = 1000
	read := func(text string) error {
		_, err := parse("f", "Thing", strings.NewReader(text), errTest, limits{file: 1 << 20, nodes: most, part: 10})
		return err
	}
	const start = `{"apiVersion":"domicile.eu/v1alpha1","kind":"Thing",` + "\n" + `"free":[`
	zeros := func(n int) string { return strings.TrimSuffix(strings.Repeat("0,", n), ",") }
	require.NoError(t, read(start+zeros(most-4)+"]}"))
	require.EqualError(t, read(start+zeros(most-3)+"]}"), "f:2: has more than 1000 values")

	require.NoError(t, read(head("free:\n"+strings.Repeat("- 0\n", 220)+"name:\n"+strings.Repeat(" - x\n", 220))))
	require.NoError(t, read(head("free: ["+zeros(most/2-5)+"]\n")))
	require.EqualError(t, read(head("free: ["+zeros(most/2)+"]\n")),
		"f: has more than 500 lines, commas and brackets, and a defect or a form in which it can not be read in parts")
	require.EqualError(t, read(head("free: ["+zeros(most)+"]\n")), "f: has more than 1000 lines, commas and brackets")
	require.EqualError(t, read(head("free:\n"+strings.Repeat("- 0\n", most))), "f: has more than 1000 lines, commas and brackets")
	require.EqualError(t, read(head("free: ["+strings.Repeat("a: b,", 300)+"]\nname: ["+strings.Repeat("a: b,", 300)+"]\n")),
		"f: has more than 500 lines, commas and brackets, and a defect or a form in which it can not be read in parts")
}

// TestAtLeast holds the estimate against what it estimates: no text has twice as many values.
func TestAtLeast(t *testing.T) {
	for _, text := range []string{
		"[0,0,0,0]", "[a: b, c: d]", "{a, b, c}", "- - - x\n- - y\n", "? a\n: b\n? c\n: d\n", "- a: b\n  c: d\n", "-\n  -\n    - x\n",
		"a: [b, {c: d}]\ne:\n- f\n", `{"a":[{"b":1},{"c":2}]}`, "- ? a\n  : b\n",
	} {
		d := &doc{file: "f"}
		_, err := d.readWhole([]byte(text))
		require.NoError(t, err)
		assert.LessOrEqual(t, d.nodes, 2*(atLeast([]byte(text))+1), text)
	}
}

// TestManySections: a file of many top-level keys is none of ours, and is not worth a reading each.
func TestManySections(t *testing.T) {
	var b strings.Builder
	for i := range mostSections + 1 {
		fmt.Fprintf(&b, "k%d:\n", i)
	}
	require.False(t, agree(t, []byte(b.String())))
	require.True(t, agree(t, []byte(strings.TrimSuffix(b.String(), fmt.Sprintf("k%d:\n", mostSections)))))
}
