package latency_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

var pingNodes = &latency.PingOptions{
	Probes:  map[int]topology.NodeID{6001: "ljubljana", 6002: "vienna"},
	Targets: map[string]topology.NodeID{"anchor.vienna.example": "vienna", "192.0.2.7": "ljubljana"},
	Fewest:  3,
}

// ping writes a result as RIPE Atlas does; an answer of 0 is a packet that was lost.
func ping(probe int, target string, at int64, answers ...float64) string {
	var list []string
	for _, ms := range answers {
		if ms == 0 {
			list = append(list, `{"x":"*"}`)
		} else {
			list = append(list, fmt.Sprintf(`{"rtt":%v}`, ms))
		}
	}
	return fmt.Sprintf(`{"fw":5080,"af":4,"type":"ping","msm_id":1001,"prb_id":%d,"timestamp":%d,"dst_name":%q,"dst_addr":%q,`+
		`"src_addr":"10.0.0.1","proto":"ICMP","ttl":55,"size":48,"sent":3,"rcvd":3,"min":1,"max":2,"avg":1.5,"step":240,"lts":9,"result":[%s]}`,
		probe, at, target, target, strings.Join(list, ","))
}

func ExampleReadPings() {
	results := "[" + ping(6001, "anchor.vienna.example", 1763942400, 5.912, 6.01, 5.87) + ",\n" +
		ping(6002, "192.0.2.7", 1763942640, 5.9, 0, 9.3) + ",\n" + ping(7, "192.0.2.7", 1763942640, 1) + "]"
	pings, err := latency.ReadPings("pings.json", strings.NewReader(results), &latency.PingOptions{
		Probes:  map[int]topology.NodeID{6001: "ljubljana", 6002: "vienna"},
		Targets: map[string]topology.NodeID{"anchor.vienna.example": "vienna", "192.0.2.7": "ljubljana"},
		Fewest:  3,
	})
	if err != nil {
		panic(err)
	}
	for _, o := range pings.Observations {
		fmt.Println(o.A, o.B, o.RTT.P50, o.RTT.P95, o.At.Format(time.RFC3339), o.Source)
	}
	fmt.Println(pings.Notes[0])
	// Output:
	// ljubljana vienna 5.91 ms 9.3 ms 2025-11-24T00:04:00Z RIPE Atlas 1001
	// pings.json: 1 results of probes without a node are left out
}

func TestPercentilesAreThoseOfAllAnswers(t *testing.T) {
	var list []string
	for i := range 100 { // 1 to 100 ms in some order, both ways round
		probe, target := 6001, "anchor.vienna.example"
		if i%2 == 0 {
			probe, target = 6002, "192.0.2.7"
		}
		list = append(list, ping(probe, target, int64(1763942400+i), float64(i*37%100+1)))
	}
	array, err := latency.ReadPings("p", strings.NewReader(" [\n"+strings.Join(list, " ,\n")+" ]\n"), pingNodes)
	require.NoError(t, err)
	assert.Equal(t, []latency.Observation{{A: "ljubljana", B: "vienna", RTT: topology.RTT{P50: 50_000, P95: 95_000, P99: 99_000},
		At: time.Unix(1763942499, 0).UTC(), Source: "RIPE Atlas 1001"}}, array.Observations)
	assert.Equal(t, 100, array.Results)
	slices.Reverse(list)
	lines, err := latency.ReadPings("p", strings.NewReader(strings.Join(list, "\n")), pingNodes)
	require.NoError(t, err)
	assert.Equal(t, array, lines, "neither order nor form matters")
}

func TestPingsThatProveNothingAreLeftOut(t *testing.T) {
	text := strings.Join([]string{
		ping(6001, "anchor.vienna.example", 1, 5, 0, 0, 0, 6, 7, 0),
		ping(6002, "anchor.vienna.example", 1, 5),
		ping(6001, "192.0.2.9", 1, 5),
		`{"type":"traceroute","prb_id":6001}`,
	}, "\n")
	p, err := latency.ReadPings("p", strings.NewReader(text), pingNodes)
	require.NoError(t, err)
	assert.Empty(t, p.Observations)
	assert.Equal(t, []string{
		"p: ljubljana--vienna: 4 of 7 packets were lost: no observation",
		"p: 1 results between a node and itself are left out",
		"p: 1 results of other measurements than pings are left out",
		"p: 1 results of targets without a node are left out",
	}, p.Notes)
	few, err := latency.ReadPings("p", strings.NewReader(ping(6001, "anchor.vienna.example", 1, 5, 6)), pingNodes)
	require.NoError(t, err)
	assert.Equal(t, []string{"p: ljubljana--vienna: 2 answers are too few: no observation"}, few.Notes)
}

func TestMalformedPingsAreRefused(t *testing.T) {
	good := ping(6001, "anchor.vienna.example", 1, 5)
	for text, want := range map[string]string{
		"x":                     `p:1: has 'x' where a result or the end is expected`,
		"[" + good:              "p:1: ends inside its list",
		"[" + good + good + "]": `p:1: has '{' where a result or the end is expected`,
		"[" + good + ",]":       `p:1: has ']' where a result or the end is expected`,
		"[]\n[]":                "p:2: goes on after the end of its list",
		good + "," + good:       `p:1: has ',' where a result or the end is expected`,
		"\n{\"type\":":          "p:2: ends inside a result",
		"\n{\"type\" 1}":        "p:2: is no result of a ping: invalid character '1' after object key",
		`{"type":"ping"}`:       "p:1: prb_id: is missing",
		ping(6001, "192.0.2.9", 1, 1) + "\n" + ping(6001, "anchor.vienna.example", 1, -1, 4e6): "p:2: result[0].rtt: -1 is no round trip above 0 and up to an hour, in ms\n" +
			"p:2: result[1].rtt: 4e+06 is no round trip above 0 and up to an hour, in ms",
		ping(6001, "anchor.vienna.example", -5, 1): "p:1: timestamp: -5 is no time from 1970 to 9999",
	} {
		p, err := latency.ReadPings("p", strings.NewReader(text), pingNodes)
		assert.EqualError(t, err, want)
		assert.ErrorIs(t, err, latency.ErrInvalid)
		assert.Nil(t, p)
	}
	empty, err := latency.ReadPings("p", strings.NewReader("[ ]"), nil)
	require.NoError(t, err)
	assert.Zero(t, empty.Results)
}

// repeated yields a piece over and over, up to so many bytes, without holding them.
type repeated struct {
	head, piece string
	most, read  int
}

func (r *repeated) Read(p []byte) (n int, err error) {
	for n < len(p) && r.read < r.most {
		var k int
		if r.read < len(r.head) {
			k = copy(p[n:], r.head[r.read:])
		} else {
			k = copy(p[n:], r.piece[(r.read-len(r.head))%len(r.piece):])
		}
		n, r.read = n+k, r.read+k
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func TestHugePingFilesTakeBoundedMemory(t *testing.T) {
	const mega = 1 << 20
	piece := ping(1, "192.0.2.1", 1, 5) + "\n"
	for name, r := range map[string]*repeated{
		"pings of nobody": {piece: piece, most: 20 * mega / len(piece) * len(piece)},
		"one result":      {head: "{", piece: "x", most: 100 * mega},
		"one list inside": {head: `{"result":[`, piece: `{"rtt":1},`, most: 100 * mega},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := latency.ReadPings("p", r, pingNodes)
		runtime.ReadMemStats(&after)
		assert.Less(t, int64(after.Sys)-int64(before.Sys), int64(64*mega), name)
		if r.head != "" {
			assert.EqualError(t, err, "p:1: has a result of more than 1024 KiB")
			assert.Less(t, r.read, 2*mega)
		} else {
			assert.NoError(t, err)
		}
	}
}

func FuzzReadPings(f *testing.F) {
	f.Add("[" + ping(6001, "anchor.vienna.example", 1, 5, 0, 6, 7) + "]")
	f.Add(ping(6002, "192.0.2.7", 1763942400, 5, 6, 7) + "\n" + ping(6001, "x", 1, 0))
	f.Fuzz(func(t *testing.T, text string) {
		p, err := latency.ReadPings("p", strings.NewReader(text), pingNodes)
		if err != nil {
			require.True(t, errors.Is(err, latency.ErrInvalid))
			return
		}
		for _, o := range p.Observations {
			require.NoError(t, o.RTT.Check())
			require.NotEqual(t, o.A, o.B)
		}
	})
}

func TestPingsOfNothing(t *testing.T) {
	_, err := latency.ReadPings("p.json", strings.NewReader(""), nil)
	require.ErrorIs(t, err, latency.ErrInvalid)
	require.ErrorContains(t, err, "p.json:1: is empty")
	none, err := latency.ReadPings("p.json", strings.NewReader("[]"), nil)
	require.NoError(t, err)
	require.Zero(t, none.Results)
	_, err = latency.ReadPings("p.json", strings.NewReader("[]"), &latency.PingOptions{Fewest: -1})
	require.ErrorIs(t, err, latency.ErrInvalid)
}
