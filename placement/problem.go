package placement

import (
	"context"
	"time"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// Assignment says which site each placed workload is on. A workload that is not in it is not placed.
type Assignment map[WorkloadID]topology.SiteID

// Problem says what exists, what is to be placed, what is allowed and what counts. It is not changed by anything in
// this package.
type Problem struct {
	Continuum *topology.Continuum
	// Latency is the graph of Continuum, or of a version of it with the same network; nil: built from Continuum with
	// default options. A node that the graph does not know is infinitely far.
	Latency      *latency.Graph
	Applications []Application
	// Admission judges workloads on sites; nil admits everything.
	Admission Admission
	// Transit judges which way data may travel; nil allows every way.
	Transit Transit
	// Rules are further unary constraints and costs of the importing program.
	Rules []Rule
	// Current is where workloads run now; nil: nowhere. Workloads and sites that do not exist any more are ignored. It may
	// break constraints; see [Interim].
	Current Assignment
	// Transient are the dimensions that a workload on the move takes at both ends: where it comes from until the move is
	// over, and where it goes. In these a site must hold, besides what Current places there, all that comes new; what stays
	// is never refused for it.
	Transient []topology.Dimension
	// Relocation prices moves by where they start and end, for the term Relocation; nil: nothing.
	Relocation Relocator
	// Budgets limit what the assignment as a whole may use.
	Budgets []Budget
	// Objective is the tiers to minimise, first tier first; nil: DefaultObjective.
	Objective Objective
	// AsOf is the only now; zero: the continuum's AsOf.
	AsOf time.Time
}

// Scope is the picture that a judgement is made in.
type Scope struct {
	Continuum *topology.Continuum
	AsOf      time.Time
}

// Admission says whether a workload may run on a site. Package policy implements it in Rego. Implementations must be
// deterministic and safe for concurrent use.
type Admission interface {
	// Admit judges the workload on each of the sites, in their order. A judgement that fails must come out as Denied;
	// an error (a cancelled context, say) ends the whole solve. Workloads that differ only in their ID must be judged
	// alike: it is asked once for all of them.
	Admit(ctx context.Context, in Scope, w *Workload, sites []*topology.Site) ([]Verdict, error)
	// Reasons lists every rule that denies the pair, and none where the pair is admitted.
	Reasons(ctx context.Context, in Scope, w *Workload, s *topology.Site) ([]Reason, error)
}

// Classifier is an Admission that knows what it cannot tell apart. Where an Admission is one, it is asked about one of
// each class of workloads on one of each class of sites, which on large problems are few.
type Classifier interface {
	Admission
	// Classes numbers workloads and sites from 0, so that the verdict on a pair depends on nothing but the two numbers. It
	// must be deterministic. An error ends the whole solve.
	Classes(ctx context.Context, in Scope, workloads []*Workload, sites []*topology.Site) (ofWorkloads, ofSites []int32, err error)
}

// Verdict is the outcome for one pair.
type Verdict struct {
	Denied bool
	Points int64 // preference, more is better; counts only where not denied
}

// Reason is why a rule refuses something.
type Reason struct {
	Code     string         `json:"code"` // of the rule, such as "OWN-001"
	Title    string         `json:"title"`
	Basis    string         `json:"basis,omitempty"` // the law or contract it rests on
	AsOf     string         `json:"asOf,omitempty"`  // when that basis was last checked
	Side     string         `json:"side,omitempty"`  // who speaks: continuum, tenant:NAME, owner:PROVIDER
	Location string         `json:"location"`        // file:line of the rule
	Message  string         `json:"message,omitempty"`
	Detail   map[string]any `json:"detail,omitempty"`
	// Final says that no exception can be made: the rule could not be judged, or rests on facts out of date.
	Final bool `json:"final,omitempty"`
}

// Transit says which way a class of data may travel. Package policy implements it.
type Transit interface {
	// Transit returns what traffic of the class may cross. A failed judgement must not allow anything.
	Transit(ctx context.Context, in Scope, class DataClass) (latency.Transit, error)
	// TransitReasons lists the rules that forbid the class to cross this jurisdiction (or, with an empty jurisdiction,
	// this operator's network).
	TransitReasons(ctx context.Context, in Scope, class DataClass, j topology.Jurisdiction, operator string) ([]Reason, error)
}

// Rule is a unary constraint and cost of the importing program.
type Rule interface {
	// Judge returns whether the workload may run on the site, why not, and an hourly cost for running it there, which
	// the term RuleCost adds up. It must be deterministic, and judge workloads that differ only in their ID alike.
	Judge(w *Workload, s *topology.Site) (ok bool, why string, cost topology.MicroEUR)
}

// Relocator prices the move of any workload from one site to another. It must be deterministic and never negative;
// it is not asked about a site and itself.
type Relocator interface {
	RelocationCost(from, to *topology.Site) topology.MicroEUR
}
