package policy

import (
	"sync"
	"sync/atomic"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Workloads that a rule cannot tell apart are one class to it, and so are sites: they have the same values wherever the
// rule can look, see footprint. A rule is asked once for each pair of its classes and the answer kept in a cell. Keys
// are the values themselves: they are found by a hash and compared in full.

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
	mu               sync.RWMutex
	values           intern     // of values; a value's ID is its number + 1, and 0 is the absent value
	workloads, sites []intern   // by view: classes, by the IDs of their values
	cells            [][][]cell // by rule, class of workloads, class of sites; they grow when they are asked
	operators        intern     // what sites share with their provider
	known            map[*topology.Site]*known
	parts            map[*known]*ast.Term // of sites asked about lately
	pictures         []*picture           // oldest first
	held             int                  // bytes of what is not interned
	full             atomic.Bool          // it is time to forget
}

// picture is what is known of one version of a continuum on one day.
type picture struct {
	continuum *topology.Continuum
	day       string
	expired   [][]string // by rule: its tables that are past their last day
	settled   []cell     // by rule: the answer that follows from them; unasked where there are none
	operators map[topology.ProviderID]*operator
	screen    *Screen // of all sites; nil until many are asked about
	transits  map[placement.DataClass]*transit
}

// operator is what is known of a provider.
type operator struct {
	number int32 // those of one number are the same to every rule
	term   *ast.Term
	ids    []uint32 // by sight: of the values of the provider
	held   uint32   // the ID of the certifications that its sites have from it
	err    error    // why its sites cannot be judged
}

// known is what is known of one site.
type known struct {
	day      string
	operator int32
	classes  []int32 // by view
	err      error   // why it cannot be judged
}

// reset forgets everything.
func (s *Set) reset() {
	s.memory.Store(&memory{
		workloads: make([]intern, len(s.views.workloads)), sites: make([]intern, len(s.views.sites)),
		cells: make([][][]cell, len(s.rules)), known: map[*topology.Site]*known{}, parts: map[*known]*ast.Term{},
	})
}

// recall returns what is remembered, after forgetting what is too much of it.
func (s *Set) recall() *memory {
	m := s.memory.Load()
	if m.full.Load() {
		s.reset()
		return s.memory.Load()
	}
	return m
}

// grew notes whether there is too much. The caller holds mu for writing.
func (m *memory) grew(s *Set) {
	if m.size() > s.memoryLimit {
		m.full.Store(true)
	}
}

// size is about how many bytes are kept. The caller holds mu.
func (m *memory) size() int {
	sum := m.held + m.values.bytes() + m.operators.bytes()
	for k := range m.workloads {
		sum += m.workloads[k].bytes()
	}
	for k := range m.sites {
		sum += m.sites[k].bytes()
	}
	return sum
}

// picture returns what is known of a version of the continuum on a day.
func (m *memory) picture(s *Set, c *topology.Continuum, day string) *picture {
	m.mu.RLock()
	p := m.pictured(c, day)
	m.mu.RUnlock()
	if p != nil {
		return p
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if p := m.pictured(c, day); p != nil {
		return p
	}
	p = &picture{continuum: c, day: day, operators: map[topology.ProviderID]*operator{}, transits: map[placement.DataClass]*transit{}}
	for _, old := range m.pictures {
		if old.day != day {
			continue
		}
		p.expired, p.settled = old.expired, old.settled
		if c.SameProviders(old.continuum) {
			p.operators = old.operators // no less true of this version
		}
	}
	if p.settled == nil {
		p.settle(s)
	}
	if len(m.pictures) == maxPictures {
		m.pictures = append([]*picture(nil), m.pictures[1:]...)
	}
	m.pictures = append(m.pictures, p)
	m.held += 256
	m.grew(s)
	return p
}

// settle finds out which rules rest on tables past their last day.
func (p *picture) settle(s *Set) {
	p.expired, p.settled = make([][]string, len(s.rules)), make([]cell, len(s.rules))
	for i, r := range s.rules {
		for _, name := range r.reads.tables {
			if s.tables[name].expired(p.day) {
				p.expired[i] = append(p.expired[i], name)
				p.settled[i] = denied
			}
		}
		if len(p.expired[i]) > 0 && r.Kind == "prefer" {
			p.settled[i] = middle
		}
	}
}

func (m *memory) pictured(c *topology.Continuum, day string) *picture {
	for _, p := range m.pictures {
		if p.continuum == c && p.day == day {
			return p
		}
	}
	return nil
}

// site returns what is known of a site. The caller holds mu for writing.
func (m *memory) site(s *Set, p *picture, site *topology.Site) *known {
	o := m.operator(s, p, site.Provider)
	if k, ok := m.known[site]; ok && k.day == p.day && k.operator == o.number {
		return k
	}
	k := &known{day: p.day, operator: o.number, err: o.err}
	if k.err == nil {
		k.err = checkFacts("site", site.ID, site.Attributes)
	}
	if k.err == nil {
		k.classes = m.siteClasses(s, p, site, o)
	}
	if _, again := m.known[site]; !again {
		m.held += 128 + 4*len(k.classes)
	}
	m.known[site] = k
	m.grew(s)
	return k
}

// remembered returns what is known of a site, nil where nothing is. The caller holds mu.
func (m *memory) remembered(p *picture, site *topology.Site) *known {
	o, ok := p.operators[site.Provider]
	if !ok {
		return nil
	}
	if k, ok := m.known[site]; ok && k.day == p.day && k.operator == o.number {
		return k
	}
	return nil
}

// part builds the part of a site; what is wrong with its provider is wrong with it. The caller holds mu for writing.
func (m *memory) part(s *Set, p *picture, site *topology.Site) (of, provider *ast.Term, err error) {
	o := m.operator(s, p, site.Provider)
	if o.err != nil {
		return nil, nil, o.err
	}
	x, _ := p.continuum.Provider(site.Provider)
	t, err := sitePart(site, x, p.day)
	return t, o.term, err
}

// row returns a rule's answers for a class of workloads, one for each class of sites so far. The caller holds mu for writing.
func (m *memory) row(s *Set, rule int, workloads int32) []cell {
	for int(workloads) >= len(m.cells[rule]) {
		m.cells[rule] = append(m.cells[rule], nil)
		m.held += 24
	}
	row := &m.cells[rule][workloads]
	if missing := m.sites[s.rules[rule].siteView].len() - len(*row); missing > 0 {
		*row = append(*row, make([]cell, missing)...)
		m.held += 4 * missing
		m.grew(s)
	}
	return *row
}

// answered returns a rule's answers for a class of workloads as far as there are any. The caller holds mu.
func (m *memory) answered(rule int, workloads int32) []cell {
	if int(workloads) >= len(m.cells[rule]) {
		return nil
	}
	return m.cells[rule][workloads]
}
