package policy

import (
	"encoding/binary"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Workloads that a rule cannot tell apart are one class to it, and so are sites: they have the same values wherever the
// rule can look, see footprint. A rule is asked once for each pair of its classes and the answer kept in a cell. Keys
// hold the values themselves, nothing is told apart by a hash.

// cell is one rule's answer to one pair of classes.
type cell int32

const (
	unasked cell = iota
	denied
	endless // no answer within the limits, which denies; it is not asked for again
	// Everything above is points around this middle; a rule that has nothing to say gives none.
	middle cell = 1 << 30
)

func pointsCell(points int64) cell { return middle + cell(points) }

func (c cell) points() int64 { return int64(c - middle) }

func (c cell) refuses() bool { return c == denied || c == endless }

const (
	// maxMemory is about how many bytes of answers are kept: a thousand kinds of workload on ten thousand kinds of site, or much
	// more where rules look at little. When they are spent everything is forgotten; answers do not depend on it.
	maxMemory = 64 << 20
	// maxPictures is how many versions of the continuum and days are kept: a what-if compares two.
	maxPictures = 4
)

// memory is what a set remembers of answers.
type memory struct {
	mu       sync.Mutex
	values   map[string]uint32 // texts of values; 0 is the absent value
	rules    []classes         // by rule
	pictures []*picture        // oldest first
	bytes    int
}

// classes are the classes that one rule tells apart and its answers.
type classes struct {
	workloads, sites map[string]int32 // numbers of classes by the IDs of their values
	cells            [][]cell         // by class of workloads, then of sites; rows grow when they are asked
}

// picture is what is known of one version of a continuum on one day.
type picture struct {
	continuum *topology.Continuum
	day       string
	expired   [][]string // by rule: its tables that are past their last day
	settled   []cell     // by rule: the answer that follows from them; unasked where there are none
	providers map[topology.ProviderID]part
	sites     map[*topology.Site]*known
	transits  map[placement.DataClass]*transit
}

// part is a part of an input, or why there is none.
type part struct {
	term *ast.Term
	err  error
}

// known is what is known of one site.
type known struct {
	classes []int32 // by rule
	err     error   // why it cannot be judged
}

// reset forgets everything.
func (s *Set) reset() {
	m := &memory{values: map[string]uint32{}, rules: make([]classes, len(s.rules))}
	for i := range m.rules {
		m.rules[i] = classes{workloads: map[string]int32{}, sites: map[string]int32{}}
	}
	s.memory.Store(m)
}

// recall returns what is remembered, after forgetting what is too much of it.
func (s *Set) recall() *memory {
	m := s.memory.Load()
	m.mu.Lock()
	full := m.bytes > s.memoryLimit
	m.mu.Unlock()
	if full {
		s.reset()
		return s.memory.Load()
	}
	return m
}

// picture returns what is known of a version of the continuum on a day.
func (m *memory) picture(s *Set, c *topology.Continuum, day string) *picture {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.pictures {
		if p.continuum == c && p.day == day {
			return p
		}
	}
	p := &picture{
		continuum: c, day: day,
		expired:   make([][]string, len(s.rules)),
		settled:   make([]cell, len(s.rules)),
		providers: map[topology.ProviderID]part{},
		sites:     map[*topology.Site]*known{},
		transits:  map[placement.DataClass]*transit{},
	}
	for i, r := range s.rules {
		for _, name := range r.reads.tables {
			if s.tables[name].expired(day) {
				p.expired[i] = append(p.expired[i], name)
				p.settled[i] = denied
			}
		}
		if len(p.expired[i]) > 0 && r.Kind == "prefer" {
			p.settled[i] = middle
		}
	}
	if len(m.pictures) == maxPictures {
		m.pictures = append([]*picture(nil), m.pictures[1:]...)
	}
	m.pictures = append(m.pictures, p)
	return p
}

// site returns what is known of a site. The caller holds mu.
func (m *memory) site(s *Set, p *picture, site *topology.Site) *known {
	if k, ok := p.sites[site]; ok {
		return k
	}
	k := &known{classes: make([]int32, len(s.rules))}
	provider := p.provider(site.Provider)
	term, err := p.part(site)
	if k.err = err; err == nil {
		at := s.project(m, p.day, nil, term, provider.term)
		for i, r := range s.rules {
			k.classes[i] = m.class(m.rules[i].sites, at, r.sitePaths)
		}
	}
	p.sites[site] = k
	m.bytes += 64 + 4*len(k.classes)
	return k
}

// provider returns the part of a provider. The caller holds mu.
func (p *picture) provider(id topology.ProviderID) part {
	if x, ok := p.providers[id]; ok {
		return x
	}
	var x part
	if provider, ok := p.continuum.Provider(id); ok {
		x.term, x.err = providerPart(p.continuum, provider, p.day)
	} else {
		x.err = unknownProvider(id)
	}
	p.providers[id] = x
	return x
}

// part builds the part of a site anew; what is wrong with its provider is wrong with it. The caller holds mu.
func (p *picture) part(site *topology.Site) (*ast.Term, error) {
	if x := p.provider(site.Provider); x.err != nil {
		return nil, x.err
	}
	provider, _ := p.continuum.Provider(site.Provider)
	return sitePart(site, provider, p.day)
}

// workload returns the class of a workload by rule.
func (m *memory) workload(s *Set, day string, term *ast.Term) []int32 {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := s.project(m, day, term, nil, nil)
	numbers := make([]int32, len(s.rules))
	for i, r := range s.rules {
		numbers[i] = m.class(m.rules[i].workloads, at, r.workloadPaths)
	}
	return numbers
}

// class numbers the class of what has these values at these paths. The caller holds mu.
func (m *memory) class(numbers map[string]int32, at []uint32, paths []int) int32 {
	key := make([]byte, 0, 64)
	for _, p := range paths {
		key = binary.LittleEndian.AppendUint32(key, at[p])
	}
	n, ok := numbers[string(key)]
	if !ok {
		n = int32(len(numbers))
		numbers[string(key)] = n
		m.bytes += 48 + len(key)
	}
	return n
}

// project returns the ID of the value at each of the set's paths that lead into the parts given.
func (s *Set) project(m *memory, day string, workload, site, provider *ast.Term) []uint32 {
	at := make([]uint32, len(s.paths))
	for i, p := range s.paths {
		var v *ast.Term
		switch p[0] {
		case "date":
			v = ast.StringTerm(day)
		case "workload":
			v = workload
		case "site":
			v = site
		case "provider":
			v = provider
		}
		at[i] = m.value(find(v, p[1:]))
	}
	return at
}

// value returns the ID of a value; 0 for nil, which is absent. The caller holds mu.
func (m *memory) value(t *ast.Term) uint32 {
	if t == nil {
		return 0
	}
	text := t.Value.String()
	id, ok := m.values[text]
	if !ok {
		id = uint32(len(m.values) + 1)
		m.values[text] = id
		m.bytes += 64 + len(text)
	}
	return id
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

// row returns a rule's answers for a class of workloads, one for each class of sites so far. The caller holds mu.
func (m *memory) row(rule int, workloads int32) []cell {
	c := &m.rules[rule]
	for int(workloads) >= len(c.cells) {
		c.cells = append(c.cells, nil)
		m.bytes += 24
	}
	if missing := len(c.sites) - len(c.cells[workloads]); missing > 0 {
		c.cells[workloads] = append(c.cells[workloads], make([]cell, missing)...)
		m.bytes += 4 * missing
	}
	return c.cells[workloads]
}
