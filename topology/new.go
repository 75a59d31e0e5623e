package topology

// New makes a continuum of what spec lists. It copies spec: nothing that the caller does to it afterwards changes the
// continuum. Lists that are sets (runtimes, jurisdictions, assumed fields) are sorted, and a link without an ID is named
// after its ends, a--b.
//
// It checks everything and reports every defect at once, see the package documentation. O(n log n) in what spec lists.
func New(spec Spec) (*Continuum, error) {
	c, defects := build(spec)
	if err := defects.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// build makes a continuum, and tells all that is wrong with it.
func build(spec Spec) (*Continuum, *defects) {
	e := edit{next: new(Continuum).fork(), changes: Changes{Put: spec}, defects: &defects{}}
	e.apply()
	e.next.history = history{}.next(&Changes{})
	return e.next, e.defects
}
