package migrate

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

const (
	// mostSteps bounds what all passes together look at where Options.Passes is zero, and how much more for each hop: a
	// quarter of a second or so, half a second for 10,000 hops.
	mostSteps, hopSteps = 3_000_000, 600
	// mostStalled is after how many rounds without progress it is given up. On the 450 instances of mVM's authors progress
	// after more is rare; few hops get more rounds, so many that they take as long.
	mostStalled, stalledHops = 1200, 120_000
	// mostPasses is kept to even if they are quick. Hops beyond mostRanked get one pass and a repair.
	mostPasses = 20_000
	mostRanked = 20_000
	// passSteps is about what a pass takes for each hop.
	passSteps = 32
)

// passes returns how often the scheduler may be run, and how many steps it may take for that.
func (s *scheduler) passes() (int, int) {
	switch asked := s.stocks.world.opts.Passes; {
	case asked > 0:
		return asked, math.MaxInt
	case asked < 0 || len(s.hops) > mostRanked:
		return 1, math.MaxInt
	}
	return mostPasses, mostSteps + hopSteps*len(s.hops)
}

// schedule gives times to hops, trying several rankings, and keeps the best; it stops where the bound is met. ends are the
// heads and tails of the hops.
func schedule(ctx context.Context, s *scheduler, bound topology.Micros, ends [2][]topology.Micros) (*timing, error) {
	best := s.run(byLoad(s, ends[1]))
	if best.makespan == never {
		if len(best.shut) > 0 {
			return nil, &shutError{best.shut}
		}
		return nil, errors.New("migrate: the serial order is not safe")
	}
	m := &improver{scheduler: s, best: best, last: best, bound: bound, tails: ends[1]}
	m.left, m.steps = s.passes()
	m.left--
	m.rng = rand.New(rand.NewPCG(s.stocks.world.opts.Seed, 0x6d6967))
	if m.over() {
		m.repair(ends)
		return m.best, ctx.Err()
	}
	m.steps -= m.steps / 4 // for the last repair
	m.try(s.run(s.ranked(byTurn(s, m.tails))))
	m.try(s.place(s.safeOrder(s.ranked(byTurn(s, m.tails)))))
	m.try(s.run(inOrder(s)))
	m.repair(ends)
	for !m.over() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m.round()
	}
	m.repair(ends)
	return m.best, nil
}

// repair shortens the best timing by moving single hops: to the bound, else in steps that get smaller where one is not found
// to be possible. That takes at most a quarter of the steps, or where passes are counted a quarter of what those would take.
func (m *improver) repair(ends [2][]topology.Micros) {
	if m.scheduler.done(m.best, m.bound) || m.stocks.world.opts.Passes < 0 {
		return
	}
	most := (mostSteps + hopSteps*len(m.hops)) / 4
	if asked := m.stocks.world.opts.Passes; asked > 0 {
		most = min(most, asked*passSteps*len(m.hops)/4)
	}
	r, until := m.repairer(m.rng, ends), m.scheduler.steps+most
	limit, step := m.bound, (m.best.makespan-m.bound)/2
	for m.scheduler.steps < until && m.best.makespan > m.bound && step > m.bound>>11 {
		t := r.repair(m.best, limit, min(most/4, until-m.scheduler.steps))
		if t != nil && m.better(m.best, t) == t {
			m.best, m.last, m.stalled = t, t, 0
		} else {
			step /= 2
		}
		limit = max(m.bound, m.best.makespan-max(step, 1))
	}
}

// improver runs the scheduler forwards and backwards in turn, each time ranking by when hops ended the other way (Li and
// Willis, "An iterative scheduling technique for resource-constrained project scheduling", EJOR 1992). Where that repeats
// itself, the ranks are shaken.
type improver struct {
	*scheduler
	back       *scheduler // nil: not made yet
	best, last *timing
	base       *timing // has the least excess lately
	least      float64 // that excess
	bound      topology.Micros
	left       int // passes
	steps      int // most of them
	stalled    int // rounds without progress
	tails      []topology.Micros
	rng        *rand.Rand
}

func (m *improver) over() bool {
	spent := m.scheduler.steps
	if m.back != nil {
		spent += m.back.steps
	}
	return m.left <= 0 || spent > m.steps || m.stalled > mostStalled+stalledHops/max(1, len(m.hops)) || m.scheduler.done(m.best, m.bound)
}

// try looks at one more timing; one in which not everything got its turn, say because its calendar closes, is passed over.
func (m *improver) try(t *timing) {
	m.left--
	if t.makespan == never {
		return
	}
	m.last = t
	if over := m.excess(t); m.base == nil || over <= m.least {
		m.base, m.least = t, over
	}
	if m.better(m.best, t) != m.best {
		m.best, m.stalled = t, 0
	}
}

// round is one more attempt, of three sorts in turn. Hops are put off as far as the last of them allows and drawn forwards
// again, which never takes longer. Or those that ended too late are placed before others (Joslin and Clements, "Squeaky
// wheel optimization", JAIR 1999). Or ranks are shaken and tried in order of time.
func (m *improver) round() {
	m.stalled++
	if m.back == nil {
		m.back = m.reversed()
	}
	switch m.stalled % 4 {
	case 1:
		m.left--
		if back := m.back.place(backwards(m.last)); back.makespan < never {
			m.try(m.place(backwards(back)))
			return
		}
	case 0:
		m.patient = m.stalled%8 == 0
		m.reorder(m.best.order)
		m.try(m.run(m.ranked(m.shaken(startKey(m.best)))))
		return
	}
	from := m.base
	if from == nil {
		from = m.best
	}
	switch m.stalled % 32 {
	case 2:
		from = m.best
	case 3, 11, 19:
		m.try(m.place(m.safeOrder(m.ranked(m.shaken(startKey(m.best))))))
		return
	case 6, 14, 22:
		from = m.last
	case 31:
		m.base = nil
	}
	m.try(m.place(m.safeOrder(m.ranked(m.hurried(from)))))
}

// excess adds up how far hops end beyond what the bound allows: small steps where the makespan takes large ones.
func (m *improver) excess(t *timing) float64 {
	sum := 0.0
	for i, end := range t.end {
		if over := end + m.tails[i] - m.bound; over > 0 {
			sum += float64(over)
		}
	}
	return sum
}

// startKey ranks hops as they start.
func startKey(t *timing) []topology.Micros {
	key := make([]topology.Micros, len(t.start))
	for i := range key {
		key[i] = t.makespan - t.start[i]
	}
	return key
}

// hurried ranks hops as they start, but those that ended late earlier than that, by chance.
func (m *improver) hurried(t *timing) []topology.Micros {
	key := startKey(t)
	for i, end := range t.end {
		if over := end + m.tails[i] - m.bound; over > 0 {
			key[i] += over + topology.Micros(m.rng.Int64N(int64(t.makespan)+1))
		}
	}
	return key
}

// backwards returns the hops of a timing by end, last one first, as the scheduler of the way back numbers
// them: a safe order of that.
func backwards(t *timing) []int32 {
	n := len(t.end)
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(n - 1 - i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(t.end[b], t.end[a]) })
	for i := range order {
		order[i] = int32(n-1) - order[i]
	}
	return order
}

// shaken adds noise to sort keys: more and more while nothing gets better, up to as much as the greatest, then less again.
func (m *improver) shaken(key []topology.Micros) []topology.Micros {
	if m.stalled < 3 || len(key) == 0 {
		return key
	}
	span := int64(slices.Max(key)) / 64 * int64(m.stalled%64)
	for i := range key {
		key[i] += topology.Micros(m.rng.Int64N(span + 1))
	}
	return key
}

// lateness is how much a timing misses what matters more than its makespan.
func (s *scheduler) lateness(t *timing) topology.Micros {
	if s.late == nil {
		return 0
	}
	return s.late(t)
}

// better returns the better of two timings, the first where they are as good.
func (s *scheduler) better(a, b *timing) *timing {
	if cmp.Or(cmp.Compare(s.lateness(b), s.lateness(a)), cmp.Compare(b.makespan, a.makespan)) < 0 {
		return b
	}
	return a
}

// done says whether a timing cannot be improved.
func (s *scheduler) done(t *timing, bound topology.Micros) bool {
	return t.makespan <= bound && s.lateness(t) == 0
}

// ranked turns sort keys, greatest first, into ranks; a class that the caller gave comes before any key.
func (s *scheduler) ranked(key []topology.Micros) []int32 {
	order := make([]int32, len(key))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		if s.class != nil && s.class[a] != s.class[b] {
			return cmp.Compare(s.class[a], s.class[b])
		}
		return cmp.Or(cmp.Compare(key[b], key[a]), cmp.Compare(a, b))
	})
	rank := make([]int32, len(key))
	for i, hop := range order {
		rank[hop] = int32(i)
	}
	return rank
}

// inOrder ranks hops as they stand in the serial order.
func inOrder(s *scheduler) []int32 { return s.ranked(make([]topology.Micros, len(s.hops))) }

// byLoad ranks those first that use the busiest lane, and long ones and those with a long tail before others.
func byLoad(s *scheduler, tails []topology.Micros) []int32 {
	busy := busyTimes(s.net, s.hops)
	key := make([]topology.Micros, len(s.hops))
	for i, h := range s.hops {
		for _, u := range s.net.needs[i] {
			key[i] = max(key[i], busy[u.stock])
		}
		key[i] = min(key[i], math.MaxInt64/4) + h.rest() + tails[i]
	}
	return s.ranked(key)
}

// byTurn returns as sort keys the busiest of the lanes that a hop has for itself while it runs, and a little of all others:
// a lane on which nobody can go beside another loses every moment at which it is idle.
func byTurn(s *scheduler, tails []topology.Micros) []topology.Micros {
	busy := busyTimes(s.net, s.hops)
	key := make([]topology.Micros, len(s.hops))
	for i := range s.hops {
		most, sum := topology.Micros(0), topology.Micros(0)
		for _, u := range s.net.needs[i] {
			if u.amount > s.net.capacity[u.stock]/2 {
				most, sum = max(most, busy[u.stock]), sum+min(busy[u.stock], longest)/64
			}
		}
		key[i] = min(most, longest) + sum + tails[i]
	}
	return key
}
