package placement

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"slices"
	"time"

	"github.com/domicile-eu/domicile/latency"
)

// Digests identifies what an answer follows from, part by part: each is a SHA-256 in hexadecimal. An Admission, Transit,
// Relocation or Rule takes part with its method Digest() string, and where it has none with its type only; Opaque names those.
type Digests struct {
	Continuum    string   `json:"continuum"`
	Latency      string   `json:"latency"`
	Applications string   `json:"applications"`
	Objective    string   `json:"objective"`
	Limits       string   `json:"limits"` // Transient, Relocation, Budgets and Rules
	Current      string   `json:"current"`
	Admission    string   `json:"admission"`
	Transit      string   `json:"transit"`
	Opaque       []string `json:"opaque,omitempty"` // types that cannot be told from others of the type
}

// Digests identifies the parts of the problem. O(size of the problem). The error is that of a malformed latency graph.
func (p *Problem) Digests() (Digests, error) {
	g, err := p.graph()
	if err != nil {
		return Digests{}, err
	}
	return p.digests(g), nil
}

func (p *Problem) digests(g *latency.Graph) Digests {
	var opaque []string
	of := func(v any) string {
		d, known := digestOf(v)
		if !known && v != nil {
			opaque = append(opaque, d)
		}
		return d
	}
	limits := []any{p.Transient, of(p.Relocation)}
	for _, b := range p.Budgets {
		limits = append(limits, fmt.Sprintf("%T", b), b)
	}
	for _, rule := range p.Rules {
		limits = append(limits, of(rule))
	}
	apps := []any{p.Applications}
	for _, app := range p.Applications {
		for _, k := range app.Constraints {
			apps = append(apps, fmt.Sprintf("%T", k))
		}
	}
	d := Digests{
		Continuum: p.Continuum.Digest(), Latency: g.Digest(), Applications: sum(apps...), Objective: sum(p.tiersAndBudgets()),
		Limits: sum(limits...), Current: sumOf(p.Current), Admission: of(p.Admission), Transit: of(p.Transit),
	}
	slices.Sort(opaque)
	d.Opaque = slices.Compact(opaque)
	return d
}

// digest identifies what was asked, how, and what came out.
func digest(c *compiled, r *Result, o Options) string {
	return sum("domicile placement 2", c.p.digests(c.graph), c.in.AsOf.UTC().Format(time.RFC3339Nano),
		[]any{o.Seed, o.MaxSteps, o.Workers}, sumOf(r.Assignment))
}

// sum is the SHA-256, in hexadecimal, of values as lines of JSON.
func sum(values ...any) string {
	h := sha256.New()
	for _, v := range values {
		put(h, v)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// sumOf is sum of an assignment.
func sumOf(a Assignment) string {
	h := sha256.New()
	for _, w := range slices.Sorted(maps.Keys(a)) {
		put(h, [2]string{string(w), string(a[w])})
	}
	put(h, len(a))
	return hex.EncodeToString(h.Sum(nil))
}

// put writes a value as a line of JSON, which sorts the keys of maps. What cannot be written (attributes that are no
// data, which validation refuses) counts by its error.
func put(h hash.Hash, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		text = []byte(err.Error())
	}
	h.Write(append(text, '\n'))
}

// digestOf returns what identifies a value, and whether that is more than its type.
func digestOf(v any) (digest string, known bool) {
	if d, ok := v.(interface{ Digest() string }); ok {
		return d.Digest(), true
	}
	return fmt.Sprintf("%T", v), false
}
