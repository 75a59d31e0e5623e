package policy

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/domicile-eu/domicile/placement"
)

// rule is one deny, prefer or transit rule, which is evaluated by itself.
type rule struct {
	Rule
	side   side
	module *module
	source *ast.Rule
	ref    ast.Ref // of the partial set that holds it alone
	query  ast.Body
	reads  footprint
	// workloadView and siteView are the indices in Set.views of what it sees of the workload and the date, and of the site and
	// its provider.
	workloadView, siteView int
	failed                 failed
}

// speaksTo says whether the rule judges workloads of a tenant.
func (r *rule) speaksTo(tenant string) bool { return r.side.tenant == "" || r.side.tenant == tenant }

// speaksOf says whether the rule judges sites of a provider.
func (r *rule) speaksOf(provider string) bool { return r.side.owner == "" || r.side.owner == provider }

// reason starts a reason with what is the same in all of the rule's.
func (r *rule) reason() placement.Reason {
	return placement.Reason{
		Code: r.Code, Title: r.Title, Basis: r.Basis, AsOf: r.AsOf, Side: r.Side, Location: r.Location,
	}
}

// order sorts rules as reasons are listed: the continuum's first, then tenants' and owners', each by code. It notes
// codes that two rules claim: a code is what an exception names.
func order(rules []*rule, bad *defects) {
	rank := func(r *rule) int {
		switch {
		case r.side.tenant != "":
			return 1
		case r.side.owner != "":
			return 2
		}
		return 0
	}
	slices.SortStableFunc(rules, func(a, b *rule) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Side, b.Side), cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Location, b.Location))
	})
	first := map[string]*rule{}
	for _, r := range rules {
		if other, ok := first[r.Code]; ok && r.Code != "" {
			bad.at(r.source.Location, "code %s is that of the rule in %s already", r.Code, other.Location)
			continue
		}
		first[r.Code] = r
	}
}

// split adds to the modules, for each rule, a partial set that holds this rule alone, so that each can be asked by
// itself and everything it yields is known to be its own. The sets that the author wrote stay, for other rules and tests to
// refer to.
func split(rules []*rule) {
	for i, r := range rules {
		name := fmt.Sprintf("%s__%d", r.Kind, i)
		alone := r.source.Copy()
		alone.Annotations = nil
		alone.Head.Name = ast.Var(name)
		alone.Head.SetRef(ast.Ref{ast.VarTerm(name).SetLocation(r.source.Location)})
		m := r.module.ast
		alone.Module = m
		m.Rules = append(m.Rules, alone)
		r.ref = m.Package.Path.Append(ast.StringTerm(name))
	}
}

// prepare compiles the query of each rule.
func prepare(c *ast.Compiler, rules []*rule, bad *defects) {
	for _, r := range rules {
		q, err := c.QueryCompiler().Compile(ast.NewBody(ast.Equality.Expr(result, ast.NewTerm(r.ref))))
		if err != nil {
			bad.at(r.source.Location, "%v", err)
			continue
		}
		r.query = q
	}
}

// sight is what rules see at a path: the value, or no more than its kind.
type sight struct {
	path inputPath
	kind bool
}

// ofSite says whether it is a sight of a site or its provider, not of a workload or the date.
func (s sight) ofSite() bool { return s.path[0] == "site" || s.path[0] == "provider" }

// views numbers what deny and prefer rules see. A view is a list of sights; rules that see the same of workloads share one, and so
// do those that see the same of sites.
type views struct {
	sights           []sight
	workloads, sites [][]int // lists of indices in sights
}

func newViews(rules []*rule) views {
	var v views
	sights, workloads, sites := map[string]int{}, map[string]int{}, map[string]int{}
	for _, r := range rules {
		if r.Kind == "transit" {
			continue
		}
		var ofWorkload, ofSite []int
		see := func(paths []inputPath, kind bool) {
			for _, p := range paths {
				key := fmt.Sprint(kind, p.key())
				n, ok := sights[key]
				if !ok {
					n = len(v.sights)
					sights[key] = n
					v.sights = append(v.sights, sight{p, kind})
				}
				if v.sights[n].ofSite() {
					ofSite = append(ofSite, n)
				} else {
					ofWorkload = append(ofWorkload, n)
				}
			}
		}
		see(r.reads.inputs, false)
		see(r.reads.kinds, true)
		r.workloadView = viewOf(&v.workloads, workloads, ofWorkload)
		r.siteView = viewOf(&v.sites, sites, ofSite)
	}
	return v
}

// viewOf returns the number of a list of sights among others.
func viewOf(all *[][]int, known map[string]int, list []int) int {
	slices.Sort(list)
	key := fmt.Sprint(list)
	n, ok := known[key]
	if !ok {
		n = len(*all)
		known[key] = n
		*all = append(*all, list)
	}
	return n
}

// result is the variable that a query binds to what a rule yields.
var result = ast.VarTerm("result")
