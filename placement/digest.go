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

	"github.com/domicile-eu/domicile/topology"
)

// digest returns the SHA-256 of what was asked, how, and what came out. An Admission or Transit with a method
// Digest() string takes part with that; one without it, and Problem.Rules, take part with their type only.
func digest(c *compiled, r *Result, o Options) string {
	h := sha256.New()
	put(h, "domicile placement 1")
	put(h, c.p.Continuum.Digest())
	put(h, c.in.AsOf.UTC().Format(time.RFC3339Nano))
	put(h, c.p.Applications)
	for _, app := range c.p.Applications {
		for _, k := range app.Constraints {
			put(h, fmt.Sprintf("%T", k))
		}
	}
	put(h, c.tiers)
	put(h, c.p.Transient)
	put(h, fmt.Sprintf("%T", c.p.Relocation))
	for _, b := range c.p.Budgets {
		put(h, fmt.Sprintf("%T", b))
		put(h, b)
	}
	put(h, digestOf(c.p.Admission))
	put(h, digestOf(c.p.Transit))
	for _, rule := range c.p.Rules {
		put(h, digestOf(rule))
	}
	put(h, digestOf(c.graph))
	putAssignment(h, c.p.Current)
	put(h, []any{o.Seed, o.MaxSteps, o.Workers})
	putAssignment(h, r.Assignment)
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

func putAssignment(h hash.Hash, a Assignment) {
	for _, w := range slices.Sorted(maps.Keys(a)) {
		put(h, [2]string{string(w), string(topology.SiteID(a[w]))})
	}
	put(h, len(a))
}

func digestOf(v any) string {
	if d, ok := v.(interface{ Digest() string }); ok {
		return d.Digest()
	}
	return fmt.Sprintf("%T", v)
}
