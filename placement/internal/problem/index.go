package problem

import "fmt"

// index is what Finish derives: the same facts by item, laid out for the hot loops.
type index struct {
	demand []int64 // by item and dimension
	// binding lists, per site, the dimensions in which it could ever be full: from bindStart[site] to bindStart[site+1].
	binding   []int32
	bindStart []int32
	// roomFor is the room for newcomers of the empty assignment, as Capacity: less what is at home in transient dimensions.
	roomFor   []int64
	transient bool // some dimension is

	sets      []set
	cells     int     // dense counts needed
	parts     []int32 // by domain and site: the part
	setStart  []int32 // by item: into itemSets
	itemSets  []int32 // the sets that an item is in
	ruleStart []int32 // by item: into rules
	rules     []rule

	// watch lists, per item, the sets that it is in and those whose members or partners it is: two items that share none
	// and no path and have no flow between them do not meet each other. mask has a bit for each of them, and for flows and
	// paths, folded.
	watchStart []int32
	watch      []int32
	mask       []uint64

	arcStart []int32
	arcs     []arc
	partners []int32  // by arc: the other item
	stops    [][]stop // by item: where it stands in paths; nil where there are none

	loads    bool // some LoadWeight is not zero
	used     bool // the use of sites costs something
	wide     bool // traffic needs 128 bits
	plainUse bool // excess and balance are single products, divided by nothing
	moving   bool // being elsewhere than at home costs something or is limited
	quotaAt  []int32
	relocate [][]int64 // by site: prices of leaving it, where somebody is at home
	batchOf  []int32   // sizes of the batches
	most     [MaxTiers]int64
}

// set is items whose number on each part of a domain is kept, for one group or for several that look at the same ones.
type set struct {
	members []int32
	of      int32 // first of the domain in index.parts, -1: only the sum counts
	cell    int32 // first dense count, -1: counted by looking at the members
	spread  bool  // how many parts have members is kept
}

// rule is what one group asks of one item.
type rule struct {
	kind  GroupKind
	with  bool  // the item is on the With side
	own   int32 // set of the members
	other int32 // set of With
	of    int32 // as set.of
	limit int32
}

// arc is a flow as seen from one of its ends.
type arc struct {
	other int32
	pairs int32
	bound int32
	out   bool // the item is the sender
	rate  int64
}

// scanUpTo is the number of parts per member up to which a set keeps a dense count per part. Above it the members are few
// compared with the parts, and looking at each costs less than the memory.
const scanUpTo = 64

func (p *Problem) indexItems() {
	total := make([]int64, p.Dims)
	p.demand = make([]int64, p.Items*p.Dims)
	for i, c := range p.Class {
		for d, x := range p.Classes[c].Demand {
			p.demand[i*p.Dims+d] = x
			total[d] += x // checked by checkDemands before
		}
	}
	p.roomFor = append([]int64(nil), p.Capacity...)
	for d, yes := range p.Transient {
		p.transient = p.transient || yes && p.Home != nil
		for i, home := range p.Home {
			if yes && home >= 0 {
				k := int(home)*p.Dims + d
				p.roomFor[k] = max(0, p.roomFor[k]-p.demand[i*p.Dims+d])
			}
		}
	}
	p.bindStart = make([]int32, p.Sites+1)
	for s := range p.Sites {
		for d := range p.Dims {
			if p.roomFor[s*p.Dims+d] < total[d] {
				p.binding = append(p.binding, int32(d))
			}
		}
		p.bindStart[s+1] = int32(len(p.binding))
	}
}

// indexGroups makes the sets, one for all groups that look at the same items over the same domain, and lists the rules.
func (p *Problem) indexGroups() {
	for _, d := range p.Domains {
		p.parts = append(p.parts, d.Of...)
	}
	known := make(map[setKey][]int32)
	type entry struct {
		item int32
		rule rule
	}
	var entries []entry
	p.setStart, p.ruleStart = make([]int32, p.Items+1), make([]int32, p.Items+1)
	for g := range p.Groups {
		group := &p.Groups[g]
		r := rule{kind: group.Kind, limit: group.Limit, of: int32(int(group.Domain) * p.Sites), other: -1}
		if group.Kind == Gang {
			r.of, r.limit = -1, int32(len(group.Members))
		}
		r.own = p.setOf(known, group.Members, r.of, group.Domain)
		if group.Kind == Attend {
			r.other = p.setOf(known, group.With, r.of, group.Domain)
		}
		p.sets[r.own].spread = p.sets[r.own].spread || group.Kind == Spread
		for _, i := range group.Members {
			entries = append(entries, entry{i, r})
		}
		r.with = true
		for _, i := range group.With {
			entries = append(entries, entry{i, r})
		}
	}
	for k := range entries {
		p.ruleStart[entries[k].item+1]++
	}
	for n := range p.sets {
		for _, i := range p.sets[n].members {
			p.setStart[i+1]++
		}
	}
	for i := range p.Items {
		p.ruleStart[i+1] += p.ruleStart[i]
		p.setStart[i+1] += p.setStart[i]
	}
	p.rules, p.itemSets = make([]rule, len(entries)), make([]int32, p.setStart[p.Items])
	next := append([]int32(nil), p.ruleStart...)
	for k := range entries {
		p.rules[next[entries[k].item]] = entries[k].rule
		next[entries[k].item]++
	}
	next = append(next[:0], p.setStart...)
	for n := range p.sets {
		for _, i := range p.sets[n].members {
			p.itemSets[next[i]] = int32(n)
			next[i]++
		}
	}
}

// indexWatch lists the sets that each item's rules look at or that look at the item.
func (p *Problem) indexWatch() {
	p.watchStart, p.mask = make([]int32, p.Items+1), make([]uint64, p.Items)
	add := func(i int, n int32) {
		for _, m := range p.watch[p.watchStart[i]:] {
			if m == n {
				return
			}
		}
		p.watch = append(p.watch, n)
		p.mask[i] |= 1 << (uint32(n) * 2654435769 >> 26)
	}
	for i := range p.Items {
		p.watchStart[i] = int32(len(p.watch))
		for _, r := range p.rulesOf(int32(i)) {
			add(i, r.own)
			if r.other >= 0 {
				add(i, r.other)
			}
		}
		p.watchStart[i+1] = int32(len(p.watch))
	}
	for k := range p.Flows {
		bit := uint64(1) << (uint32(k) * 2654435769 >> 26)
		p.mask[p.Flows[k].From] |= bit
		p.mask[p.Flows[k].To] |= bit
	}
}

func (p *Problem) watched(i int32) []int32 { return p.watch[p.watchStart[i]:p.watchStart[i+1]] }

type setKey struct {
	of, first int32
	size      int
}

// setOf returns the number of a set of items, the same for the same items over the same domain.
func (p *Problem) setOf(known map[setKey][]int32, members []int32, of, domain int32) int32 {
	key := setKey{of: of, size: len(members), first: -1}
	if len(members) > 0 {
		key.first = members[0]
	}
	for _, n := range known[key] {
		if equal(p.sets[n].members, members) {
			return n
		}
	}
	s := set{members: members, of: of, cell: -1}
	if of >= 0 && p.Domains[domain].Parts <= scanUpTo*len(members) {
		s.cell = int32(p.cells)
		p.cells += p.Domains[domain].Parts
	}
	n := int32(len(p.sets))
	p.sets = append(p.sets, s)
	known[key] = append(known[key], n)
	return n
}

func equal(a, b []int32) bool {
	if len(a) != len(b) {
		return false
	}
	for k := range a {
		if a[k] != b[k] {
			return false
		}
	}
	return true
}

func (p *Problem) indexFlows() {
	p.arcStart = make([]int32, p.Items+1)
	for k := range p.Flows {
		p.arcStart[p.Flows[k].From+1]++
		p.arcStart[p.Flows[k].To+1]++
	}
	for i := range p.Items {
		p.arcStart[i+1] += p.arcStart[i]
	}
	next := append([]int32(nil), p.arcStart...)
	p.arcs = make([]arc, p.arcStart[p.Items])
	for k := range p.Flows {
		f := &p.Flows[k]
		p.arcs[next[f.From]] = arc{other: f.To, pairs: f.Pairs, bound: f.Bound, out: true, rate: f.Rate}
		p.arcs[next[f.To]] = arc{other: f.From, pairs: f.Pairs, bound: f.Bound, rate: f.Rate}
		next[f.From]++
		next[f.To]++
	}
	for k := range p.arcs {
		p.partners = append(p.partners, p.arcs[k].other)
	}
}

// indexMoves numbers quotas and batches, and looks up the prices of leaving every site at which somebody is at home.
func (p *Problem) indexMoves() error {
	p.moving = p.MoveOf != nil || p.Home != nil && (len(p.Relocation) > 0 || len(p.GroupMoves) > 0 || p.LimitMoves)
	if len(p.Relocation) > 0 {
		p.relocate = make([][]int64, p.Sites)
		for _, home := range p.Home {
			if home >= 0 && p.relocate[home] == nil {
				p.relocate[home] = p.Relocate(home)
			}
		}
		if err := p.checkRelocation(); err != nil {
			return err
		}
	}
	at := int32(0)
	for _, q := range p.Quotas {
		p.quotaAt = append(p.quotaAt, at)
		at += int32(p.Domains[q.Domain].Parts)
	}
	p.quotaAt = append(p.quotaAt, at)
	p.batchOf = make([]int32, p.Batches)
	for _, b := range p.Batch {
		p.batchOf[b]++
	}
	return nil
}

// checkRelocation makes sure that all moves together cannot overflow, each at the dearest price.
func (p *Problem) checkRelocation() error {
	most := int64(0)
	for from, row := range p.relocate {
		for to, x := range row {
			if x < 0 {
				return fmt.Errorf("%w: from site %d to site %d: %d", ErrNegative, from+1, to+1, x)
			}
			most = max(most, x)
		}
	}
	for _, term := range p.Relocation {
		each, ok := times(most, term.Weight, hours)
		sum, fits := times(each, int64(p.Items), 1)
		if !ok || !fits || sum > Most-p.most[term.Tier] {
			return fmt.Errorf("%w: tier %d, relocation", ErrOverflow, term.Tier+1)
		}
		p.most[term.Tier] += each
	}
	return nil
}
