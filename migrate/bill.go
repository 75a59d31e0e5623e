package migrate

import (
	"fmt"
	"time"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// costs are the sums behind a bill.
type costs struct {
	egress   topology.MicroEUR   // at list price, of what leaves the scope
	each     []topology.MicroEUR // the same by move
	carriage topology.MicroEUR   // all other transfer: links, and egress of other providers
	parallel topology.MicroEUR   // at list price, of what the disks that leave are written in a day
	work     topology.MicroEUR   // the workloads' own move costs
}

// bill lists what the exit costs, and what it would cost otherwise.
func (l *law) bill(p *placement.Problem, d *Drained, when dates) ([]Charge, *Wait, error) {
	sums, err := costsOf(p, d)
	if err != nil {
		return nil, nil, err
	}
	var out []Charge
	var wait *Wait
	var charged topology.MicroEUR
	for i := range l.charges {
		t := &l.charges[i]
		c := Charge{Name: t.name, Basis: fmt.Sprintf("%s (%s)", t.basis, t.provenance)}
		switch t.id {
		case "switching":
			c.Cost = sums.egress
			if part, some := t.share(d.Plan, sums, when.transition); some {
				c.Cost, c.Applies = part, true
			}
		case "parallel":
			c.Cost = sums.parallel
		}
		if t.free {
			c.Cost = 0
		}
		if t.id == "switching" && c.Applies {
			charged += c.Cost
		}
		if t.id == "switching" && t.free && t.from.After(when.transition) {
			wait = &Wait{Until: t.from.Format(time.DateOnly)}
		}
		out = append(out, c)
	}
	if wait != nil {
		if wait.Saving = charged; charged == 0 {
			wait = nil
		}
	}
	return append(out,
		Charge{"carriage over links, and egress of moves from other providers", sums.carriage, "prices of the continuum", true},
		Charge{"running at both ends during the moves", d.Plan.Double, "prices of the continuum for the new sites", true},
		Charge{"work and risk of moving", sums.work, "moveCost of the workloads, once each", true},
	), wait, nil
}

// share is the egress of the moves that start while a tariff is valid; some says whether there are any, or whether the
// plan, which has none, begins then.
func (t *tariff) share(p *Plan, sums costs, begin time.Time) (part topology.MicroEUR, some bool) {
	valid := func(at time.Time) bool { return !at.Before(t.from) && (t.until.IsZero() || at.Before(t.until)) }
	for i := range p.Moves {
		if valid(begin.Add(time.Duration(p.Moves[i].Start) * time.Microsecond)) {
			part, some = part+sums.each[i], true
		}
	}
	return part, some || len(p.Moves) == 0 && valid(begin)
}

// costsOf adds up.
func costsOf(p *placement.Problem, d *Drained) (costs, error) {
	var sums costs
	closed, err := d.Scope.sites(p)
	if err != nil {
		return sums, err
	}
	works := workloadsByID(p)
	const day = 24 * 3600
	sums.each = make([]topology.MicroEUR, len(d.Plan.Moves))
	for i := range d.Plan.Moves {
		m := &d.Plan.Moves[i]
		from, _ := p.Continuum.Site(m.From)
		to, _ := p.Continuum.Site(m.To)
		work := works[m.Workload]
		rest := m.Transfer
		if closed[m.From] && from.Provider != to.Provider {
			copying, ok := scaled(m.Bytes, int64(from.Egress), gigabyte)
			perSecond, fits := scaled(work.Migration.DiskWrite, day, 1)
			writing, small := scaled(perSecond, int64(from.Egress), gigabyte)
			if !ok || !fits || !small {
				return sums, fmt.Errorf(overflowing, ErrInvalid, "the egress of "+string(m.Workload))
			}
			rest -= topology.MicroEUR(copying)
			sums.each[i] = topology.MicroEUR(copying)
			if err := total(&sums.egress, topology.MicroEUR(copying), "the egress of the exit"); err != nil {
				return sums, err
			}
			if err := total(&sums.parallel, topology.MicroEUR(writing), "the egress of use in parallel"); err != nil {
				return sums, err
			}
		}
		if err := total(&sums.carriage, rest, "the carriage of the exit"); err != nil {
			return sums, err
		}
		if !m.Stage {
			if err := total(&sums.work, work.MoveCost, "the move costs of the exit"); err != nil {
				return sums, err
			}
		}
	}
	return sums, nil
}
