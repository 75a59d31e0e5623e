package migrate

import (
	"context"
	"fmt"
	"time"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// ExitReport is the plan of leaving a provider, its legal clock and its bill. It states facts and dates from the data
// it was given; it is no legal advice.
type ExitReport struct {
	Provider topology.ProviderID `json:"provider"`
	Drained
	Readiness Readiness `json:"readiness"`
	Inventory []Item    `json:"inventory"`
	Waves     []Wave    `json:"waves"`
	Clock     []Phase   `json:"clock"`
	Bill      []Charge  `json:"bill"`
	// Wait is what beginning later would save in switching charges, if anything.
	Wait *Wait `json:"wait,omitempty"`
	// Bandwidth is the least sustained rate in bit/s that moves the bytes within the transition period, those of workloads
	// that stay included: they have to leave in another way.
	Bandwidth int64 `json:"bandwidth"`
	// Slack is the transition period less the makespan.
	Slack topology.Micros `json:"slackMicros"`
	// LatestStart is the last safe day to begin, YYYY-MM-DD: even if every move takes three times as long as predicted, the
	// plan ends before the transition period does. Where it is before the first day of that period, the plan is not safe.
	LatestStart string `json:"latestStart"`
	// Law names the data that clock and bill rest on, with its date; Duties are other rules that such a report serves.
	Law    string `json:"law"`
	Duties []Duty `json:"duties,omitempty"`
	Proof  *Proof `json:"proof"`
}

// Duty is a rule that asks for what a report holds.
type Duty struct {
	Name   string `json:"name"`
	Basis  string `json:"basis"`
	Source string `json:"source"`
}

// Wait says that no move before a day would spare a charge.
type Wait struct {
	Until  string            `json:"until"` // YYYY-MM-DD
	Saving topology.MicroEUR `json:"savingMicroEUR"`
	// InTime says that the moves may begin on that day and still end safely within the transition period.
	InTime bool `json:"inTime"`
}

// Item is one workload at the provider.
type Item struct {
	Workload     placement.WorkloadID `json:"workload"`
	Site         topology.SiteID      `json:"site"`
	Bytes        int64                `json:"bytes"`                 // memory and disk
	NotPortable  []string             `json:"notPortable,omitempty"` // what will not come along as it is, and why
	Target       topology.SiteID      `json:"target,omitempty"`
	Alternatives []topology.SiteID    `json:"alternatives,omitempty"` // next best sites, best first
}

// Phase is one period of the legal clock.
type Phase struct {
	Name   string `json:"name"`
	From   string `json:"from"`  // YYYY-MM-DD
	Until  string `json:"until"` // the day on which it is over
	Basis  string `json:"basis"`
	Source string `json:"source"` // where the period was read, and whether first or second hand
}

// Charge is one line of the bill.
type Charge struct {
	Name  string            `json:"name"`
	Cost  topology.MicroEUR `json:"costMicroEUR"`
	Basis string            `json:"basis"`
	// Applies says that the line is due if the plan begins when the transition period does; what is charged by tariffs of
	// which one ends meanwhile is divided by the days on which the moves start. The others are what all of it would cost
	// under the other tariff, or for something that need not be.
	Applies bool `json:"applies"`
}

// safety is what durations are multiplied with for the last safe day: the most that Replay tries.
const safety = 3

// Exit plans the exit from a provider whose contract is given notice at a time: a [Drain] of its sites, an inventory of
// what runs there, and the periods and charges of the EU Data Act, as read from a data file that names the source of
// each. Dates are counted in UTC; nothing in the report says that anything complies with anything. Target and both plans
// are judged by [placement.Check] and [Replay], and what they find stands in the report.
func Exit(ctx context.Context, p *placement.Problem, provider topology.ProviderID, notice time.Time, solve *placement.Options, opts *Options) (*ExitReport, error) {
	if notice.IsZero() {
		return nil, fmt.Errorf("%w: exit: no date of notice", ErrInvalid)
	}
	law, err := readLaw()
	if err != nil {
		return nil, err
	}
	drained, err := Drain(ctx, p, Scope{Providers: []topology.ProviderID{provider}}, solve, opts)
	if err != nil {
		return nil, err
	}
	r := &ExitReport{Provider: provider, Drained: *drained, Law: law.title()}
	if r.Inventory, err = inventory(ctx, p, drained); err != nil {
		return nil, err
	}
	from, _ := p.Continuum.Provider(provider)
	dates := law.dates(notice, from.Country)
	r.Clock = law.clock(dates)
	if r.Bill, r.Wait, err = law.bill(p, drained, dates); err != nil {
		return nil, err
	}
	if r.Waves, err = waves(r.Plan, r.Back); err != nil {
		return nil, err
	}
	if r.Proof, err = prove(ctx, p, drained, solve); err != nil {
		return nil, err
	}
	if err := r.pace(dates); err != nil {
		return nil, err
	}
	r.Duties = law.duties
	r.Readiness = r.readiness(p, dates.length())
	if r.Wait != nil {
		r.Wait.InTime = r.Wait.Until <= r.LatestStart
	}
	return r, nil
}

// pace compares the plan with the transition period.
func (r *ExitReport) pace(d dates) error {
	period := d.length()
	r.Slack = period - r.Plan.Makespan
	bytes := r.Plan.Bytes
	for _, s := range r.Staying {
		for i := range r.Inventory {
			if r.Inventory[i].Workload != s.Workload {
				continue
			}
			if err := total(&bytes, r.Inventory[i].Bytes, "the sum of bytes to copy"); err != nil {
				return err
			}
		}
	}
	rate, ok := scaled(bytes, 8_000_000, int64(period))
	if !ok {
		return fmt.Errorf(overflowing, ErrInvalid, "the bandwidth that the exit needs")
	}
	r.Bandwidth = rate
	const day = 24 * hourMicros
	days := (int64(r.Plan.Makespan)*safety + day - 1) / day
	if int64(r.Plan.Makespan) > (1<<62)/safety || days > 100_000 {
		return fmt.Errorf("%w: the exit takes longer than any calendar", ErrInvalid)
	}
	r.LatestStart = d.transitionEnd.AddDate(0, 0, -int(days)).Format(time.DateOnly)
	return nil
}
