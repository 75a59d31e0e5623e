package policy

import (
	"encoding/binary"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// To project is to number what each view of the rules sees. First every value gets an ID, then every list of IDs.

// projection is the scratch memory of one.
type projection struct {
	text []byte
	ids  []uint32 // by sight
}

func newProjection(s *Set) *projection {
	return &projection{make([]byte, 0, 256), make([]uint32, len(s.views.sights))}
}

// workload returns the classes of a workload by view. Where it must not add and one is new, ok is false.
func (j *projection) workload(m *memory, s *Set, day string, w *placement.Workload, add bool) (classes []int32, ok bool, err error) {
	if err := checkFacts("workload", w.ID, w.Attributes); err != nil {
		return nil, false, err
	}
	var term *ast.Term // where there is no short way
	for k, x := range s.views.sights {
		if x.ofSite() {
			continue
		}
		if x.path[0] == "date" {
			j.text = writeText(j.text[:0], day)
			if len(x.path) > 1 { // below a text there is nothing
				j.text = j.text[:0]
			}
		} else {
			var short bool
			if j.text, short = j.short(x, func(b []byte) ([]byte, bool) { return workloadFact(b, x, w) }); !short {
				if term == nil {
					if term, err = workloadPart(w); err != nil {
						return nil, false, err
					}
				}
				j.text = writeTerm(j.text[:0], x, find(term, x.path[1:]))
			}
		}
		if j.ids[k], ok = valueID(&m.values, j.text, add); !ok {
			return nil, false, nil
		}
	}
	classes, ok = j.classes(s.views.workloads, m.workloads, add)
	return classes, ok, nil
}

// short takes the short way where there is one and more than the whole part is not asked for.
func (j *projection) short(x sight, write func([]byte) ([]byte, bool)) ([]byte, bool) {
	if len(x.path) < 2 {
		return j.text[:0], false
	}
	return write(j.text[:0])
}

// valueID returns the ID of a value, 0 for an absent one.
func valueID(values *intern, text []byte, add bool) (uint32, bool) {
	if len(text) == 0 {
		return 0, true
	}
	n := int32(-1)
	if add {
		n = values.add(text)
	} else {
		n = values.get(text)
	}
	return uint32(n + 1), n >= 0
}

// classes numbers what views see of the values at hand.
func (j *projection) classes(views [][]int, of []intern, add bool) ([]int32, bool) {
	classes := make([]int32, len(views))
	for v, sights := range views {
		j.text = j.text[:0]
		for _, k := range sights {
			j.text = binary.LittleEndian.AppendUint32(j.text, j.ids[k])
		}
		if add {
			classes[v] = of[v].add(j.text)
		} else if classes[v] = of[v].get(j.text); classes[v] < 0 {
			return nil, false
		}
	}
	return classes, true
}

// workload returns the classes of a workload by view.
func (m *memory) workload(s *Set, day string, w *placement.Workload) ([]int32, error) {
	j := newProjection(s)
	classes, ok, err := func() ([]int32, bool, error) {
		m.mu.RLock()
		defer m.mu.RUnlock()
		return j.workload(m, s, day, w, false)
	}()
	if ok || err != nil {
		return classes, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	classes, _, err = j.workload(m, s, day, w, true)
	m.grew(s)
	return classes, err
}

// siteClasses returns the classes of a site by view. The caller holds mu for writing.
func (m *memory) siteClasses(s *Set, p *picture, site *topology.Site, o *operator) []int32 {
	j := newProjection(s)
	j.site(m, s, p, site, o)
	classes, _ := j.classes(s.views.sites, m.sites, true)
	return classes
}

// site numbers what there is of a site and its provider.
func (j *projection) site(m *memory, s *Set, p *picture, site *topology.Site, o *operator) {
	copy(j.ids, o.ids)
	var term *ast.Term
	for k, x := range s.views.sights {
		if x.path[0] != "site" {
			continue
		}
		if len(x.path) == 2 && x.path[1] == "certifications" && !x.kind && len(site.Certifications) == 0 {
			j.ids[k] = o.held
			continue
		}
		var short bool
		if j.text, short = j.short(x, func(b []byte) ([]byte, bool) { return siteFact(b, x, site) }); !short {
			if term == nil {
				// There is no error: facts and provider have been looked at.
				term, _, _ = m.part(s, p, site)
			}
			j.text = writeTerm(j.text[:0], x, find(term, x.path[1:]))
		}
		j.ids[k], _ = valueID(&m.values, j.text, true)
	}
}

// operator returns what is known of a provider. The caller holds mu for writing.
func (m *memory) operator(s *Set, p *picture, id topology.ProviderID) *operator {
	if o, ok := p.operators[id]; ok {
		return o
	}
	o := &operator{ids: make([]uint32, len(s.views.sights))}
	j := newProjection(s)
	if provider, ok := p.continuum.Provider(id); ok {
		if o.term, o.err = providerPart(p.continuum, provider, p.day); o.err == nil {
			o.held, _ = valueID(&m.values, writeTerm(nil, sight{}, ast.NewTerm(certifications(p.day, provider.Certifications))), true)
		}
	} else {
		o.err = unknownProvider(id)
	}
	key := binary.LittleEndian.AppendUint32(nil, o.held)
	if o.err != nil {
		key = append(key, o.err.Error()...)
	}
	for k, x := range s.views.sights {
		if x.path[0] == "provider" && o.err == nil {
			j.text = writeTerm(j.text[:0], x, find(o.term, x.path[1:]))
			o.ids[k], _ = valueID(&m.values, j.text, true)
		}
		key = binary.LittleEndian.AppendUint32(key, o.ids[k])
	}
	o.number = m.operators.add(key)
	p.operators[id] = o
	m.held += 4096 // a term and what surrounds it
	return o
}

// writeTerm writes a value of the input, or of which kind it is.
func writeTerm(b []byte, x sight, t *ast.Term) []byte {
	switch {
	case t == nil:
		return b
	case x.kind:
		return writeText(append(b, 'k'), ast.ValueName(t.Value))
	}
	return writeText(append(b, 'v'), t.Value.String())
}

// find follows keys into a value; nil where one is absent.
func find(t *ast.Term, keys []string) *ast.Term {
	for _, key := range keys {
		if t == nil {
			return nil
		}
		o, ok := t.Value.(ast.Object)
		if !ok {
			return nil
		}
		t = o.Get(ast.StringTerm(key))
	}
	return t
}
