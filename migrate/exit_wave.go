package migrate

import (
	"slices"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Wave is moves of a plan of which none waits for another: once all waves before it have ended they may all run. The end of
// a wave is a point to go back from.
type Wave struct {
	Moves []int           `json:"moves"` // IDs, in order
	Start topology.Micros `json:"startMicros"`
	End   topology.Micros `json:"endMicros"`
	Bytes int64           `json:"bytes"`
	// Jurisdictions are those that the routes of the wave cross, sorted.
	Jurisdictions []topology.Jurisdiction `json:"jurisdictions,omitempty"`
	// Back is how many of the moves up to here can be taken back, and BackTransfer what copying them back costs. Complete says
	// that it is all of them.
	Back         int               `json:"back"`
	BackTransfer topology.MicroEUR `json:"backTransferMicroEUR"`
	Complete     bool              `json:"complete"`
}

// leg is one move of one workload.
type leg struct {
	workload placement.WorkloadID
	from, to topology.SiteID
}

// waves divides a plan by how many moves stand behind each other before a move may start; back prices the way back.
func waves(plan, back *Plan) ([]Wave, error) {
	priced := make(map[leg]topology.MicroEUR, len(back.Moves))
	for i := range back.Moves {
		m := &back.Moves[i]
		priced[leg{m.Workload, m.To, m.From}] = m.Transfer
	}
	depth := make(map[int]int, len(plan.Moves))
	var out []Wave
	made := make([]int, 0)
	for i := range plan.Moves { // by start: what a move waits for stands before it
		m := &plan.Moves[i]
		d := 0
		for _, first := range m.After {
			d = max(d, depth[first]+1)
		}
		depth[m.ID] = d
		if d == len(out) {
			out = append(out, Wave{Start: m.Start})
			made = append(made, 0)
		}
		w := &out[d]
		w.Moves = append(w.Moves, m.ID)
		w.Start, w.End = min(w.Start, m.Start), max(w.End, m.End)
		w.Jurisdictions = append(w.Jurisdictions, m.Route.Jurisdictions...)
		if err := total(&w.Bytes, m.Bytes, "the bytes of a wave"); err != nil {
			return nil, err
		}
		made[d]++
		price, ok := priced[leg{m.Workload, m.From, m.To}]
		if !ok {
			continue
		}
		w.Back++
		if err := total(&w.BackTransfer, price, "the cost of the way back"); err != nil {
			return nil, err
		}
	}
	sum := 0
	for d := range out {
		w := &out[d]
		slices.Sort(w.Moves)
		slices.Sort(w.Jurisdictions)
		w.Jurisdictions = slices.Compact(w.Jurisdictions)
		if sum += made[d]; d > 0 {
			w.Back += out[d-1].Back
			if err := total(&w.BackTransfer, out[d-1].BackTransfer, "the cost of the way back"); err != nil {
				return nil, err
			}
		}
		w.Complete = w.Back == sum
	}
	return out, nil
}
