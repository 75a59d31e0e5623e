// Package estimate is the suite that measures estimates of pairs nobody measured: each place of a matrix of round trips shows
// those to some others, drawn at random, and the rest is guessed.
package estimate

import (
	"bufio"
	"compress/gzip"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/domicile-eu/domicile/bench/harness"
	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/latency/estimate"
	"github.com/domicile-eu/domicile/topology"
)

// Suite guesses what a matrix does not show. Figures are medians over five seeds, -seed and the four after it. It takes no
// budget: the work is set by the matrix.
var Suite = harness.Suite{
	Name:  "estimate",
	Usage: "-matrix F [-bbox S,W,N,E] -neighbours K: round trips that nobody measured, from K measured ones a place",
	Flags: func(set *flag.FlagSet) harness.Runner {
		c := &config{}
		set.StringVar(&c.matrix, "matrix", "", "CSV file of round trips in ms, may be gzipped")
		set.StringVar(&c.bbox, "bbox", "", "keep places between south,west,north,east only, in degrees")
		set.IntVar(&c.neighbours, "neighbours", 32, "to how many others, drawn at random, each place's round trip is shown")
		return c.run
	},
}

// config is the suite's own flags.
type config struct {
	matrix, bbox string
	neighbours   int
}

func (c *config) run(ctx context.Context, f harness.Flags, p *harness.Progress) (harness.Outcome, error) {
	switch {
	case c.matrix == "":
		return nil, fmt.Errorf("%w: -matrix is needed", harness.ErrUsage)
	case c.neighbours < 1:
		return nil, fmt.Errorf("%w: -neighbours %d is below 1", harness.ErrUsage, c.neighbours)
	case f.Out != "":
		return nil, fmt.Errorf("%w: the suite has no answer file, -out %s", harness.ErrUsage, f.Out)
	}
	box, err := parseBox(c.bbox)
	if err != nil {
		return nil, err
	}
	m, err := readMatrix(c.matrix)
	if err != nil {
		return nil, err
	}
	w := newWorld(m, box)
	r := &result{places: len(w.places), all: len(m.Names), misplaced: w.misplaced}
	return r, r.measure(ctx, w, c.neighbours, f, p)
}

func readMatrix(name string) (*latency.Matrix, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	in := bufio.NewReader(file)
	var unpacked io.Reader = in
	if magic, _ := in.Peek(2); string(magic) == "\x1f\x8b" {
		if unpacked, err = gzip.NewReader(in); err != nil {
			return nil, err
		}
	}
	return latency.ReadMatrix(name, unpacked)
}

// box is south, west, north, east.
type box [4]float64

// parseBox reads a box; nil where there is none.
func parseBox(text string) (*box, error) {
	if text == "" {
		return nil, nil
	}
	parts := strings.Split(text, ",")
	var b box
	ok := len(parts) == len(b)
	for i := range b {
		if ok {
			x, err := strconv.ParseFloat(strings.TrimSpace(parts[i]), 64)
			b[i], ok = x, err == nil
		}
	}
	if !ok || !(b[0] <= b[2] && b[1] <= b[3]) {
		return nil, fmt.Errorf("%w: -bbox %q is not south,west,north,east", harness.ErrUsage, text)
	}
	return &b, nil
}

func (b *box) holds(l *topology.Location) bool {
	return b == nil || l != nil && b[0] <= l.Lat && l.Lat <= b[2] && b[1] <= l.Lon && l.Lon <= b[3]
}

// world is the part of a matrix that is measured.
type world struct {
	places    []estimate.Place
	pairs     []latency.Observation
	misplaced int // of the whole matrix
}

// newWorld drops coordinates that contradict the speed of light, then, with a box, all places that are not known to be in it.
func newWorld(m *latency.Matrix, b *box) *world {
	all := make([]estimate.Place, len(m.Names))
	for i, id := range m.Names {
		all[i] = estimate.Place{ID: id, Location: m.Where[i]}
	}
	observations := m.Observations("matrix")
	wrong := map[topology.NodeID]bool{}
	for _, id := range estimate.Misplaced(all, observations) {
		wrong[id] = true
	}
	w := &world{misplaced: len(wrong)}
	kept := map[topology.NodeID]bool{}
	for _, p := range all {
		if wrong[p.ID] {
			p.Location = nil
		}
		if b.holds(p.Location) {
			w.places = append(w.places, p)
			kept[p.ID] = true
		}
	}
	for _, o := range observations {
		if kept[o.A] && kept[o.B] {
			w.pairs = append(w.pairs, o)
		}
	}
	return w
}
