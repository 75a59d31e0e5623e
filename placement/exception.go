package placement

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/topology"
)

// exception admits one component to one site although certain rules deny it, and is the admission below in every other
// respect: a further rule that denies the pair goes on denying it.
type exception struct {
	Admission
	fix Fix
}

// except wraps the problem's admission.
func except(p *Problem, f Fix) (Admission, error) {
	if p.Admission == nil || len(f.Rules) == 0 {
		return nil, fmt.Errorf("%w: there is no rule to except %s from", ErrInvalid, f.Component)
	}
	return &exception{p.Admission, f}, nil
}

// Digest tells the exception apart from the admission below.
func (x *exception) Digest() string {
	inner := ""
	if d, ok := x.Admission.(interface{ Digest() string }); ok {
		inner = d.Digest()
	}
	return fmt.Sprintf("%s; %s at %s except %s", inner, x.fix.Component, x.fix.Site, strings.Join(x.fix.Rules, ","))
}

// Admit asks the admission below, and for the excepted pair why it says no.
func (x *exception) Admit(ctx context.Context, in Scope, w *Workload, sites []*topology.Site) ([]Verdict, error) {
	verdicts, err := x.Admission.Admit(ctx, in, w, sites)
	if err != nil || componentName(w) != x.fix.Component {
		return verdicts, err
	}
	verdicts = slices.Clone(verdicts)
	for i, s := range sites {
		if s.ID != x.fix.Site || !verdicts[i].Denied {
			continue
		}
		reasons, err := x.Admission.Reasons(ctx, in, w, s)
		if err != nil {
			return nil, err
		}
		if len(reasons) > 0 && len(x.others(reasons)) == 0 { // a denial without reasons stays one
			verdicts[i] = Verdict{}
		}
	}
	return verdicts, nil
}

// Reasons leaves out those of the excepted rules for the excepted pair.
func (x *exception) Reasons(ctx context.Context, in Scope, w *Workload, s *topology.Site) ([]Reason, error) {
	reasons, err := x.Admission.Reasons(ctx, in, w, s)
	if err != nil || componentName(w) != x.fix.Component || s.ID != x.fix.Site {
		return reasons, err
	}
	return x.others(reasons), nil
}

// others returns the reasons that are not excepted.
func (x *exception) others(reasons []Reason) []Reason {
	return slices.DeleteFunc(slices.Clone(reasons), func(r Reason) bool { return slices.Contains(x.fix.Rules, r.Code) })
}
