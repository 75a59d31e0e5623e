package topology_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

var someDay = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

// shared returns the files that a pattern names below ../shared/data/latency, and skips the test where there are none.
func shared(t *testing.T, pattern string, fewest int) []string {
	t.Helper()
	root := os.Getenv("DOMICILE_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "shared", "data")
	}
	files, err := filepath.Glob(filepath.Join(root, "latency", pattern))
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skipf("no outside data: nothing matches %s (set DOMICILE_DATA)", filepath.Join(root, "latency", pattern))
	}
	require.GreaterOrEqual(t, len(files), fewest)
	return files
}

func unpacked(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	if strings.HasSuffix(file, ".gz") {
		r, err := gzip.NewReader(bytes.NewReader(text))
		require.NoError(t, err)
		text, err = io.ReadAll(r)
		require.NoError(t, err)
	}
	return text
}

// counts are what a file has by a reader of its own that shares no code with ReadNetwork.
type counts struct{ nodes, edges, loops int }

func countGraphML(t *testing.T, text []byte) counts {
	var file struct {
		Graph struct {
			Nodes []struct{} `xml:"node"`
			Edges []struct {
				A string `xml:"source,attr"`
				B string `xml:"target,attr"`
			} `xml:"edge"`
		} `xml:"graph"`
	}
	require.NoError(t, xml.Unmarshal(text, &file))
	c := counts{nodes: len(file.Graph.Nodes), edges: len(file.Graph.Edges)}
	for _, e := range file.Graph.Edges {
		if e.A == e.B {
			c.loops++
		}
	}
	return c
}

func countGML(text []byte) counts {
	c := counts{
		nodes: len(regexp.MustCompile(`(?m)^\s*node \[`).FindAll(text, -1)),
		edges: len(regexp.MustCompile(`(?m)^\s*edge \[`).FindAll(text, -1)),
	}
	for _, m := range regexp.MustCompile(`source (\d+)\s+target (\d+)`).FindAllSubmatch(text, -1) {
		if bytes.Equal(m[1], m[2]) {
			c.loops++
		}
	}
	return c
}

func countSNDlib(text []byte) (c counts) {
	section := func(name string) []byte {
		return regexp.MustCompile(`(?ms)^` + name + ` \(\s*\n(.*?)^\)`).FindSubmatch(text)[1]
	}
	c.nodes = len(regexp.MustCompile(`(?m)^\s*\S+ \(`).FindAll(section("NODES"), -1))
	for _, m := range regexp.MustCompile(`(?m)^\s*\S+ \( (\S+) (\S+) \)`).FindAllSubmatch(section("LINKS"), -1) {
		c.edges++
		if bytes.Equal(m[1], m[2]) {
			c.loops++
		}
	}
	return c
}

// readShared reads a file, compares it with an independent count and, where it is to be written, takes it
// through every writer.
func readShared(t *testing.T, file string, want counts, written bool) *topology.Network {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	n, err := topology.ReadNetwork(filepath.Base(file), f, &topology.NetworkOptions{AsOf: someDay, Crossing: true})
	require.NoError(t, err)
	assert.Equal(t, want.nodes, n.Nodes, "nodes of the file")
	assert.Equal(t, want.edges, n.Edges, "edges of the file")
	c := n.Continuum
	assert.Equal(t, want.nodes, c.NumNodes(), "nodes of the continuum")
	assert.Equal(t, want.edges-want.loops, c.NumLinks(), "links of the continuum")

	again, err := topology.New(c.Spec())
	require.NoError(t, err)
	assert.Equal(t, c.Digest(), again.Digest())
	if written {
		writeShared(t, c, want)
	}
	return n
}

func writeShared(t *testing.T, c *topology.Continuum, want counts) {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, topology.WriteGraphML(&out, c))
	assert.Equal(t, counts{want.nodes + countProviders(c), want.edges - want.loops, 0}, countGraphML(t, out.Bytes()))
	back, err := topology.ReadNetwork("back.graphml", &out, nil)
	require.NoError(t, err)
	assert.Equal(t, c.Digest(), back.Continuum.Digest(), "GraphML keeps everything")
	out.Reset()
	require.NoError(t, topology.WriteGeoJSON(&out, c))
	var collection struct{ Features []json.RawMessage }
	require.NoError(t, json.Unmarshal(out.Bytes(), &collection))
	assert.Len(t, collection.Features, c.NumNodes()+c.NumLinks())
	out.Reset()
	require.NoError(t, topology.WriteDOT(&out, c))
	assert.Equal(t, c.NumLinks(), strings.Count(out.String(), "\" -- \""))
}

func countProviders(c *topology.Continuum) (n int) {
	for range c.Providers() {
		n++
	}
	return n
}

func TestTopologyZoo(t *testing.T) {
	files := shared(t, "topology-zoo/graphml/*.graphml", 276)
	nodes, edges, sites, noted := 0, 0, 0, 0
	for i, file := range files {
		ok := t.Run(filepath.Base(file), func(t *testing.T) {
			n := readShared(t, file, countGraphML(t, unpacked(t, file)), i%4 == 0) // every fourth is written, for time
			nodes, edges, sites, noted = nodes+n.Nodes, edges+n.Edges, sites+n.Continuum.NumSites(), noted+len(n.Notes)
		})
		if !ok {
			return
		}
	}
	t.Logf("%d networks, %d nodes, %d edges: %d sites, %d notes", len(files), nodes, edges, sites, noted)
}

func TestResearchNetworksInGML(t *testing.T) {
	for _, file := range shared(t, "eu-nren-as-cast/*.gml", 4) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			n := readShared(t, file, countGML(unpacked(t, file)), true)
			t.Logf("%d nodes, %d edges, %d sites, %d providers, %d notes", n.Nodes, n.Edges, n.Continuum.NumSites(),
				countProviders(n.Continuum), len(n.Notes))
		})
	}
}

func TestSNDlib(t *testing.T) {
	files := shared(t, "sndlib/native/*.txt*", 26)
	assert.Len(t, files, 26)
	how := map[string]int{}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			n := readShared(t, file, countSNDlib(unpacked(t, file)), true)
			notation := "degrees"
			for _, note := range n.Notes {
				if strings.Contains(note, "coordinates are those of a drawing") {
					notation = "plane"
				} else if strings.Contains(note, "degrees.minutes") {
					notation = "minutes"
				}
			}
			how[notation]++
			switch strings.TrimSuffix(filepath.Base(file), ".txt") {
			case "nobel-eu", "nobel-us", "dfn-bwin", "pdh":
				assert.Equal(t, "minutes", notation)
			case "abilene", "brain", "cost266", "dfn-gwin", "geant", "germany50", "janos-us", "janos-us-ca", "nobel-germany", "polska":
				assert.Equal(t, "degrees", notation)
			default:
				assert.Equal(t, "plane", notation)
			}
		})
	}
	assert.Equal(t, map[string]int{"degrees": 10, "minutes": 4, "plane": 12}, how)
}

// Berlin stands at 13.21 52.31 in nobel-eu: 13 degrees 21 minutes east.
func TestNobelEUStandsWhereItsCitiesAre(t *testing.T) {
	file := shared(t, "sndlib/native/nobel-eu.txt", 1)[0]
	n, err := topology.ReadNetwork("nobel-eu.txt", bytes.NewReader(unpacked(t, file)), nil)
	require.NoError(t, err)
	for id, at := range map[topology.SiteID]topology.Location{
		"berlin": {Lat: 52.52, Lon: 13.40}, "dublin": {Lat: 53.35, Lon: -6.26}, "vienna": {Lat: 48.21, Lon: 16.37},
		"stockholm": {Lat: 59.33, Lon: 18.07}, "bordeaux": {Lat: 44.84, Lon: -0.58},
	} {
		s, ok := n.Continuum.Site(id)
		require.True(t, ok, id)
		assert.InDelta(t, at.Lat, s.Location.Lat, 0.1, id)
		assert.InDelta(t, at.Lon, s.Location.Lon, 0.1, id)
	}
	countries := ""
	for s := range n.Continuum.Sites() {
		countries += fmt.Sprint(s.ID, "=", s.Country, " ")
	}
	assert.Equal(t, "amsterdam=NL athens=GR barcelona=ES belgrade=RS berlin=DE bordeaux=FR brussels=BE budapest=HU copenhagen=DK "+
		"dublin=IE frankfurt=DE glasgow=GB hamburg=DE london=GB lyon=FR madrid=ES milan=IT munich=DE oslo=NO paris=FR prague=CZ "+
		"rome=IT stockholm=SE strasbourg=FR vienna=AT warsaw=PL zagreb=HR zurich=CH ", countries)
}
