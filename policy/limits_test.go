package policy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// one is a folder of one file.
func one(name, text string) []Source {
	return []Source{{Name: "p", FS: fstest.MapFS{name: {Data: []byte(text)}}}}
}

// wrap makes a rule of a condition.
func wrap(condition string) string {
	return "package domicile.continuum.a\n\n# METADATA\n# title: t\n# custom: {code: A-1, basis: b, as_of: \"2026\"}\ndeny contains {} if {\n" + condition + "\n}\n"
}

func TestLoadRefusesWhatIsTooLarge(t *testing.T) {
	long := "package domicile.continuum.a\n# " + strings.Repeat("x", 2000)
	_, err := Load(one("a.rego", long), &Options{MaxModuleBytes: 1000})
	require.EqualError(t, err, "p/a.rego: is larger than 1000 bytes")
	require.ErrorIs(t, err, ErrInvalid)

	many := fstest.MapFS{}
	for i := range maxTotalFactor + 1 {
		many[fmt.Sprintf("%02d.rego", i)] = &fstest.MapFile{Data: []byte(long)}
	}
	_, err = Load([]Source{{Name: "p", FS: many}}, &Options{MaxModuleBytes: int64(len(long))})
	require.ErrorContains(t, err, "p: the sources are larger than")

	files := fstest.MapFS{}
	for i := range maxFiles + 1 {
		files[fmt.Sprintf("%04d.rego", i)] = &fstest.MapFile{Data: []byte("package domicile.continuum.a")}
	}
	_, err = Load([]Source{{Name: "p", FS: files}}, nil)
	require.ErrorContains(t, err, "p: has more than 4096 modules and tables")

	deep := fstest.MapFS{strings.Repeat("f/", 40) + "a.rego": {Data: []byte(wrap("true"))}}
	_, err = Load([]Source{{Name: "p", FS: deep}}, nil)
	require.ErrorContains(t, err, "folders are nested more than 32 deep")
}

// TestLoadRefusesWhatIsNestedTooDeep feeds it modules of which OPA's parser or compiler would exhaust time or memory.
func TestLoadRefusesWhatIsNestedTooDeep(t *testing.T) {
	nest := func(open string, n int, middle, shut string) string {
		return "package domicile.continuum.a\n\nx := " + strings.Repeat(open, n) + middle + strings.Repeat(shut, n) + "\n"
	}
	for name, text := range map[string]string{
		"arrays":             nest("[", 100_000, "", "]"),
		"parentheses":        nest("(", 100_000, "1", ")"),
		"sets":               nest("{", 1000, "1", "}"),
		"template strings":   nest(`$"{`, 10_000, "1", `}"`),
		"raw templates":      nest("$`{", 33, "1", "}`"),
		"comprehensions":     nest("[1 | ", 48, "1", "]"),
		"few comprehensions": nest("[1 | ", maxClosures+1, "1", "]"),
		"every":              "package domicile.continuum.a\n\nx if " + strings.Repeat("every y in [1] { ", 20) + "y" + strings.Repeat("}", 20) + "\n",
		"a sum":              nest("1 + ", 5000, "1", ""),
		"a chain of else":    "package domicile.continuum.a\n\nx := 1 if input.date" + strings.Repeat(" else := 1 if input.date", 2000) + "\n",
		"a long body":        "package domicile.continuum.a\n\nx if { " + strings.Repeat("true; ", 2000) + "true }\n",
		"a head":             "package domicile.continuum.a\n\nx contains " + strings.Repeat("1 + ", 5000) + "1 if true\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(one("a.rego", text), nil)
			require.ErrorIs(t, err, ErrInvalid)
			assert.ErrorContains(t, err, "p/a.rego:3: ")
			assert.ErrorContains(t, err, "nested")
		})
	}
}

func TestBracketsThatDoNotCount(t *testing.T) {
	open := strings.Repeat("[{(", 100)
	for name, text := range map[string]string{
		"in a comment":            "# " + open + "\nx := 1",
		"in a string":             `x := "` + open + `"`,
		"in an escaped string":    `x := "\"` + open + `\\"`,
		"in a raw string":         "x := `\n" + open + "\n\"`",
		"in a template":           `x := $"[[[ ` + strings.Repeat(`\{[(`, 100) + `"`,
		"one after the other":     strings.Repeat("x := [{()}]\n", 1000),
		"closed but never opened": strings.Repeat(")", 1000),
		"unfinished string":       `x := "` + open,
	} {
		assert.Zero(t, tooDeep([]byte(text)), name)
	}
	line := tooDeep([]byte("x := `\n\n`\n" + strings.Repeat("[", 65)))
	assert.Equal(t, 4, line)
}

func TestLoadAcceptsWhatPeopleWrite(t *testing.T) {
	text := "package domicile.continuum.a\n\nx := " + strings.Repeat("[", 50) + strings.Repeat("]", 50) +
		"\n\ny := [a | some a in [b | some b in [c | some c in {d | some d in [1]}]]]\n\nz := " + strings.Repeat("1 + ", 100) + "1\n"
	_, err := Load(one("a.rego", text), nil)
	require.NoError(t, err)
}

func TestLoadRefusesSourcesItCannotRead(t *testing.T) {
	for name, c := range map[string]struct {
		sources []Source
		want    string
	}{
		"no file system":   {[]Source{{Name: "p"}}, "p: the source has no files: FS is nil"},
		"nameless":         {[]Source{{}}, "source: the source has no files: FS is nil"},
		"no such folder":   {[]Source{{Name: "p", FS: os.DirFS("testdata/none")}}, "p: no such file or directory"},
		"not text":         {one("a.rego", "package \xff"), "p/a.rego: is not UTF-8 text"},
		"the same twice":   {append(one("a.rego", wrap("true")), one("a.rego", wrap("true"))...), "p/a.rego: stands in two sources: give the sources different names"},
		"a file that ends": {[]Source{{Name: "p", FS: broken{}}}, "p/a.rego: gone"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Load(c.sources, nil)
			require.EqualError(t, err, c.want)
			require.ErrorIs(t, err, ErrInvalid)
			require.Nil(t, s)
		})
	}
}

// broken is a file system whose only file cannot be opened.
type broken struct{}

func (broken) Open(name string) (fs.File, error) {
	if name != "." {
		return nil, errors.New("gone")
	}
	return fstest.MapFS{"a.rego": {}}.Open(name)
}

func TestLoadLeavesOtherFilesAlone(t *testing.T) {
	s, err := Load([]Source{{Name: "p", FS: fstest.MapFS{
		"README.md":          {Data: []byte("# [")},
		".git/config.yaml":   {Data: []byte("{")},
		".hidden.rego":       {Data: []byte("{")},
		"a_test.rego":        {Data: []byte("package domicile.continuum.a_test\n\ntest_x if true\n")},
		"deeper/sub/a.rego":  {Data: []byte(wrap("true"))},
		"deeper/sub/a.json":  {Data: []byte("{")},
		"deeper/sub/b.jsonl": {Data: []byte("{")},
	}}}, nil)
	require.NoError(t, err)
	require.Len(t, s.Rules(), 1)
	assert.Equal(t, "p/deeper/sub/a.rego:6", s.Rules()[0].Location)
}

func TestManyDefectsAreCounted(t *testing.T) {
	text := "package domicile.continuum.a\n" + strings.Repeat("\ndeny contains {} if true\n", 150)
	_, err := Load(one("a.rego", text), nil)
	require.ErrorIs(t, err, ErrInvalid)
	lines := strings.Split(err.Error(), "\n")
	assert.Len(t, lines, mostDefects+1)
	assert.Contains(t, lines[mostDefects], "and 50 more defects")
}

func TestOptionsAreChecked(t *testing.T) {
	_, err := Load(nil, &Options{Deadline: -1})
	require.ErrorContains(t, err, "must not be negative")
	_, err = Load(nil, &Options{MaxSteps: -1})
	require.ErrorContains(t, err, "must not be negative")
	_, err = RunTests(t.Context(), nil, &Options{MaxModuleBytes: -1})
	require.ErrorContains(t, err, "must not be negative")
	_, err = Load(nil, &Options{MaxModuleBytes: 1 << 62})
	require.NoError(t, err)
}

// TestLoadRefusesNearlyRightNames: a rule or a list of packs that is passed over in silence refuses nothing.
func TestLoadRefusesNearlyRightNames(t *testing.T) {
	for name, right := range map[string]string{
		"Packs.yaml": "packs.yaml", "packs.yml": "packs.yaml", "x.REGO": "x.rego", "tables/a.Yaml": "a.yaml",
	} {
		_, err := Load(one(name, "x"), nil)
		require.EqualError(t, err, "p/"+name+": would not be read as what it is: call it "+right)
	}
}
