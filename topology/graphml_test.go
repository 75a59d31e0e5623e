package topology_test

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// TestGraphMLKeepsEverything writes continuums of every shape, with texts that a careless writer would spoil.
func TestGraphMLKeepsEverything(t *testing.T) {
	for seed := range uint64(100) {
		c, err := topology.New(random(seed).spec())
		require.NoError(t, err)
		var out bytes.Buffer
		require.NoError(t, topology.WriteGraphML(&out, c))
		text := out.String()
		back, err := topology.ReadNetwork("back.graphml", &out, &topology.NetworkOptions{Name: "other", Country: "FR"})
		require.NoError(t, err, text)
		require.Equal(t, c.Digest(), back.Continuum.Digest(), text)
		assert.Equal(t, c.NumNodes(), back.Nodes)
		assert.Empty(t, back.Notes)
		var again bytes.Buffer
		require.NoError(t, topology.WriteGraphML(&again, back.Continuum))
		require.Equal(t, text, again.String(), "the same continuum, the same bytes")
		require.NoError(t, topology.WriteGeoJSON(io.Discard, c))
		require.NoError(t, topology.WriteDOT(io.Discard, c))
	}
}

func TestGraphMLKeepsTheExample(t *testing.T) {
	f, err := os.Open("../examples/virt8ra/continuum.yaml")
	require.NoError(t, err)
	defer f.Close()
	c, err := topology.Read("continuum.yaml", f)
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, topology.WriteGraphML(&out, c))
	back, err := topology.ReadNetwork("back.graphml", &out, nil)
	require.NoError(t, err)
	assert.Equal(t, c.Digest(), back.Continuum.Digest())
}

// own is GraphML as WriteGraphML writes it.
const own = `<graphml><key id="domicile" attr.name="domicile"/><key id="asOf" attr.name="asOf"/><key id="kind" attr.name="kind"/>
<key id="Latitude" attr.name="Latitude"/><key id="Longitude" attr.name="Longitude"/><key id="label" attr.name="label"/>
<key id="Country" attr.name="Country"/><key id="rtt" attr.name="rtt"/><key id="capacity" attr.name="capacity"/><graph>
<data key="domicile">domicile.eu/v1alpha1</data><data key="asOf">2026-11-24</data>
<node id="x"><data key="kind">exchange</data><data key="Latitude">1</data><data key="Longitude">2</data></node>
<node id="y"><data key="kind">exchange</data><data key="Latitude">1</data><data key="Longitude">3</data></node>
<edge source="x" target="y"><data key="rtt">{p50: 1ms, p95: 2ms, p99: 3ms}</data></edge>
</graph></graphml>`

// Defects of our own GraphML name the lines of that file.
func TestDefectsInOurGraphMLNameItsLines(t *testing.T) {
	_, err := topology.ReadNetwork("net", strings.NewReader(own), nil)
	require.NoError(t, err)
	for change, want := range map[[2]string]string{
		{"v1alpha1", "v9"}:                     "net:4: apiVersion: domicile.eu/v9 is newer",
		{"exchange", "router"}:                 `net:5: kind: "router" is none of provider, site, accessPoint and exchange`,
		{`"Latitude">1`, `"Latitude">x`}:       `net:5: Latitude: "x" is no number`,
		{`"Longitude">2`, `"Longitude">999`}:   "net:5: exchanges[0].location.lon: 999 is not within -180 and 180 degrees",
		{`<data key="Longitude">2</data>`, ""}: "net:5: exchanges[0].location.lon: is missing",
		{"p50: 1ms", "p50: -1ms"}:              `net:7: links[0].rtt.p50: "-1ms" is negative`,
		{`{p50`, "\n{p50"}:                     "",
		{`, p99`, ",\np99"}:                    "net:7: rtt: must be a value in one line",
		{`key="Longitude">3</data>`, `key="Longitude">3</data><data key="capacity">{cpu: 1}</data>`}: "net:6: exchanges[1].capacity: is unknown",
		{`id="y"`, `id="Y"`}:                     `net:7: there is no node "y"`,
		{`<data key="kind">exchange</data>`, ""}: `net:5: kind: "" is none of`,
	} {
		_, err := topology.ReadNetwork("net", strings.NewReader(strings.Replace(own, change[0], change[1], 1)), nil)
		if want == "" {
			assert.NoError(t, err, change)
			continue
		}
		assert.ErrorContains(t, err, want, change)
		assert.ErrorIs(t, err, topology.ErrInvalid)
	}
}

func TestLinesAcrossTheDateLineAreCut(t *testing.T) {
	c, err := topology.New(topology.Spec{
		Exchanges: []topology.Exchange{{ID: "suva", Location: topology.Location{Lat: -18, Lon: 178}}, {ID: "apia", Location: topology.Location{Lat: -14, Lon: -172}}},
		Links:     []topology.Link{{A: "suva", B: "apia", RTT: topology.RTT{P50: 1, P95: 2, P99: 3}}},
	})
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, topology.WriteGeoJSON(&out, c))
	assert.Contains(t, out.String(), `{"type":"MultiLineString","coordinates":[[[178,-18],[180,-17.2]],[[-180,-17.2],[-172,-14]]]}`)
}

func TestDOTQuotesWhatItMust(t *testing.T) {
	c, err := topology.New(topology.Spec{Name: `a "b" \N`, Exchanges: []topology.Exchange{{ID: "x", Name: `\l "`}}})
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, topology.WriteDOT(&out, c))
	assert.Contains(t, out.String(), `graph "a \"b\" \\N" {`)
	assert.Contains(t, out.String(), `"x" [label="\\l \"", shape=ellipse`)
}
