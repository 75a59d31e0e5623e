package topology

import (
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/internal/document"
	"github.com/domicile-eu/domicile/internal/quantity"
)

func readSite(o *document.Object) Site {
	o.Known(siteFields...)
	o.Required("id", "provider", "country", "location", "tier")
	for _, key := range []string{"runtimes", "capacity"} { // may be empty, but not forgotten
		if !o.Has(key) {
			o.Defect(key, "is missing")
		}
	}
	s := Site{
		ID: SiteID(o.String("id")), Name: o.String("name"), Provider: ProviderID(o.String("provider")),
		Country: Jurisdiction(o.String("country")), City: o.String("city"), Location: readLocation(o),
		Tier:   Tier(word(o, "tier", tierWords[:])),
		State:  State(word(o, "state", stateWords[:])),
		Egress: MicroEUR(o.Quantity("egress", quantity.Euro)), Energy: readEnergy(o),
		Certifications: readCertifications(o), Attributes: readAttributes(o), Assumed: o.Strings("assumed"),
	}
	for _, r := range o.Strings("runtimes") {
		s.Runtimes = append(s.Runtimes, Runtime(r))
	}
	s.Capacity = readAmounts[int64](o, "capacity", Dimension.unit)
	s.Safe = readAmounts[int64](o, "safe", Dimension.unit)
	s.Prices = readAmounts[MicroEUR](o, "prices", func(Dimension) quantity.Unit { return quantity.Euro })
	for _, pair := range o.Pairs("labels") {
		if s.Labels == nil {
			s.Labels = map[string]string{}
		}
		s.Labels[pair.Key] = pair.Value
	}
	return s
}

func readEnergy(o *document.Object) Energy {
	e := o.Object("energy")
	e.Known("intensity", "pue", "power")
	e.Required("intensity")
	return Energy{
		Intensity: e.Int("intensity"), PUE: e.Quantity("pue", quantity.Factor),
		Power: readAmounts[int64](e, "power", func(Dimension) quantity.Unit { return quantity.Watt }),
	}
}

// readAmounts reads a mapping of quantities by dimension; nil where there is none.
func readAmounts[V ~int64](o *document.Object, key string, unit func(Dimension) quantity.Unit) map[Dimension]V {
	amounts := o.Object(key)
	var m map[Dimension]V
	for _, pair := range o.Pairs(key) {
		if m == nil {
			m = map[Dimension]V{}
		}
		d := Dimension(pair.Key)
		m[d] = V(amounts.Quantity(pair.Key, unit(d)))
	}
	return m
}

// word reads one of a list of words as its index, 0 where it is absent or none of them.
func word(o *document.Object, key string, list []string) int {
	text := o.String(key)
	if text == "" {
		return 0
	}
	i := slices.Index(list, text)
	if i < 0 {
		known := strings.TrimPrefix(strings.Join(list, ", "), ", ")
		o.Defect(key, "%q is none of %s", text, known)
		return 0
	}
	return i
}
