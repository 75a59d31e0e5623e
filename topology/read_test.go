package topology_test

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/internal/document"
	"github.com/domicile-eu/domicile/internal/scenario"
	"github.com/domicile-eu/domicile/topology"
)

// TestDefects reads malformed files and compares what is said about them.
func TestDefects(t *testing.T) {
	scenario.Run(t, "testdata/defects.txt", func(t *testing.T, c scenario.Case) string {
		got, err := topology.Read("continuum.yaml", strings.NewReader(c.Input))
		require.ErrorIs(t, err, topology.ErrInvalid)
		require.Nil(t, got)
		return err.Error()
	})
}

// TestRead compares what is read with the canonical text of it.
func TestRead(t *testing.T) {
	scenario.Run(t, "testdata/read.txt", func(t *testing.T, c scenario.Case) string {
		got, err := topology.Read("continuum.yaml", strings.NewReader(c.Input))
		require.NoError(t, err)
		return text(t, got)
	})
}

// TestReadJSON: a file means the same in both of its forms.
func TestReadJSON(t *testing.T) {
	for seed := range uint64(20) {
		want, err := topology.New(random(seed).spec())
		require.NoError(t, err)
		o, err := document.Parse("f", "Continuum", strings.NewReader(text(t, want)), topology.ErrInvalid)
		require.NoError(t, err)
		all := map[string]any{}
		for _, key := range []string{"apiVersion", "kind", "name", "asOf", "providers", "sites", "accessPoints", "exchanges", "links"} {
			if o.Has(key) {
				all[key] = o.Any(key)
			}
		}
		got, err := topology.Read("continuum.json", strings.NewReader(toJSON(t, all)))
		require.NoError(t, err)
		require.Equal(t, want.Digest(), got.Digest())
	}
}

// toJSON keeps floats apart from whole numbers, which encoding/json does not.
func toJSON(t *testing.T, v any) string {
	var parts []string
	switch v := v.(type) {
	case []any:
		for i := range v {
			parts = append(parts, toJSON(t, v[i]))
		}
		return "[" + strings.Join(parts, ",\n") + "]"
	case map[string]any:
		for key := range v {
			parts = append(parts, toJSON(t, key)+": "+toJSON(t, v[key]))
		}
		return "{" + strings.Join(parts, ",\n") + "}"
	case float64:
		return strconv.FormatFloat(v, 'e', -1, 64)
	}
	value, err := json.Marshal(v)
	require.NoError(t, err)
	return string(value)
}

func TestReadCountsWhatItDoesNotSay(t *testing.T) {
	var b strings.Builder
	b.WriteString("apiVersion: domicile.eu/v1alpha1\nkind: Continuum\nasOf: 2026-11-23\nproviders:\n")
	for range 150 {
		b.WriteString("- {id: p, country: DE}\n")
	}
	_, err := topology.Read("f", strings.NewReader(b.String()))
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 101)
	assert.Equal(t, "f:6: providers[1].id: p stands at providers[0] already", lines[0])
	assert.Equal(t, "f: and 49 more", lines[100])
}

// TestReadLarge: one site with very much of something costs what it weighs.
func TestReadLarge(t *testing.T) {
	const n = 100_000
	list := func(format string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.ReplaceAll(format, "#", strconv.Itoa(i)))
		}
		return b.String()
	}
	site := strings.SplitAfter(minimal, "capacity: {cpu: 4}")
	for more, want := range map[string]string{
		", assumed: [" + list("q#,") + "]":         `f:8: sites[0].assumed[0]: "q0" is no field`,
		", labels: {" + list("k#: \"\\a\",") + "}": `f:8: sites[0].labels.k0: has the character U+0007, which can not be seen`,
		", prices: {" + list("d#: 1,") + "}":       `f:8: sites[0].prices: has more than 256 dimensions`,
		", prices: {" + list("d#: x,") + "}":       `f:8: sites[0].prices.d0: "x" is not an amount of euros such as 0.012`,
		", attributes: {" + list("d#: 1,") + "}":   "",
		", labels: {" + list("d#: 1,") + "}":       "",
	} {
		_, err := topology.Read("f", strings.NewReader(site[0]+more+site[1]))
		if want == "" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, want)
		}
	}
	runtimes := strings.Replace(minimal, "runtimes: [vm]", "runtimes: ["+list("vn,")+"]", 1)
	_, err := topology.Read("f", strings.NewReader(runtimes))
	require.ErrorContains(t, err, `f:8: sites[0].runtimes[99]: "vn" is no runtime`)
	require.ErrorContains(t, err, "f: and 99900 more")
}

// FuzzRead: no text panics; what is refused says why, and what is read is written so that it is read as the same.
func FuzzRead(f *testing.F) {
	for seed := range uint64(4) {
		c, err := topology.New(random(seed).spec())
		require.NoError(f, err)
		var b strings.Builder
		require.NoError(f, topology.Write(&b, c))
		f.Add(b.String())
	}
	f.Add(minimal)
	f.Add(strings.ReplaceAll(minimal, "DE", "NO"))
	f.Add(`{"apiVersion":"domicile.eu/v1alpha1","kind":"Continuum","asOf":"2026-11-23T10:00:00+01:00","providers":[{"id":"p","country":"DE","attributes":{"a":-0.0,"b":1e300}}]}`)
	f.Fuzz(func(t *testing.T, in string) {
		c, err := topology.Read("f", strings.NewReader(in))
		if err != nil {
			require.True(t, errors.Is(err, topology.ErrInvalid))
			return
		}
		out := text(t, c)
		again, err := topology.Read("f", strings.NewReader(out))
		require.NoError(t, err, out)
		require.Equal(t, out, text(t, again))
	})
}

const minimal = `apiVersion: domicile.eu/v1alpha1
kind: Continuum
asOf: 2026-11-23
providers:
- {id: p, country: DE, owners: [{owner: q, share: 60%}], sovereignty: {SOV-1: 3}}
- {id: q, country: US}
sites:
- {id: a, provider: p, country: DE, location: {lat: 52.5, lon: 13.4}, tier: edge, runtimes: [vm], capacity: {cpu: 4}}
accessPoints:
- {id: b, country: DE, location: {lat: 52, lon: 13}}
links:
- {a: a, b: b, jurisdictions: [DE], rtt: {p50: 1ms, p95: 2ms, p99: 3ms}, bandwidth: 1Gbit/s}
`

func text(t testing.TB, c *topology.Continuum) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, topology.Write(&b, c))
	return b.String()
}
