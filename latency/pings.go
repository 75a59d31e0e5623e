package latency

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/domicile-eu/domicile/internal/document"
	"github.com/domicile-eu/domicile/topology"
)

// PingOptions say which nodes the pings went between.
type PingOptions struct {
	// Probes names the node of each RIPE Atlas probe, by its number (prb_id).
	Probes map[int]topology.NodeID
	// Targets names the node of each target, by its name or its address (dst_name or dst_addr).
	Targets map[string]topology.NodeID
	// Fewest is how many answers a pair needs; 0: 20, fewer of which say next to nothing of a 95th percentile.
	Fewest int
}

// Pings is what became of results of pings.
type Pings struct {
	// Observations are one for each pair of nodes, in order of their IDs.
	Observations []Observation
	// Results is how many results of pings the file holds.
	Results int
	// Notes name, as FILE:LINE: text or FILE: text, what was left out.
	Notes []string
}

// The limits of what ReadPings reads.
const (
	maxPingFile   = 1 << 30   // bytes
	maxPingResult = 1 << 20   // bytes of a result
	maxAnswers    = 4_000_000 // kept of known pairs, 8 bytes each
	mostPingNotes = 100
)

// ReadPings reads results of pings as RIPE Atlas hands them out (atlas.ripe.net, data structure of ping results): one
// JSON list of results, or results one after the other as its streams and daily files have them. file is only the name
// used in errors and notes.
//
// All answers between two nodes, either way round, make one observation: their 50th, 95th and 99th percentile (the least
// answer that is no smaller than so many of them), rounded up to microseconds, dated by the newest of their results. Of
// few answers the higher percentiles are the largest. Second answers to one packet do not count. Lost packets have no round trip and are left out, but of a pair
// that lost more than half there is no observation, nor of one with too few answers: what is unknown satisfies no bound.
// Results of probes or targets without a node, of other measurements, of failed ones, and between a node and itself are
// left out. Notes say how many of each.
//
// The error names file and line of what is malformed, such as round trips that are negative or above an hour, and wraps
// [ErrInvalid]. Files are limited to 1 GiB and 4 million answers of pairs with nodes; what is read takes a bounded
// amount of memory besides these. O(n log n).
func ReadPings(file string, r io.Reader, opts *PingOptions) (*Pings, error) {
	if opts == nil {
		opts = &PingOptions{}
	}
	p := &pingReader{file: file, opts: opts, pairs: map[pingPair]*pingAnswers{}, left: map[string]int{}}
	if err := p.read(r); err != nil {
		return nil, err
	}
	return p.result(), nil
}

type pingPair struct{ a, b topology.NodeID }

type pingAnswers struct {
	micros []topology.Micros
	lost   int
	newest int64
	msm    int64 // measurement, -1 for several
}

type pingReader struct {
	file    string
	opts    *PingOptions
	pairs   map[pingPair]*pingAnswers
	left    map[string]int // why, and how often
	results int
	answers int
	errs    []error
	more    int
}

// pingResult is a result as RIPE Atlas writes it.
type pingResult struct {
	Type      string       `json:"type"`
	Probe     *int         `json:"prb_id"`
	MSM       int64        `json:"msm_id"`
	Timestamp int64        `json:"timestamp"`
	Name      string       `json:"dst_name"`
	Address   string       `json:"dst_addr"`
	Result    []pingAnswer `json:"result"`
}

// pingAnswer has a round trip in ms, or x for none in time, or an error.
type pingAnswer struct {
	RTT       *float64 `json:"rtt"`
	Duplicate int      `json:"dup"` // a second answer to one packet
}

func (p *pingReader) fatal(line int, format string, args ...any) error {
	return document.Errorf(p.file, line, ErrInvalid, format, args...)
}

func (p *pingReader) read(r io.Reader) error {
	if p.opts.Fewest < 0 {
		return fmt.Errorf("%w: PingOptions.Fewest is negative: %d", ErrInvalid, p.opts.Fewest)
	}
	s := &pingSource{in: bufio.NewReader(r), line: 1}
	if _, err := s.in.Peek(1); err == io.EOF {
		return p.fatal(1, "is empty")
	}
	for {
		text, line, err := s.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return p.fatal(line, "%w", err)
		}
		var result pingResult
		if err := json.Unmarshal(text, &result); err != nil {
			return p.fatal(line, "is no result of a ping: %w", err)
		}
		p.results++
		if err := p.take(&result, line); err != nil {
			return err
		}
	}
	const most = 100
	if len(p.errs) > most {
		p.errs = append(p.errs[:most], p.fatal(0, "and %d more", len(p.errs)-most+p.more))
	}
	return errors.Join(p.errs...)
}

// take takes a result.
func (p *pingReader) take(r *pingResult, line int) error {
	if r.Type != "" && r.Type != "ping" {
		p.left["of other measurements than pings"]++
		return nil
	}
	if r.Probe == nil {
		p.defect(line, "prb_id: is missing")
		return nil
	}
	a, okA := p.opts.Probes[*r.Probe]
	b, okB := p.opts.Targets[r.Name]
	if !okB {
		b, okB = p.opts.Targets[r.Address]
	}
	switch {
	case !okA:
		p.left["of probes without a node"]++
		return nil
	case !okB:
		p.left["of targets without a node"]++
		return nil
	case a == b:
		p.left["between a node and itself"]++
		return nil
	case r.Timestamp < 0 || r.Timestamp > 253402300799: // 9999
		p.defect(line, "timestamp: %d is no time from 1970 to 9999", r.Timestamp)
		return nil
	}
	pair := pingPair{min(a, b), max(a, b)}
	known := p.pairs[pair]
	if known == nil {
		known = &pingAnswers{msm: r.MSM}
		p.pairs[pair] = known
	}
	if known.msm != r.MSM {
		known.msm = -1
	}
	known.newest = max(known.newest, r.Timestamp)
	for i, x := range r.Result {
		if x.Duplicate != 0 {
			continue
		}
		if x.RTT == nil {
			known.lost++
			continue
		}
		if !(*x.RTT > 0 && *x.RTT <= 3_600_000) {
			p.defect(line, "result[%d].rtt: %v is no round trip above 0 and up to an hour, in ms", i, *x.RTT)
			continue
		}
		if p.answers++; p.answers > maxAnswers {
			return p.fatal(line, "has more than %d answers", maxAnswers)
		}
		known.micros = append(known.micros, topology.Micros(math.Ceil(*x.RTT*1000)))
	}
	return nil
}

func (p *pingReader) defect(line int, format string, args ...any) {
	if len(p.errs) > mostPingNotes {
		p.more++
		return
	}
	p.errs = append(p.errs, p.fatal(line, format, args...))
}

func (p *pingReader) result() *Pings {
	out := &Pings{Results: p.results}
	fewest := cmp.Or(p.opts.Fewest, 20)
	for _, pair := range sortedPairs(p.pairs) {
		known := p.pairs[pair]
		switch answers := len(known.micros); {
		case known.lost > answers:
			out.Notes = append(out.Notes, fmt.Sprintf("%s: %s--%s: %d of %d packets were lost: no observation", p.file, pair.a, pair.b,
				known.lost, known.lost+answers))
		case answers < fewest:
			out.Notes = append(out.Notes, fmt.Sprintf("%s: %s--%s: %d answers are too few: no observation", p.file, pair.a, pair.b, answers))
		default:
			out.Observations = append(out.Observations, known.observation(pair))
		}
	}
	for _, why := range slices.Sorted(maps.Keys(p.left)) {
		out.Notes = append(out.Notes, fmt.Sprintf("%s: %d results %s are left out", p.file, p.left[why], why))
	}
	return out
}

func (k *pingAnswers) observation(pair pingPair) Observation {
	slices.Sort(k.micros)
	at := func(percent int) topology.Micros { return k.micros[(len(k.micros)*percent+99)/100-1] }
	o := Observation{A: pair.a, B: pair.b, RTT: topology.RTT{P50: at(50), P95: at(95), P99: at(99)}, Source: "RIPE Atlas"}
	if k.newest > 0 {
		o.At = time.Unix(k.newest, 0).UTC()
	}
	if k.msm > 0 {
		o.Source += " " + strconv.FormatInt(k.msm, 10)
	}
	return o
}

func sortedPairs(pairs map[pingPair]*pingAnswers) []pingPair {
	return slices.SortedFunc(maps.Keys(pairs), func(x, y pingPair) int {
		return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
	})
}
