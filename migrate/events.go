package migrate

import (
	"cmp"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// event is the start or end of a hop.
type event struct {
	at     topology.Micros
	starts bool
	hop    int32
}

// events returns starts and ends in order of time; at one time, ends come first.
func events(t *timing) []event {
	out := make([]event, 0, 2*len(t.start))
	for i := range t.start {
		out = append(out, event{t.start[i], true, int32(i)}, event{t.end[i], false, int32(i)})
	}
	slices.SortFunc(out, func(a, b event) int {
		if c := cmp.Compare(a.at, b.at); c != 0 {
			return c
		}
		if a.starts != b.starts {
			if b.starts {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.hop, b.hop)
	})
	return out
}
