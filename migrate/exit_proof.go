package migrate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/domicile-eu/domicile/placement"
)

// Proof is what independent code says of an exit, and what it takes to come to the same report again.
type Proof struct {
	Input placement.Digests `json:"input"` // of the problem as given; its admission and transit are the policies
	// Target is the digest of the answer that the plan leads to, Plan that of both plans as JSON: SHA-256 in hexadecimal.
	Target string `json:"target"`
	Plan   string `json:"plan"`
	Seed   uint64 `json:"seed"`
	// Asked is how many moves were judged at every state and hop that they pass through.
	Asked int `json:"asked"`
	// Violations are what [placement.Check] finds wrong where the plan ends and what was not so at the start, Faults what
	// [Replay] finds wrong with the plan and BackFaults with the way back. A report is only worth its name where all are empty.
	Violations []placement.Violation `json:"violations,omitempty"`
	Faults     []Fault               `json:"faults,omitempty"`
	BackFaults []Fault               `json:"backFaults,omitempty"`
}

// Holds says that nothing was found wrong.
func (p *Proof) Holds() bool {
	return len(p.Violations) == 0 && len(p.Faults) == 0 && len(p.BackFaults) == 0
}

// prove has the outcome of a drain judged.
func prove(ctx context.Context, p *placement.Problem, d *Drained, solve *placement.Options, opts *Options) (*Proof, error) {
	out := &Proof{Target: d.Target.Digest, Asked: len(d.Plan.Moves) + len(d.Back.Moves), Seed: solve.Resolved().Seed}
	var err error
	if out.Input, err = p.Digests(); err != nil {
		return nil, err
	}
	text, err := json.Marshal([]*Plan{d.Plan, d.Back})
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	out.Plan = hex.EncodeToString(sum[:])

	ran := *p
	ran.Current = d.From
	end := d.end()
	found, err := placement.Check(ctx, &ran, end)
	if err != nil {
		return nil, err
	}
	for _, v := range found {
		if !v.Inherited {
			out.Violations = append(out.Violations, v)
		}
	}
	if out.Faults, err = Replay(ctx, p, d.From, d.goal(), d.Plan, opts); err != nil {
		return nil, err
	}
	out.BackFaults, err = Replay(ctx, p, end, d.From, d.Back, opts)
	return out, err
}
