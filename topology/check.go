package topology

import (
	"slices"

	"github.com/domicile-eu/domicile/internal/document"
	"github.com/domicile-eu/domicile/internal/quantity"
)

// What is wrong with a thing by itself, whatever stands around it.

func (p *Provider) check(at spot) {
	at.id("id", string(p.ID))
	at.text("name", p.Name)
	if p.Country == "" {
		at.defect("country", "is missing")
	}
	at.country("country", p.Country)
	p.checkOwners(at)
	at.certifications(p.Certifications)
	for _, objective := range sortedKeys(p.Sovereignty) {
		field, level := document.Key("sovereignty", objective), p.Sovereignty[objective]
		if len(objective) != 5 || objective[:4] != "SOV-" || objective[4] < '1' || objective[4] > '8' {
			at.defect(field, "the objectives are SOV-1 to SOV-8")
		} else if level < 0 || level > 4 {
			at.defect(field, "%d is no level from 0 to 4", level)
		}
	}
	at.attributes(p.Attributes)
	at.assumed(p.Assumed, providerFields)
}

func (p *Provider) checkOwners(at spot) {
	sum, whole := int64(0), int64(10_000)
	there := map[ProviderID]int{}
	for i, stake := range p.Owners {
		field := item("owners", i)
		if j, twice := there[stake.Owner]; twice {
			at.defect(field+".owner", "%s stands at %s already", stake.Owner, item("owners", j))
		}
		there[stake.Owner] = i
		switch {
		case stake.Owner == "":
			at.defect(field+".owner", "is missing")
		case stake.Share <= 0:
			at.defect(field+".share", "must be above 0 %%")
		case stake.Share > whole:
			at.defect(field+".share", "is above 100 %%")
		default:
			sum += stake.Share
		}
	}
	if sum > whole {
		at.defect("owners", "the shares sum to %d.%02d %%", sum/100, sum%100)
	}
}

func (s *Site) check(at spot) {
	at.id("id", string(s.ID))
	at.text("name", s.Name)
	at.text("city", s.City)
	if s.Provider == "" {
		at.defect("provider", "is missing")
	}
	if s.Country == "" {
		at.defect("country", "is missing")
	}
	at.country("country", s.Country)
	at.location(s.Location)
	if s.Tier == 0 {
		at.defect("tier", "is missing")
	} else if !s.Tier.known() {
		at.defect("tier", "%d is no tier", s.Tier)
	}
	if !s.State.known() {
		at.defect("state", "%d is no state", s.State)
	}
	for i, r := range s.Runtimes {
		if !r.known() {
			at.defect(item("runtimes", i), "%q is no runtime; there are vm, baremetal and kubernetes", string(r))
		}
	}
	amounts(at, "capacity", s.Capacity)
	amounts(at, "safe", s.Safe)
	s.checkSafe(at)
	amounts(at, "prices", s.Prices)
	priced(at, "prices", s.Prices, s.Capacity)
	if s.Egress < 0 {
		at.defect("egress", "%d is negative", int64(s.Egress))
	}
	s.Energy.check(at)
	priced(at, "energy.power", s.Energy.Power, s.Capacity)
	at.certifications(s.Certifications)
	for _, label := range sortedKeys(s.Labels) {
		if label == "" {
			at.defect("labels", "a label has no name")
		}
		at.key(document.Key("labels", label), label)
		at.text(document.Key("labels", label), s.Labels[label])
	}
	at.attributes(s.Attributes)
	at.assumed(s.Assumed, siteFields)
}

// checkSafe checks that what a site takes with ease is no more than what it takes at all.
func (s *Site) checkSafe(at spot) {
	if len(s.Safe) > maxDimensions || len(s.Capacity) > maxDimensions {
		return // noted already
	}
	for _, d := range sortedKeys(s.Safe) {
		path, safe := document.Key("safe", string(d)), s.Safe[d]
		capacity, there := s.Capacity[d]
		switch {
		case d.meant() != "" || capacity < 0: // noted already
		case !there && slices.Contains(knownDimensions, d): // not misspelt
			at.missesCapacity(path, d, nil)
		case !there:
			at.missesCapacity(path, d, sortedKeys(s.Capacity))
		case safe > capacity:
			at.defect(path, "%s is above the capacity, %s", quantity.Format(safe, d.unit()), quantity.Format(capacity, d.unit()))
		}
	}
}

func (e *Energy) check(at spot) {
	if e.Intensity < 0 {
		at.defect("energy.intensity", "%d is negative", e.Intensity)
	}
	switch {
	case e.PUE < 0:
		at.defect("energy.pue", "%d is negative", e.PUE)
	case e.PUE == 0 && len(e.Power) > 0:
		at.defect("energy.pue", "is missing; where power is stated it must be at least 1")
	case e.PUE < 1000 && (e.PUE > 0 || len(e.Power) > 0):
		at.defect("energy.pue", "0.%03d is below 1", e.PUE)
	}
	amounts(at, "energy.power", e.Power)
}

func (a *AccessPoint) check(at spot) {
	at.node(string(a.ID), a.Name, a.City, a.Country, a.Location, a.Assumed)
}

func (x *Exchange) check(at spot) {
	at.node(string(x.ID), x.Name, x.City, x.Country, x.Location, x.Assumed)
}

// node checks what access points and exchanges have. Their country may be unknown, and then nothing restricted passes.
func (s spot) node(id, name, city string, country Jurisdiction, l Location, assumed []string) {
	s.id("id", id)
	s.text("name", name)
	s.text("city", city)
	s.country("country", country)
	s.location(l)
	s.assumed(assumed, nodeFields)
}

func (l *Link) check(at spot) {
	if l.ID != "" {
		at.linkID(string(l.ID))
	}
	for _, end := range [...]struct {
		field string
		node  NodeID
	}{{"a", l.A}, {"b", l.B}} {
		if end.node == "" {
			at.defect(end.field, "is missing")
		}
	}
	if l.A == l.B && l.A != "" {
		at.defect("b", "%s is linked to itself", l.B)
	}
	at.word("operator", l.Operator)
	for i, j := range l.Jurisdictions {
		switch {
		case j == "":
			at.defect(item("jurisdictions", i), "is empty")
		case !j.known():
			at.country(item("jurisdictions", i), j)
		}
	}
	if err := l.RTT.Check(); err != nil {
		at.defect("rtt", "%s", err)
	} else if err := l.OneWay.check(l.RTT); err != nil {
		at.defect("oneWay", "%s", err)
	}
	if l.Bandwidth < 0 {
		at.defect("bandwidth", "%d is negative", l.Bandwidth)
	}
	if l.Egress < 0 {
		at.defect("egress", "%d is negative", int64(l.Egress))
	}
	at.time("measuredAt", l.MeasuredAt)
	at.assumed(l.Assumed, linkFields)
}
