package topology_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

const (
	graphmlHead = `<?xml version="1.0"?><graphml><key id="a" attr.name="Latitude" for="node"/><key id="o" attr.name="Longitude" for="node"/>` +
		`<key id="l" attr.name="label" for="node"/><key id="s" attr.name="LinkSpeedRaw" for="edge"/><graph edgedefault="undirected">`
	graphmlTail   = `</graph></graphml>`
	sndlibHead    = "?SNDlib native format; type: network; version: 1.0\n"
	placed, speed = `<data key="a">52</data><data key="o">13</data>`, `<data key="s">1e9</data>`
)

// read reads a network and takes what it makes through New and GraphML.
func read(t testing.TB, text string, opts *topology.NetworkOptions) *topology.Network {
	t.Helper()
	n, err := topology.ReadNetwork("net", strings.NewReader(text), opts)
	require.NoError(t, err)
	return n
}

func TestMalformedNetworksAreRefused(t *testing.T) {
	deep := strings.Repeat("<a>", 40)
	for name, c := range map[string]struct{ text, want string }{
		"empty":              {"", "net: is empty"},
		"blank":              {" \n\t", "net: is empty"},
		"no network":         {"hello", "net:1: has the end of the file where the value of \"hello\" is expected"},
		"other root":         {"<html></html>", `net:1: starts with "html", expected graphml`},
		"no graph":           {"<graphml/>", "net:1: has no graph"},
		"cut off":            {graphmlHead + "\n<node id='1'>", "net:2: is not XML: unexpected EOF"},
		"crossed tags":       {graphmlHead + "<node id='1'></edge>", "net:1: is not XML: element <node> closed by </edge>"},
		"entity bomb":        {`<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><graphml>&b;</graphml>`, "net:1: declares entities or more in its DOCTYPE, which is not read"},
		"unknown entity":     {graphmlHead + "\n<node id='1'><data key='l'>&lol;</data>", "net:2: is not XML: invalid character entity &lol;"},
		"charset":            {`<?xml version="1.0" encoding="ISO-8859-1"?><graphml/>`, `net:1: is written in "ISO-8859-1"; only UTF-8 is read`},
		"not UTF-8":          {graphmlHead + "<node id='\xff'/>" + graphmlTail, "net:1: is not XML: invalid UTF-8"},
		"deep":               {"<graphml>" + deep, "net:1: is nested deeper than 32 elements"},
		"nested graph":       {graphmlHead + "<node id='1'><graph/></node>" + graphmlTail, "net:1: has a second graph, of which nothing can be made"},
		"node in a node":     {graphmlHead + "<node id='1'><node id='2'/></node>" + graphmlTail, "net:1: has a node inside a node or an edge"},
		"node without id":    {graphmlHead + "\n<node/>" + graphmlTail, "net:2: a node has no id"},
		"node twice":         {graphmlHead + "\n<node id='1'/>\n<node id='1'/>" + graphmlTail, `net:3: node "1" stands in line 2 already`},
		"edge to nowhere":    {graphmlHead + "\n<node id='1'/>\n<edge source='1' target='2'/>" + graphmlTail, `net:3: there is no node "2"`},
		"edge without end":   {graphmlHead + "\n<node id='1'/>\n<edge source='1'/>" + graphmlTail, "net:3: an edge lacks source or target\nnet:3: there is no node \"\""},
		"data twice":         {graphmlHead + "\n<node id='1'><data key='l'>x</data>\n<data key='l'>y</data></node>" + graphmlTail, `net:3: "label" stands in line 2 already`},
		"undeclared key":     {graphmlHead + "\n<node id='1'><data key='z'>x</data></node>" + graphmlTail, `net:2: there is no key "z"`},
		"latitude of 91":     {graphmlHead + "\n<node id='1'><data key='a'>91</data><data key='o'>0</data></node>" + graphmlTail, `net:2: node "1": 91, 0 are no latitude within 90 and longitude within 180 degrees`},
		"latitude of NaN":    {graphmlHead + "\n<node id='1'><data key='a'>NaN</data><data key='o'>0</data></node>" + graphmlTail, `net:2: Latitude: "NaN" is no number`},
		"latitude of 1e999":  {graphmlHead + "\n<node id='1'><data key='a'>1e999</data><data key='o'>0</data></node>" + graphmlTail, `net:2: Latitude: "1e999" is no number`},
		"half a place":       {graphmlHead + "\n<node id='1'><data key='a'>1</data></node>" + graphmlTail, `net:2: node "1" has one coordinate without the other`},
		"negative speed":     {graphmlHead + "<node id='1'/><node id='2'/>\n<edge source='1' target='2'><data key='s'>-1</data></edge>" + graphmlTail, "net:2: LinkSpeedRaw: is negative"},
		"infinite speed":     {graphmlHead + "<node id='1'/><node id='2'/>\n<edge source='1' target='2'><data key='s'>inf</data></edge>" + graphmlTail, `net:2: LinkSpeedRaw: "inf" is no number`},
		"GML: open list":     {"graph [\nnode [ id 1 ]", "net:1: has a [ without its ]"},
		"GML: closed twice":  {"graph [ node [ id 1 ] ] ]", "net:1: has a ] without its ["},
		"GML: no value":      {"graph [ node [ id ] ]", `net:1: has "]" where the value of "id" is expected`},
		"GML: open text":     {"graph [\nnode [ id 1 label \"x ] ]", "net:2: has a text without its second quotation mark"},
		"GML: deep":          {"graph " + strings.Repeat("[ a ", 40), "net:1: is nested deeper than 32 lists"},
		"GML: node twice":    {"graph [ node [ id 1 ]\nnode [ id 1 ] ]", `net:2: node "1" stands in line 1 already`},
		"GML: two graphs":    {"graph [ ]\ngraph [ ]", "net:2: has a second graph, of which nothing can be made"},
		"GML: not UTF-8":     {"graph [ node [ id 1 label \"\xe9\" ] ]", "net:1: is not UTF-8 text"},
		"SNDlib: other type": {"?SNDlib native format; type: solution; version: 1.0\n", `net:1: starts with "?SNDlib native format; type: solution; version: 1.0", expected ?SNDlib native format; type: network`},
		"SNDlib: no nodes":   {sndlibHead + "LINKS ( )", "net:2: has no section NODES"},
		"SNDlib: cut off":    {sndlibHead + "NODES (\n A ( 1 2 )\n", "net:4: has the end of the file where the next entry or ) is expected"},
		"SNDlib: three":      {sndlibHead + "NODES (\n A ( 1 2 3 )\n)", `net:3: node "A" has other coordinates than longitude and latitude`},
		"SNDlib: no link":    {sndlibHead + "NODES ( A ( 1 2 ) )\nLINKS ( L ( A B ) 1 1 1 1 ( ) )", `net:3: there is no node "B"`},
		"SNDlib: short link": {sndlibHead + "NODES ( A ( 1 2 ) )\nLINKS ( L ( A A ) 1 1 ( ) )", `net:3: has "(" where the routingCost of link "L" is expected`},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := topology.ReadNetwork("net", strings.NewReader(c.text), nil)
			require.Error(t, err)
			assert.Nil(t, n)
			assert.ErrorIs(t, err, topology.ErrInvalid)
			assert.Equal(t, c.want, err.Error())
		})
	}
}

func TestEveryDefectOfANetworkIsNamed(t *testing.T) {
	text := graphmlHead + "\n<node id='1'><data key='z'>0</data></node>\n<node id='1'/>\n<node/>\n<edge source='1' target='9'/>" + graphmlTail
	_, err := topology.ReadNetwork("net", strings.NewReader(text), nil)
	assert.EqualError(t, err, "net:2: there is no key \"z\"\nnet:3: node \"1\" stands in line 2 already\nnet:4: a node has no id\nnet:5: there is no node \"9\"")
}

func TestOptionsOfNetworksAreChecked(t *testing.T) {
	_, err := topology.ReadNetwork("net", strings.NewReader(""), &topology.NetworkOptions{
		Country: "UK", Coordinates: "miles", RouteFactor: 0.5, UnknownRTT: -1, CapacityUnit: -1, Site: topology.Site{Tier: 9}})
	for _, field := range []string{"Country", "Coordinates", "RouteFactor", "UnknownRTT", "CapacityUnit", "Site.Tier"} {
		assert.ErrorContains(t, err, field+": ")
	}
}

func TestRoundTripsThatNoEdgeHas(t *testing.T) {
	_, err := topology.ReadNetwork("net", strings.NewReader(`graph [ node [ id 0 label "A" Country "FR" ] node [ id 1 label "B" Country "FR" ]
  edge [ source 0 target 1 delay 7.5 ] ]`), &topology.NetworkOptions{RTTAttribute: "Delay"})
	require.ErrorIs(t, err, topology.ErrInvalid)
	assert.ErrorContains(t, err, `no edge has the attribute "Delay"`)
}

func TestNotesTellWhatBecameOfANetwork(t *testing.T) {
	n := read(t, `graph [
  directed 1
  node [ id 0 label "A" Latitude 52.5 Longitude 13.4 graphics [ x 1 y 2 ] ]
  node [ id 1 label "A" Latitude 48.1 Longitude 11.6 Country "Atlantis" ]
  node [ id 2 label "B&#10;&amp; C" Country "FR" hyperedge 1 ]
  node [ id 3 label "Far" Latitude 0.0 Longitude -150.0 ]
  edge [ source 0 target 1 delay 7.5 ]
  edge [ source 1 target 0 color "red" ]
  edge [ source 1 target 1 ]
]`, &topology.NetworkOptions{RTTAttribute: "delay"})
	assert.Equal(t, []string{
		`net: 1 of 2 edges have no "delay": their round trips are guessed`,
		"net: not taken of links: color (1)",
		"net: the network has 3 parts with no edge between them",
		"net:2: edges have a direction; links carry traffic both ways",
		`net:4: another node has the label "A" too: this one gets the ID a-2`,
		`net:4: Country "Atlantis" is no name of a country in ISO 3166-1`,
		`net:5: label "B\n& C" is read as "B & C"`,
		"net:5: node b-and-c stands for a link of several ends: an exchange",
		"net:5: node b-and-c has no coordinates: it is drawn between its neighbours, and the length of its links is unknown",
		"net:6: node far stands in a country that nothing tells: an exchange",
		"net:8: edge number 2 between a-2 and a: a link of its own, a-2--a.2",
		"net:9: an edge from node a-2 to itself is left out",
	}, n.Notes)
	a, _ := n.Continuum.Site("a")
	assert.Equal(t, map[string]any{"graphics.x": "1", "graphics.y": "2"}, a.Attributes)
	assert.Equal(t, topology.Jurisdiction("DE"), a.Country)
	given, _ := n.Continuum.Link("a--a-2")
	assert.Equal(t, topology.RTT{P50: 7_500, P95: 8_250, P99: 9_375}, given.RTT)
	assert.Equal(t, []string{"operator", "rtt.p95", "rtt.p99"}, given.Assumed)
	reckoned, _ := n.Continuum.Link("a-2--a.2") // 504 km
	assert.InDelta(t, 504*1.5*9.8+100, float64(reckoned.RTT.P50), 40)
}

// A longer way round, a longer round trip: relations that hold between readings of one file.
func TestRelationsBetweenReadings(t *testing.T) {
	text := graphmlHead + "<node id='1'>" + placed + "</node><node id='2'><data key='a'>48</data><data key='o'>11</data></node>" +
		"<edge source='1' target='2'>" + speed + "</edge>" + graphmlTail
	first := func(n *topology.Network) (l *topology.Link) {
		for l = range n.Continuum.Links() {
		}
		return l
	}
	plain := first(read(t, text, nil))
	double := first(read(t, text, &topology.NetworkOptions{RouteFactor: 3}))
	assert.InDelta(t, float64(plain.RTT.P50-100)*2, float64(double.RTT.P50-100), 2)
	assert.Equal(t, int64(1e9), plain.Bandwidth)
	unknown := first(read(t, text, &topology.NetworkOptions{Coordinates: "plane", Country: "DE"}))
	assert.Equal(t, topology.Micros(20_000), unknown.RTT.P50)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte("\ufeff" + text))
	require.NoError(t, z.Close())
	assert.Equal(t, read(t, text, nil).Continuum.Digest(), read(t, packed.String(), nil).Continuum.Digest())
	turned := strings.Replace(text, "source='1' target='2'", "source='2' target='1'", 1)
	assert.Equal(t, plain.RTT, first(read(t, turned, nil)).RTT)
}

func TestSitesAreThoseThatAreAskedFor(t *testing.T) {
	text := graphmlHead + "<node id='1'><data key='l'>Ulm</data>" + placed + "</node><node id='2'>" + placed + "</node>" + graphmlTail
	n := read(t, text, &topology.NetworkOptions{Sites: []string{"Ulm"}, Provider: topology.Provider{ID: "p", Country: "DE"}})
	assert.Equal(t, 1, n.Continuum.NumSites())
	s, _ := n.Continuum.Site("ulm")
	assert.Equal(t, topology.ProviderID("p"), s.Provider)
	_, err := topology.ReadNetwork("net", strings.NewReader(text), &topology.NetworkOptions{Sites: []string{"Bern"}})
	assert.EqualError(t, err, `net: no node "Bern", which is to be a site`)
}

// endless yields a head and then a piece over and over, and counts what was read of it.
type endless struct {
	head, piece string
	most, size  int
}

func (e *endless) Read(p []byte) (n int, err error) {
	for n < len(p) && e.size < e.most {
		if e.size < len(e.head) {
			k := copy(p[n:], e.head[e.size:])
			n, e.size = n+k, e.size+k
			continue
		}
		k := copy(p[n:], e.piece[(e.size-len(e.head))%len(e.piece):])
		n, e.size = n+k, e.size+k
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// TestHugeNetworksTakeBoundedMemory feeds readers up to 100 MB that the test generates. What is not kept costs nothing; what is kept
// has a limit.
func TestHugeNetworksTakeBoundedMemory(t *testing.T) {
	const mega = 1 << 20
	for name, c := range map[string]struct {
		head, piece string
		want        string
		read        int // bytes at most
	}{
		"comments":        {graphmlHead, "<!-- " + strings.Repeat("x", 1000) + " -->\n", "is not XML: unexpected EOF", 16 * mega},
		"one comment":     {graphmlHead + "<!-- ", "x", "has a tag, comment or text of more than 1024 KiB", 2 * mega},
		"one attribute":   {graphmlHead + "<node id='", "x", "has a tag, comment or text of more than 1024 KiB", 2 * mega},
		"one value":       {graphmlHead + "<node id='1'><data key='l'>", "x", "has a value of more than 512 KiB", 2 * mega},
		"value in parts":  {graphmlHead + "<node id='1'><data key='l'>", "xxxxxxxxxxxxxxxxxxxxxxxxxxx<!-- -->", "has a value of more than 512 KiB", 2 * mega},
		"attributes":      {graphmlHead + "<node ", "a='' ", "has a tag, comment or text of more than 1024 KiB", 2 * mega},
		"data of a node":  {graphmlHead + "<node id='1'>", "<data key='q'/>", "says more than 1000 things of one node, edge or graph", mega},
		"keys":            {"<graphml>", "<key id='a'/>", "declares more than 1000 keys", mega},
		"depth":           {"<graphml>", "<a>", "is nested deeper than 32 elements", mega},
		"GML: text":       {"graph [ node [ id \"", "x", "has a value of more than 512 KiB", 2 * mega},
		"GML: word":       {"graph [ node [ id ", "x", "has a value of more than 512 KiB", 2 * mega},
		"GML: one list":   {"graph [ node [ ", "a 1 ", "repeats a key for more than 4 KiB", mega},
		"GML: comment":    {"graph [ # ", "x", "has a tag, comment or text of more than 1024 KiB", 2 * mega},
		"GML: depth":      {"graph [ ", "a [ ", "is nested deeper than 32 lists", mega},
		"GML: edges":      {"graph [ ", "edge [ source 1 target 2 ]", "has more than 1000000 nodes and edges", 32 * mega},
		"SNDlib: header":  {"?SNDlib", "x", "has a tag, comment or text of more than 1024 KiB", 2 * mega},
		"SNDlib: demands": {sndlibHead + "NODES ( )\nDEMANDS (", " x", "has a ( without its )", 20 * mega},
		"SNDlib: group":   {sndlibHead + "NODES ( A (", " 1", "has the end of the file where ) is expected", 20 * mega},
	} {
		t.Run(name, func(t *testing.T) {
			e := &endless{head: c.head, piece: c.piece, most: c.read}
			if c.read < 10*mega {
				e.most = 100 * mega // what stops is the limit
			}
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			_, err := topology.ReadNetwork("net", e, nil)
			runtime.ReadMemStats(&after)
			assert.ErrorIs(t, err, topology.ErrInvalid)
			assert.ErrorContains(t, err, c.want)
			assert.LessOrEqual(t, e.size, c.read+mega)
			// What the runtime holds of the system grows with the peak of the heap.
			assert.Less(t, int64(after.Sys)-int64(before.Sys), int64(400*mega))
			t.Logf("%d MB read, %d MB more of the system", e.size/mega, (int64(after.Sys)-int64(before.Sys))/mega)
		})
	}
}

func fuzzNetworks(f *testing.F, seeds ...string) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := topology.ReadNetwork("net", strings.NewReader(text), &topology.NetworkOptions{AsOf: someDay, Crossing: true, Country: "DE"})
		if err != nil {
			require.ErrorIs(t, err, topology.ErrInvalid)
			return
		}
		again, err := topology.New(n.Continuum.Spec())
		require.NoError(t, err)
		require.Equal(t, n.Continuum.Digest(), again.Digest())
		if n.Continuum.AsOf().IsZero() {
			return
		}
		var out bytes.Buffer
		require.NoError(t, topology.WriteGraphML(&out, n.Continuum))
		back, err := topology.ReadNetwork("back", &out, nil)
		require.NoError(t, err, "%q", text)
		require.Equal(t, n.Continuum.Digest(), back.Continuum.Digest())
		require.NoError(t, topology.WriteDOT(io.Discard, n.Continuum))
		require.NoError(t, topology.WriteGeoJSON(io.Discard, n.Continuum))
	})
}

func FuzzReadGraphML(f *testing.F) {
	var own bytes.Buffer
	c, err := topology.New(topology.Spec{AsOf: someDay, Name: "x", Providers: []topology.Provider{{ID: "p", Country: "DE"}},
		Sites: []topology.Site{{ID: "s", Provider: "p", Country: "DE", Tier: topology.Edge}}})
	require.NoError(f, err)
	require.NoError(f, topology.WriteGraphML(&own, c))
	fuzzNetworks(f, graphmlHead+"<node id='1'><data key='l'>Ä</data>"+placed+"</node><node id='2'/><edge source='1' target='2'>"+speed+"</edge>"+graphmlTail,
		own.String(), "<graphml><key id='k' for='all' attr.name='label'><default>d</default></key><graph><node id='1'/></graph></graphml>")
}

func FuzzReadGML(f *testing.F) {
	fuzzNetworks(f, "graph [ node [ id 1 label \"A &amp; B\" Latitude 1.5 Longitude 2 a [ b 1 b 2 ] ] edge [ source 1 target 1 ] ]")
}

func FuzzReadSNDlib(f *testing.F) {
	fuzzNetworks(f, sndlibHead+"# x\nNODES ( A ( 1.5 2 ) B ( ) )\nLINKS ( L ( A B ) 1 1 1 1 ( 1 2 ) )\nDEMANDS ( D ( A B ) 1 2 UNLIMITED )")
}

func TestNodesOutsideTheNetworkAreExchanges(t *testing.T) {
	n := read(t, `graph [ node [ id 0 label "Peer" Country "DE" Internal 0 Latitude 52 Longitude 13 ] ]`, nil)
	assert.Zero(t, n.Continuum.NumSites())
	assert.Equal(t, []string{"net:1: node peer stands outside the network: an exchange"}, n.Notes)
}
