package bound

import (
	"cmp"
	"slices"
)

// unit is items that are placed together: a tree of parts, or a part that stands in none.
type unit struct {
	tree  [2]int32 // in forest.nodes; {-1, -1}: none
	items []int32
	ends  []int32 // by node: where its items end in items
	tight float64 // the greater, the fewer sites there are to choose from
	size  float64 // of what it takes, in shares of all there is
}

// unitsOf lists the units: those with the fewest sites to choose from first, of equals the largest.
func (t *settler) unitsOf(f *forest) []unit {
	p := t.p
	of := make([][]int32, len(f.nodes))
	for i, n := range f.nodeOf {
		if n >= 0 {
			of[n] = append(of[n], int32(i))
		}
	}
	var units []unit
	for _, span := range f.trees {
		u := unit{tree: span}
		for n := span[0]; n < span[1]; n++ {
			u.items = append(u.items, of[n]...)
			u.ends = append(u.ends, int32(len(u.items)))
		}
		units = append(units, u)
	}
	units = t.addLoose(units, f)
	total := make([]float64, p.Dims)
	for k, x := range p.Capacity {
		total[k%p.Dims] += float64(x)
	}
	for k := range units {
		u := &units[k]
		for _, i := range u.items {
			class, largest := &p.Classes[p.Class[i]], 0.0
			for d, x := range class.Demand {
				if x != 0 && total[d] != 0 {
					largest = max(largest, float64(x)/total[d])
				}
			}
			u.size += largest
			u.tight += 1 / float64(1+len(class.Sites))
		}
	}
	slices.SortStableFunc(units, func(a, b unit) int {
		return cmp.Or(cmp.Compare(b.tight, a.tight), cmp.Compare(b.size, a.size))
	})
	return units
}

// addLoose adds the parts that stand in no tree.
func (t *settler) addLoose(units []unit, f *forest) []unit {
	of := make(map[int32]int) // by part: its unit
	for i, part := range t.p.Part {
		if f.taken[i] {
			continue
		}
		k, known := of[part]
		if !known {
			k = len(units)
			of[part] = k
			units = append(units, unit{tree: [2]int32{-1, -1}})
		}
		units[k].items = append(units[k].items, int32(i))
	}
	return units
}
