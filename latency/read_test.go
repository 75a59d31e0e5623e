package latency

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const header = "apiVersion: domicile.eu/v1alpha1\nkind: Observations\n"

func TestReadObservations(t *testing.T) {
	list, err := ReadObservations("obs.yaml", strings.NewReader(header+`observations:
- {a: madrid, b: ionos-frankfurt, rtt: {p50: 37.8ms, p95: 42ms, p99: 48300us}, at: 2018-10-31, source: somewhere, assumed: true}
- {a: x, b: y, rtt: {p50: 1ms, p95: 1ms, p99: 1ms}}
`))
	require.NoError(t, err)
	assert.Equal(t, []Observation{
		{A: "madrid", B: "ionos-frankfurt", RTT: ms(37.8, 42, 48.3), At: time.Date(2018, 10, 31, 0, 0, 0, 0, time.UTC), Source: "somewhere", Assumed: true},
		{A: "x", B: "y", RTT: ms(1, 1, 1)},
	}, list)

	asJSON := `{"apiVersion": "domicile.eu/v1alpha1", "kind": "Observations", "observations": [{"a": "x", "b": "y", "rtt": {"p50": "1ms", "p95": "1ms", "p99": "1ms"}}]}`
	fromJSON, err := ReadObservations("obs.json", strings.NewReader(asJSON))
	require.NoError(t, err)
	assert.Equal(t, list[1:], fromJSON)

	none, err := ReadObservations("obs.yaml", strings.NewReader(header+"observations: []\n"))
	require.NoError(t, err)
	assert.Empty(t, none)
}

func TestReadObservationsNamesEveryDefect(t *testing.T) {
	_, err := ReadObservations("obs.yaml", strings.NewReader(header+`observations:
- {a: x, b: x, rtt: {p50: 1ms, p95: 2ms, p99: 3ms}}
- {a: x, rtt: {p50: 1ms, p95: 2ms}}
- {a: x, b: y, rtt: {p50: 3ms, p95: 2ms, p99: 3ms}, colour: red}
- {a: x, b: y, rtt: {p50: -1ms, p95: 2 parsecs, p99: 3ms}, at: yesterday}
- {a: x, b: y, rtt: {p50: 1ms, p95: 2ms, p99: 3ms}, at: 0001-01-01T00:00:00Z, source: "moc.elpmaxe\u202e"}
`))
	require.Error(t, err)
	assert.ErrorIs(t, err, ErrInvalid)
	for _, part := range []string{
		"obs.yaml:4: observations[0].b: ", "obs.yaml:5: observations[1]", "obs.yaml:5: observations[1].rtt",
		"obs.yaml:6: observations[2].rtt: ", "colour", "obs.yaml:7: observations[3].rtt.p50: ", "observations[3].rtt.p95: ",
		"observations[3].at: ", "obs.yaml:6: observations[2].rtt: must be 0 < p50 <= p95 <= p99 <= 1 h, not 3ms, 2ms, 3ms",
		"obs.yaml:8: observations[4].source: has the character U+202E, which can not be seen",
		"obs.yaml:8: observations[4].at: 0001-01-01T00:00:00Z is before 1970",
	} {
		assert.ErrorContains(t, err, part)
	}
	for name, text := range map[string]string{
		"empty": "", "newer": "apiVersion: domicile.eu/v1\nkind: Observations\nobservations: []\n",
		"other kind": "apiVersion: domicile.eu/v1alpha1\nkind: Continuum\n", "no list": header,
	} {
		_, err := ReadObservations("obs.yaml", strings.NewReader(text))
		assert.True(t, errors.Is(err, ErrInvalid), name)
	}
}

// The fields that the schema names are those that the reader knows.
func TestObservationsSchema(t *testing.T) {
	var schema struct {
		Defs struct {
			Observation struct {
				Required   []string
				Properties map[string]any
			}
		} `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(ObservationsSchema(), &schema))
	assert.Equal(t, []string{"a", "b", "rtt"}, schema.Defs.Observation.Required)
	for field := range schema.Defs.Observation.Properties {
		_, err := ReadObservations("o", strings.NewReader(header+"observations: [{"+field+": 1}]\n"))
		assert.NotContains(t, err.Error(), "unknown", field)
	}
	_, err := ReadObservations("o", strings.NewReader(header+"observations: [{other: 1}]\n"))
	assert.ErrorContains(t, err, "unknown")
}

// Whatever the input, the reader returns observations that New takes or an error that wraps ErrInvalid.
func FuzzReadObservations(f *testing.F) {
	text, err := os.ReadFile("testdata/observations.yaml")
	require.NoError(f, err)
	f.Add(string(text))
	f.Add(header + "observations: [{a: x, b: y, rtt: {p50: 1, p95: 1us, p99: 60m}}]")
	f.Add(header + "observations: [{a: x, b: x, rtt: {p50: 0us}}, 3, {}]")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ReadObservations("fuzz", strings.NewReader(text))
		if err != nil {
			require.ErrorIs(t, err, ErrInvalid)
			require.Nil(t, list)
			return
		}
		for _, o := range list {
			require.NotEmpty(t, o.A)
			require.NotEmpty(t, o.B)
			require.NoError(t, o.RTT.Check())
		}
	})
}
