package latency

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Digest is the SHA-256, in hexadecimal, of all that answers follow from: the continuum, the time and age that measurements are
// judged by, the observations that count and the estimator. Graphs of one digest give the same answers. O(observations log observations),
// and once for each continuum its own digest.
func (g *Graph) Digest() string {
	h := sha256.New()
	fmt.Fprintf(h, "domicile latency 1\n%s\n%s %d\n", g.continuum.Digest(), g.fresh.asOf.UTC().Format(time.RFC3339Nano), g.fresh.maxAge)
	for _, a := range slices.Sorted(maps.Keys(g.observed)) {
		for _, o := range g.observed[a] {
			if o.other > a {
				fmt.Fprintf(h, "%q %q %v\n", g.ids[a], g.ids[o.other], o.rtt)
			}
		}
	}
	if g.estimator != nil {
		fmt.Fprintf(h, "estimator %q\n", g.estimator.Digest())
	}
	return hex.EncodeToString(h.Sum(nil))
}
