package migrate

import (
	"fmt"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// costs are the sums behind a bill.
type costs struct {
	egress   topology.MicroEUR // at list price, of what leaves the scope
	carriage topology.MicroEUR // all other transfer: links, and egress of other providers
	parallel topology.MicroEUR // at list price, of what the disks that leave are written in a day
	work     topology.MicroEUR // the workloads' own move costs
}

// bill lists what the exit costs, and what it would cost otherwise.
func (l *law) bill(p *placement.Problem, d *Drained, when dates) ([]Charge, error) {
	sums, err := costsOf(p, d)
	if err != nil {
		return nil, err
	}
	var out []Charge
	for _, t := range l.charges {
		c := Charge{Name: t.name, Basis: fmt.Sprintf("%s (%s)", t.basis, t.provenance)}
		switch t.id {
		case "switching":
			c.Cost = sums.egress
			c.Applies = !when.transition.Before(t.from) && (t.until.IsZero() || when.transition.Before(t.until))
		case "parallel":
			c.Cost = sums.parallel
		}
		if t.free {
			c.Cost = 0
		}
		out = append(out, c)
	}
	return append(out,
		Charge{"carriage over links, and egress of moves from other providers", sums.carriage, "prices of the continuum", true},
		Charge{"running at both ends during the moves", d.Plan.Double, "prices of the continuum for the new sites", true},
		Charge{"work and risk of moving", sums.work, "moveCost of the workloads, once each", true},
	), nil
}

// costsOf adds up.
func costsOf(p *placement.Problem, d *Drained) (costs, error) {
	var sums costs
	closed, err := d.Scope.sites(p)
	if err != nil {
		return sums, err
	}
	works := make(map[placement.WorkloadID]*placement.Workload)
	for i := range p.Applications {
		for k := range p.Applications[i].Workloads {
			works[p.Applications[i].Workloads[k].ID] = &p.Applications[i].Workloads[k]
		}
	}
	const day = 24 * 3600
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
