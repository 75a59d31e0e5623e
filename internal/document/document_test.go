package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/internal/quantity"
	"github.com/domicile-eu/domicile/internal/scenario"
)

var errTest = errors.New("invalid test")

// thing reads one of everything, as a format's reader does.
func thing(o *Object) string {
	var b strings.Builder
	o.Known("name", "count", "ratio", "flag", "memory", "at", "words", "inner", "items", "pairs", "free")
	o.Required("name")
	fmt.Fprintf(&b, "name %q count %d ratio %v flag %v memory %d\n", o.String("name"), o.Int("count"), o.Float("ratio"),
		o.Bool("flag"), o.Quantity("memory", quantity.Bytes))
	if at := o.Time("at"); !at.IsZero() {
		fmt.Fprintf(&b, "at %s\n", at.Format(time.RFC3339))
	}
	fmt.Fprintf(&b, "words %q\n", o.Strings("words"))
	inner := o.Object("inner")
	inner.Known("x")
	inner.Required("x")
	fmt.Fprintf(&b, "inner %v %d\n", o.Has("inner"), inner.Int("x"))
	for i, item := range o.Objects("items") {
		item.Known("id", "deep")
		item.Required("id")
		fmt.Fprintf(&b, "item %d %q %d\n", i, item.String("id"), item.Object("deep").Quantity("cpu", quantity.Cores))
	}
	for _, p := range o.Pairs("pairs") {
		fmt.Fprintf(&b, "pair %s=%s line %d\n", p.Key, p.Value, p.Line)
	}
	fmt.Fprintf(&b, "free %#v\n", o.Any("free"))
	return b.String()
}

func TestScenarios(t *testing.T) {
	scenario.Run(t, "testdata/*.txt", func(t *testing.T, c scenario.Case) string {
		o, err := Parse("thing.yaml", "Thing", strings.NewReader(c.Input), errTest)
		if err != nil {
			require.Nil(t, o)
			require.ErrorIs(t, err, errTest)
			return err.Error()
		}
		read := thing(o)
		if err := o.Err(); err != nil {
			require.ErrorIs(t, err, errTest)
			return err.Error()
		}
		return read
	})
}

func head(rest string) string {
	return "apiVersion: domicile.eu/v1alpha1\nkind: Thing\n" + rest
}

func mustParse(t *testing.T, text string) *Object {
	t.Helper()
	o, err := Parse("f.yaml", "Thing", strings.NewReader(text), errTest)
	require.NoError(t, err)
	return o
}

func TestSizeLimit(t *testing.T) {
	text := head("name: " + strings.Repeat("x", 2<<20) + "\n")
	_, err := parse("f.yaml", "Thing", strings.NewReader(text), errTest, limits{file: 1 << 20})
	require.EqualError(t, err, "f.yaml: is larger than 1 MiB")
	_, err = parse("f.yaml", "Thing", strings.NewReader(text), errTest, limits{file: int64(len(text))})
	require.NoError(t, err)
}

func TestNotUTF8(t *testing.T) {
	_, err := Parse("f.yaml", "Thing", strings.NewReader(head("name: é\nfree: a\xffb\n")), errTest)
	require.EqualError(t, err, "f.yaml:4: is not UTF-8 text")
}

func TestReaderFails(t *testing.T) {
	_, err := Parse("f.yaml", "Thing", iotest.ErrReader(io.ErrUnexpectedEOF), errTest)
	require.EqualError(t, err, "f.yaml: unexpected EOF")
	require.ErrorIs(t, err, errTest)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

func TestDepthLimit(t *testing.T) {
	for _, c := range []struct{ open, close string }{{"[", "]"}, {`{"a":`, "}"}} {
		for _, head := range []string{head("free: "), `{"apiVersion":"domicile.eu/v1alpha1","kind":"Thing","free":`} {
			deep := func(n int) string {
				text := head + strings.Repeat(c.open, n) + "1" + strings.Repeat(c.close, n)
				if head[0] == '{' {
					text += "}"
				}
				return text
			}
			_, err := Parse("f", "Thing", strings.NewReader(deep(maxDepth-1)), errTest)
			require.NoError(t, err)
			_, err = Parse("f", "Thing", strings.NewReader(deep(maxDepth)), errTest)
			require.ErrorContains(t, err, "is nested deeper than 100 levels")
			_, err = Parse("f", "Thing", strings.NewReader(deep(1_000_000)), errTest)
			require.Error(t, err)
		}
	}
}

func TestManyDefects(t *testing.T) {
	var b strings.Builder
	b.WriteString(head("items:\n"))
	for range 250 {
		b.WriteString("- {idd: x}\n")
	}
	o := mustParse(t, b.String())
	thing(o)
	lines := strings.Split(o.Err().Error(), "\n")
	require.Len(t, lines, 101)
	assert.Equal(t, "f.yaml:1: name: is missing", lines[0])
	assert.Equal(t, "f.yaml: and 401 more", lines[100])
}

func TestVeryManyDefects(t *testing.T) {
	o := mustParse(t, head(strings.Repeat("name: x\n", 20_001)))
	lines := strings.Split(o.Err().Error(), "\n")
	require.Len(t, lines, 101)
	assert.Equal(t, "f.yaml:4: name: stands in line 3 already", lines[0])
	assert.Equal(t, "f.yaml: and 19900 more", lines[100])
}

// TestDefectAt: a validator that knows nothing of files names paths; they get lines, unless that place is known to be bad.
func TestDefectAt(t *testing.T) {
	o := mustParse(t, head(`name: 5
items:
- id: a
  deep: {cpu: 1, "a.b": 2}
- just text
- id: b
  deep:
    cpu: many
`))
	thing(o)
	o.DefectAt("name", "swallowed: it was not text")
	o.DefectAt("items[0].deep.cpu", "line 6")
	o.DefectAt(Key("items[0].deep", "a.b"), "line 6, quoted key")
	o.DefectAt("items[0].missing.further", "line 5")
	o.DefectAt("items[1].id", "swallowed: the entry is no mapping")
	o.DefectAt("items[2].deep", "swallowed: what is below is bad")
	o.DefectAt("items[2].id", "line 8")
	o.DefectAt("items[7].id", "line 4")
	o.DefectAt("nowhere", "line 1")
	o.Objects("items")[0].DefectAt("id", "line 5, from below")
	require.EqualError(t, o.Err(), `f.yaml:1: nowhere: line 1
f.yaml:3: name: must be text: put 5 in quotes
f.yaml:4: items[7].id: line 4
f.yaml:5: items[0].missing.further: line 5
f.yaml:5: items[0].id: line 5, from below
f.yaml:6: items[0].deep.cpu: line 6
f.yaml:6: items[0].deep."a.b": line 6, quoted key
f.yaml:7: items[1]: must be a mapping, not "just text"
f.yaml:8: items[2].id: line 8
f.yaml:10: items[2].deep.cpu: "many" is not a number of cores such as 4, 0.5 or 500m`)
}

func TestDefect(t *testing.T) {
	o := mustParse(t, head("items:\n- {id: x}\n"))
	item := o.Objects("items")[0]
	item.Defect("id", "is %s", "taken")
	item.Defect("id", "is taken")
	item.Defect("other", "is wanted")
	item.Defect("", "is odd")
	item.Required("id")
	o.Object("absent").Defect("x", "can not be")
	require.EqualError(t, o.Err(), `f.yaml:1: absent.x: can not be
f.yaml:4: items[0].id: is taken
f.yaml:4: items[0].other: is wanted
f.yaml:4: items[0]: is odd`)
}

// TestJSONLikeYAML: the same document gives the same answers and defects in both forms.
func TestJSONLikeYAML(t *testing.T) {
	const text = `{
"apiVersion": "domicile.eu/v1alpha1", "kind": "Thing",
"name": "a\u00e9b", "count": %s,
"ratio": 1.5e1, "flag": true, "memory": "16Gi",
"words": ["a", 7,
 "b"],
"items": [{"id": "x"}, 5, {"id": "y", "deep": {"cpu": 4}}],
"pairs": {"k": "v", "n": 5},
"free": {"a": [1, 2.5, "x", false, null], "b": {}},
"free": 5
}
`
	for _, count := range []string{"3", "3.5", `"3"`, "99999999999999999999"} {
		one := strings.ReplaceAll(text, "%s", count)
		both := [2]string{}
		for i, text := range []string{one, "# not JSON\n" + one} {
			require.Equal(t, i == 0, isJSON("f.yaml", []byte(text)))
			o := mustParse(t, text)
			both[i] = thing(o) + o.Err().Error()
		}
		for line := 30; line > 0; line-- {
			both[0] = strings.ReplaceAll(both[0], fmt.Sprintf("yaml:%d:", line), fmt.Sprintf("yaml:%d:", line+1))
			both[0] = strings.ReplaceAll(both[0], fmt.Sprintf("line %d\n", line), fmt.Sprintf("line %d\n", line+1))
			both[0] = strings.ReplaceAll(both[0], fmt.Sprintf("line %d already", line), fmt.Sprintf("line %d already", line+1))
		}
		assert.Equal(t, both[1], both[0])
	}
}

// TestExponents: programs write numbers in ways that people do not.
func TestExponents(t *testing.T) {
	for text, want := range map[string]int64{
		"5e-05": 50, "5.0E-5": 50, "1e3": 1e9, "1.25e1": 12_500_000, "12.5e+0": 12_500_000, "0e-30": 0, "0.5e1": 5_000_000,
		"1000e-3": 1_000_000, "123.456e-2": 1_234_560,
	} {
		for _, in := range []string{head("x: " + text), `{"apiVersion":"domicile.eu/v1alpha1","kind":"Thing","x":` + text + "}"} {
			o := mustParse(t, in)
			assert.Equal(t, want, o.Quantity("x", quantity.Euro), text)
			assert.NoError(t, o.Err())
		}
	}
	for text, want := range map[string]string{
		"5e-07":   `"0.0000005" is finer than a millionth of a euro`,
		"-5e-05":  `"-0.00005" is negative`,
		"1e31":    `"1e31" is not an amount of euros such as 0.012`,
		"1e30":    `"1000000000000000000000000000000" is too large`,
		`"5e-05"`: `"5e-05" is not an amount of euros such as 0.012`,
	} {
		o := mustParse(t, head("x: "+text))
		o.Quantity("x", quantity.Euro)
		assert.ErrorContains(t, o.Err(), want)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"id", "name", "country", "capacity"}
	for word, want := range map[string]string{
		"nmae": "name", "Country": "country", "capcity": "capacity", "": "", "x": "", "ide": "id", "zzzz": "",
		"countries": "", strings.Repeat("name", 100): "",
	} {
		assert.Equal(t, want, Nearest(word, known), word)
	}
}

// FuzzParse: no text panics or hangs, and what is refused names its file.
func FuzzParse(f *testing.F) {
	f.Add([]byte(head("name: x\nitems: [{id: a, deep: {cpu: 4}}]\nfree: {a: [1, 2.5, x, true]}\n")))
	f.Add([]byte(`{"apiVersion":"domicile.eu/v1alpha1","kind":"Thing","name":"x","free":[null,1e999]}`))
	f.Add([]byte(head("a: &x [1]\nb: *x\n<<: {}\n? [k]\n: v\nc: !!str 5\n---\n")))
	f.Add([]byte(head("- x\n")))
	f.Add([]byte(head("at: 2026-02-30\nmemory: -5\nratio: .nan\nflag: yes\nname: |\n  a\n  b\n")))
	f.Fuzz(func(t *testing.T, text []byte) {
		o, err := Parse("f.yaml", "Thing", bytes.NewReader(text), errTest)
		if err == nil {
			thing(o)
			o.DefectAt("items[0].deep", "x")
			err = o.Err()
		} else if o != nil {
			t.Fatal("an object beside an error")
		}
		if err != nil {
			require.ErrorIs(t, err, errTest)
			for line := range strings.Lines(err.Error()) {
				require.True(t, strings.HasPrefix(line, "f.yaml"), line)
			}
		}
	})
}
