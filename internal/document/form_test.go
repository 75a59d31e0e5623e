package document

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/domicile-eu/domicile/internal/quantity"
)

// TestJSONErrors: what sets out as JSON must be JSON.
func TestJSONErrors(t *testing.T) {
	const good = `{"apiVersion": "domicile.eu/v1alpha1", "kind": "Thing", "name": "x"}`
	for _, c := range []struct{ file, text, want string }{
		{"f.yaml", good, ""},
		{"f.yaml", "\ufeff" + good, ""},
		{"f.yaml", "\r\n{\r\n" + good[1:], ""},
		{"f.json", good, ""},
		{"f.yaml", "{apiVersion: domicile.eu/v1alpha1, kind: Thing, name: x, }", ""},
		{"f.yaml", "# YAML\n{\"apiVersion\": domicile.eu/v1alpha1, \"kind\": Thing,}", ""},
		{"f.yaml", "{\"a\": 1,\n\"b\": [1,\n2,\n],}", "f.yaml:4: is not JSON: invalid character ']' looking for beginning of value"},
		{"f.yaml", "{ \"a\": 1,\n}", "f.yaml:2: is not JSON: invalid character '}' looking for beginning of object key string"},
		{"f.yaml", "{\n\t\"a\": 1", "f.yaml:2: is not JSON: unexpected end of JSON input"},
		{"f.yaml", good + "\n" + good, "f.yaml:2: is not JSON: invalid character '{' after top-level value"},
		{"f.yaml", "{\"a\":\r\n010}", "f.yaml:2: is not JSON: invalid character '1' after object key:value pair"},
		{"f.json", "apiVersion: domicile.eu/v1alpha1\nkind: Thing\n", "f.json:1: is not JSON: invalid character 'a' looking for beginning of value"},
		{"f.json", "", "f.json:1: is not JSON: unexpected end of JSON input"},
		{"f.json", "[]", "f.json:1: must be a mapping with apiVersion, kind and more, not a list"},
	} {
		_, err := Parse(c.file, "Thing", strings.NewReader(c.text), errTest)
		if c.want == "" {
			assert.NoError(t, err, c.text)
		} else {
			assert.EqualError(t, err, c.want, c.text)
		}
	}
}

// TestLineBreaks: files of other systems are read alike, in the same lines, and in parts where they are large.
func TestLineBreaks(t *testing.T) {
	plain := head("name: |\n  a\n\n  b\nitems:\n- id: x\n- id: &y y\n")
	want := func(text string) string {
		o := mustParse(t, text)
		return thing(o) + o.Err().Error()
	}
	for _, text := range []string{
		strings.ReplaceAll(plain, "\n", "\r\n"), strings.ReplaceAll(plain, "\n", "\r"), "\ufeff" + plain,
		"\ufeff" + strings.ReplaceAll(plain, "\n", "\r\n"),
	} {
		assert.Equal(t, want(plain), want(text))
	}
	assert.True(t, agree(t, normalise([]byte("\ufeffa: 1\r\nb:\r\n- x\r\n- y\r\n"))))
}

func TestControlCharacters(t *testing.T) {
	for text, want := range map[string]string{
		"name: x\nfree: a\x00b\n":    "f.yaml:4: is not YAML: has the control character U+0000",
		"name: \"\x07\"\n":           "f.yaml:3: is not YAML: has the control character U+0007",
		"name: x\n\nfree: \u0080a\n": "f.yaml:5: is not YAML: has the control character U+0080",
	} {
		_, err := Parse("f.yaml", "Thing", strings.NewReader(head(text)), errTest)
		assert.EqualError(t, err, want)
	}
	_, err := Parse("f.json", "Thing", strings.NewReader("{\n\"a\": \"\x00\"}"), errTest)
	assert.EqualError(t, err, `f.json:2: is not JSON: invalid character '\x00' in string literal`)
}

// TestLeadingZeros: 010 is ten to some readers and eight to others, so it is no number to any accessor.
func TestLeadingZeros(t *testing.T) {
	for _, text := range []string{"010", "-010", "+010", "00", "08", "01.5", "-00.5", "01e3"} {
		for name, read := range map[string]func(*Object){
			"Int":      func(o *Object) { o.Int("x") },
			"Float":    func(o *Object) { o.Float("x") },
			"Quantity": func(o *Object) { o.Quantity("x", quantity.Euro) },
			"Any":      func(o *Object) { o.Any("x") },
		} {
			o := mustParse(t, head("x: "+text))
			read(o)
			assert.EqualError(t, o.Err(), "f.yaml:3: x: "+text+" has a leading zero", name)
		}
	}
	o := mustParse(t, head("x: [0, -0, 0.5, 0e3, 10, \"010\"]\ny: 0\nz: -0.5"))
	o.Any("x")
	assert.Zero(t, o.Int("y"))
	assert.Equal(t, -0.5, o.Float("z"))
	assert.NoError(t, o.Err())
	o = mustParse(t, head(`x: "016Gi"`))
	o.Quantity("x", quantity.Bytes)
	assert.EqualError(t, o.Err(), `f.yaml:3: x: "016Gi" has a leading zero`)
}

// TestOldTimes: programs that know no time write their zero.
func TestOldTimes(t *testing.T) {
	for text, ok := range map[string]bool{
		"0001-01-01T00:00:00Z": false, "1969-12-31": false, "1970-01-01T00:00:00+01:00": false,
		"1970-01-01": true, "1969-12-31T23:00:00-01:00": true,
	} {
		o := mustParse(t, head("at: "+text))
		at := o.Time("at")
		if assert.Equal(t, ok, o.Err() == nil, text); !ok {
			assert.True(t, at.IsZero())
			assert.EqualError(t, o.Err(), "f.yaml:3: at: "+text+" is before 1970; leave it out where it is unknown")
		}
	}
}

func TestMergeKeys(t *testing.T) {
	o := mustParse(t, head("name: x\nfree:\n  <<: {a: b}\n  \"<<\": {c: d}\n  e: <<\n"))
	assert.EqualError(t, o.Err(), "f.yaml:5: free: merge keys (<<) are not allowed")
	assert.Equal(t, map[string]any{"<<": map[string]any{"c": "d"}, "e": "<<"}, o.Any("free"))
}

// TestStringsKeepPlaces: what is no text leaves its place empty.
func TestStringsKeepPlaces(t *testing.T) {
	o := mustParse(t, head("words: [a, 5, b]"))
	assert.Equal(t, []string{"a", "", "b"}, o.Strings("words"))
	o.DefectAt("words[1]", "is news to nobody")
	assert.EqualError(t, o.Err(), "f.yaml:3: words[1]: must be text, not 5")
}
