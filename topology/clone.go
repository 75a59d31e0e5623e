package topology

import (
	"cmp"
	"maps"
	"slices"
)

// Copies share nothing with their original and are in canonical form: sets are sorted, empty maps and lists are nil, and
// times are in UTC.

func (p Provider) clone() *Provider {
	p.Owners = cloneList(p.Owners)
	slices.SortStableFunc(p.Owners, func(a, b Stake) int { return cmp.Compare(a.Owner, b.Owner) })
	p.Certifications = cloneCertifications(p.Certifications)
	p.Sovereignty = cloneMap(p.Sovereignty)
	p.Attributes = cloneAttributes(p.Attributes)
	p.Assumed = cloneSet(p.Assumed)
	return &p
}

func (s Site) clone() *Site {
	s.Runtimes = cloneSet(s.Runtimes)
	s.Capacity = cloneMap(s.Capacity)
	s.Safe = cloneMap(s.Safe)
	s.Prices = cloneMap(s.Prices)
	s.Energy.Power = cloneMap(s.Energy.Power)
	s.Certifications = cloneCertifications(s.Certifications)
	s.Labels = cloneMap(s.Labels)
	s.Attributes = cloneAttributes(s.Attributes)
	s.Assumed = cloneSet(s.Assumed)
	s.Location = s.Location.clean()
	return &s
}

func (a AccessPoint) clone() *AccessPoint {
	a.Assumed = cloneSet(a.Assumed)
	a.Location = a.Location.clean()
	return &a
}

func (x Exchange) clone() *Exchange {
	x.Assumed = cloneSet(x.Assumed)
	x.Location = x.Location.clean()
	return &x
}

func (l Link) clone() *Link {
	l.ID = l.Name()
	l.Jurisdictions = cloneSet(l.Jurisdictions)
	l.Assumed = cloneSet(l.Assumed)
	l.MeasuredAt = l.MeasuredAt.UTC().Round(0) // no zone and no clock
	return &l
}

// Name is the link's ID, by default that of its ends.
func (l *Link) Name() LinkID {
	if l.ID != "" || l.A == "" || l.B == "" {
		return l.ID
	}
	return LinkID(l.A + "--" + l.B)
}

// clean gives zero one sign.
func (l Location) clean() Location { return Location{Lat: l.Lat + 0, Lon: l.Lon + 0} }

func cloneList[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return slices.Clone(list)
}

func cloneSet[T cmp.Ordered](list []T) []T {
	list = cloneList(list)
	slices.Sort(list)
	return slices.Compact(list)
}

func cloneMap[K comparable, V any](m map[K]V) map[K]V {
	if len(m) == 0 {
		return nil
	}
	return maps.Clone(m)
}

func cloneCertifications(list []Certification) []Certification {
	list = cloneList(list)
	slices.SortFunc(list, func(a, b Certification) int {
		return cmp.Or(cmp.Compare(a.Scheme, b.Scheme), cmp.Compare(a.Level, b.Level),
			cmp.Compare(a.ValidUntil, b.ValidUntil), cmp.Compare(a.Source, b.Source))
	})
	return list
}

func cloneAttributes(m map[string]any) map[string]any {
	if len(m) == 0 {
		return nil
	}
	return cloneAny(m, 0).(map[string]any)
}

// cloneAny copies slices and maps down to a depth that no checked value exceeds; a map may contain itself.
func cloneAny(v any, depth int) any {
	if depth > maxAttributeDepth {
		return nil
	}
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = cloneAny(v[i], depth+1)
		}
		return list
	case map[string]any:
		m := make(map[string]any, len(v))
		for k := range v {
			m[k] = cloneAny(v[k], depth+1)
		}
		return m
	default:
		return v
	}
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
