package policy

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// The input of a rule is put together from parts that are built once: the workload's, the site's and its provider's. All
// keys of input.schema.json are always present; what may be absent stands below attributes, labels, demand and
// sovereignty only.

// workloadPart builds input.workload. Replicas of a component have the same.
func workloadPart(w *placement.Workload) (*ast.Term, error) {
	attributes, err := toValue(w.Attributes)
	if err != nil {
		return nil, fmt.Errorf("workload %s: attributes.%w", w.ID, err)
	}
	demand := ast.NewObjectWithCapacity(len(w.Demand))
	for _, d := range sortedKeys(w.Demand) {
		if w.Demand[d] != 0 {
			demand.Insert(ast.StringTerm(string(d)), ast.NewTerm(integer(w.Demand[d])))
		}
	}
	tiers := make([]*ast.Term, len(w.Tiers))
	for i, t := range w.Tiers {
		tiers[i] = ast.StringTerm(t.String())
	}
	return ast.ObjectTerm(
		pair("application", ast.String(w.Application)),
		pair("component", ast.String(w.Component)),
		pair("tenant", ast.String(w.Tenant)),
		pair("kind", ast.String(w.Kind)),
		pair("data", ast.String(w.Data)),
		pair("priority", integer(w.Priority)),
		pair("demand", demand),
		pair("tiers", ast.NewArray(tiers...)),
		pair("labels", texts(w.Labels)),
		pair("attributes", attributes),
	), nil
}

// sitePart builds input.site, with the certifications of its provider, as of a day.
func sitePart(s *topology.Site, p *topology.Provider, day string) (*ast.Term, error) {
	attributes, err := toValue(s.Attributes)
	if err != nil {
		return nil, fmt.Errorf("site %s: attributes.%w", s.ID, err)
	}
	runtimes := make([]*ast.Term, len(s.Runtimes))
	for i, r := range s.Runtimes {
		runtimes[i] = ast.StringTerm(string(r))
	}
	return ast.ObjectTerm(
		pair("id", ast.String(s.ID)),
		pair("country", ast.String(s.Country)),
		pair("city", ast.String(s.City)),
		pair("tier", ast.String(s.Tier.String())),
		pair("runtimes", ast.NewArray(runtimes...)),
		pair("labels", texts(s.Labels)),
		pair("attributes", attributes),
		pair("certifications", certifications(day, s.Certifications, p.Certifications)),
		pair("energy", ast.NewObject(pair("intensity", integer(s.Energy.Intensity)))),
	), nil
}

// providerPart builds input.provider, as of a day.
func providerPart(c *topology.Continuum, p *topology.Provider, day string) (*ast.Term, error) {
	attributes, err := toValue(p.Attributes)
	if err != nil {
		return nil, fmt.Errorf("provider %s: attributes.%w", p.ID, err)
	}
	var control []*ast.Term
	for _, h := range c.Control(p.ID) {
		control = append(control, ast.ObjectTerm(
			pair("owner", ast.String(h.Owner)),
			pair("country", ast.String(h.Country)),
			pair("share", integer(h.Share)),
			pair("controls", ast.Boolean(h.Controls)),
		))
	}
	var owned int64
	for _, o := range p.Owners {
		owned += o.Share
	}
	sovereignty := ast.NewObjectWithCapacity(len(p.Sovereignty))
	for _, k := range sortedKeys(p.Sovereignty) {
		sovereignty.Insert(ast.StringTerm(k), ast.NewTerm(integer(int64(p.Sovereignty[k]))))
	}
	return ast.ObjectTerm(
		pair("id", ast.String(p.ID)),
		pair("name", ast.String(p.Name)),
		pair("country", ast.String(p.Country)),
		pair("control", ast.NewArray(control...)),
		pair("ownersKnown", integer(owned)),
		pair("certifications", certifications(day, p.Certifications)),
		pair("sovereignty", sovereignty),
		pair("attributes", attributes),
	), nil
}

func texts(m map[string]string) ast.Value {
	o := ast.NewObjectWithCapacity(len(m))
	for _, k := range sortedKeys(m) {
		o.Insert(ast.StringTerm(k), ast.StringTerm(m[k]))
	}
	return o
}

// certifications lists those valid on a day, each once, in order. One without a last day is not known to be valid.
func certifications(day string, lists ...[]topology.Certification) ast.Value {
	type key struct{ scheme, level string }
	var valid []key
	for _, list := range lists {
		for _, c := range list {
			if validOn(c.ValidUntil, day) {
				valid = append(valid, key{c.Scheme, c.Level})
			}
		}
	}
	slices.SortFunc(valid, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.scheme, b.scheme), cmp.Compare(a.level, b.level))
	})
	valid = slices.Compact(valid)
	terms := make([]*ast.Term, len(valid))
	for i, c := range valid {
		terms[i] = ast.ObjectTerm(pair("scheme", ast.String(c.scheme)), pair("level", ast.String(c.level)))
	}
	return ast.NewArray(terms...)
}

// validOn says whether a last day, YYYY-MM-DD, is known and not past.
func validOn(until, day string) bool {
	_, err := time.Parse(time.DateOnly, until)
	return err == nil && day <= until
}

// admissionInput puts the input of deny and prefer rules together.
func admissionInput(day string, workload, site, provider *ast.Term) *ast.Term {
	return ast.ObjectTerm(
		pair("date", ast.String(day)),
		[2]*ast.Term{ast.StringTerm("workload"), workload},
		[2]*ast.Term{ast.StringTerm("site"), site},
		[2]*ast.Term{ast.StringTerm("provider"), provider},
	)
}

// transitInput puts the input of transit rules together; key is jurisdiction or operator.
func transitInput(day string, class placement.DataClass, key, value string) *ast.Term {
	return ast.ObjectTerm(
		pair("date", ast.String(day)),
		pair("data", ast.String(class)),
		pair(key, ast.String(value)),
	)
}
