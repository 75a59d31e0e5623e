package problem

// MaxTiers is the largest number of tiers of an objective. Eight are more than anybody has asked for, and a value then
// fills one cache line.
const MaxTiers = 8

// Value is the value of each tier of the objective, first tier first; the tiers that a problem does not have are zero.
type Value [MaxTiers]int64

// Less says whether v comes before w: at the first tier in which they differ, v is lower.
func (v *Value) Less(w *Value) bool {
	for t := range v {
		if v[t] != w[t] {
			return v[t] < w[t]
		}
	}
	return false
}

// Negative says whether a change of v improves.
func (v *Value) Negative() bool {
	for _, x := range v {
		if x != 0 {
			return x < 0
		}
	}
	return false
}

// Add adds w to v.
func (v *Value) Add(w *Value) {
	for t := range v {
		v[t] += w[t]
	}
}

// Sub subtracts w from v.
func (v *Value) Sub(w *Value) {
	for t := range v {
		v[t] -= w[t]
	}
}

// Plus returns the sum of v and w.
func (v Value) Plus(w *Value) Value {
	v.Add(w)
	return v
}
