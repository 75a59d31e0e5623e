package problem

// Obstacle is what keeps an item from a site that others are on: the dimensions in which room falls short, and the sets of
// full conflicts. It is kept between uses so that looking for one allocates nothing.
type Obstacle struct {
	dims  []lack
	full  []int32 // sets
	moved bool    // the item would be a newcomer
}

type lack struct {
	dim   int32
	short int64
	scale float64 // one over what the item demands
}

// Clear says whether nothing is in the way.
func (o *Obstacle) Clear() bool { return len(o.dims) == 0 && len(o.full) == 0 }

// Obstacle sets o to what keeps item i from a site where it is not. Of conflicts over more than the site it is told what
// would be true if the item came from nowhere.
func (s *State) Obstacle(i, site int32, o *Obstacle) {
	p := s.p
	o.dims, o.full, o.moved = o.dims[:0], o.full[:0], !p.transient || p.Home[i] != site
	base := int(site) * p.Dims
	for _, d := range p.binding[p.bindStart[site]:p.bindStart[site+1]] {
		x := p.demand[int(i)*p.Dims+int(d)]
		room := s.room[base+int(d)]
		if !o.moved {
			room = p.Capacity[base+int(d)] - s.Use[base+int(d)]
		}
		if x > room && x > 0 {
			o.dims = append(o.dims, lack{d, x - room, 1 / float64(x)})
		}
	}
	rules := p.rulesOf(i)
	for k := range rules {
		if r := &rules[k]; r.kind == Conflict && s.on(r.own, p.parts[r.of+site]) >= r.limit {
			o.full = append(o.full, r.own)
		}
	}
}

// Relief returns by how much an obstacle at a site would shrink if item j, which is there, left: what it helps in each
// dimension as a share of what is demanded, and one for each full conflict that it is part of. 0: it would not help.
func (s *State) Relief(o *Obstacle, j, site int32) (relief float64) {
	p := s.p
	stays := p.transient && o.moved && p.Home[j] == site // what it takes until it has left is not free
	own := int(j) * p.Dims
	for k := range o.dims {
		l := &o.dims[k]
		if stays && p.Transient[l.dim] {
			continue
		}
		relief += float64(min(l.short, p.demand[own+int(l.dim)])) * l.scale
	}
	for _, n := range o.full {
		for _, m := range p.itemSets[p.setStart[j]:p.setStart[j+1]] {
			if m == n {
				relief++
			}
		}
	}
	return relief
}

// Without takes out of an obstacle at a site what item j, which is there, contributes.
func (s *State) Without(o *Obstacle, j, site int32) {
	p := s.p
	stays := p.transient && o.moved && p.Home[j] == site
	own, kept := int(j)*p.Dims, o.dims[:0]
	for _, l := range o.dims {
		if !stays || !p.Transient[l.dim] {
			l.short -= p.demand[own+int(l.dim)]
		}
		if l.short > 0 {
			kept = append(kept, l)
		}
	}
	o.dims = kept
	left := o.full[:0]
	for _, n := range o.full {
		in := false
		for _, m := range p.itemSets[p.setStart[j]:p.setStart[j+1]] {
			in = in || m == n
		}
		if !in {
			left = append(left, n)
		}
	}
	o.full = left
}
