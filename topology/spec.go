package topology

import "time"

// Spec lists what a continuum holds, or what an update adds to one. Order does not matter.
type Spec struct {
	Name string
	// AsOf is the date the description speaks of; programs take it as their only now unless told otherwise.
	AsOf         time.Time
	Providers    []Provider
	Sites        []Site
	AccessPoints []AccessPoint
	Exchanges    []Exchange
	Links        []Link
}

// Spec lists what the continuum holds, each kind in order of ID. The lists are copies that the caller may change; New of
// them makes a continuum of the same digest. O(n).
func (c *Continuum) Spec() Spec {
	spec := Spec{Name: c.name, AsOf: c.asOf}
	for p := range c.Providers() {
		spec.Providers = append(spec.Providers, *p.clone())
	}
	for s := range c.Sites() {
		spec.Sites = append(spec.Sites, *s.clone())
	}
	for a := range c.AccessPoints() {
		spec.AccessPoints = append(spec.AccessPoints, *a.clone())
	}
	for x := range c.Exchanges() {
		spec.Exchanges = append(spec.Exchanges, *x.clone())
	}
	for l := range c.Links() {
		spec.Links = append(spec.Links, *l.clone())
	}
	return spec
}
