package cli

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/internal/quantity"
	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// changeForms lists the changes for help and errors.
const changeForms = "'site=ID down', 'provider=ID down' (or cordoned, up; 'lost': with the links there), 'exchange=ID down', 'link=ID down', " +
	"'link=ID p95 40ms' (the other percentiles in proportion), 'operator=NAME down', 'jurisdiction=CC closed', " +
	"'policies=DIR', 'policies+=DIR' beside those in force"

// changeOf describes a change of the continuum.
func changeOf(c *topology.Continuum, what, id, state string) (*topology.Changes, error) {
	switch what {
	case "site", "provider":
		return siteChange(c, what, id, state)
	case "link":
		return linkChange(c, id, state)
	case "exchange":
		if _, ok := c.Exchange(topology.NodeID(id)); !ok {
			return nil, unknown(what, id, func(yield func(string)) {
				for x := range c.Exchanges() {
					yield(string(x.ID))
				}
			})
		}
		return cut(what, state, "down", linksOf(c, func(l *topology.Link) bool { return l.A == topology.NodeID(id) || l.B == topology.NodeID(id) }))
	case "operator":
		links := linksOf(c, func(l *topology.Link) bool { return l.Operator == id })
		if len(links) == 0 || id == "" {
			return nil, unknown(what, id, func(yield func(string)) {
				for l := range c.Links() {
					yield(l.Operator)
				}
			})
		}
		return cut(what, state, "down", links)
	case "jurisdiction":
		return closure(c, topology.Jurisdiction(id), state)
	}
	return nil, fmt.Errorf("%q is none of site, provider, exchange, link, operator, jurisdiction, policies", what)
}

// unknown says what comes close to a name that nothing has.
func unknown(what, id string, names func(yield func(string))) error {
	var all []string
	names(func(name string) { all = append(all, name) })
	return fmt.Errorf("no %s %q%s", what, id, closest(id, all))
}

// cut removes links, where that is what the state says.
func cut(what, state, want string, links []topology.LinkID) (*topology.Changes, error) {
	if state != want {
		return nil, fmt.Errorf("state %q: a %s can only be %s", state, what, want)
	}
	return &topology.Changes{RemoveLinks: links}, nil
}

func linksOf(c *topology.Continuum, of func(*topology.Link) bool) (ids []topology.LinkID) {
	for l := range c.Links() {
		if of(l) {
			ids = append(ids, l.ID)
		}
	}
	return ids
}

// siteChange sets the state of a site, or of all sites of a provider. Links at a site that is down carry on; those at one
// that is lost do not.
func siteChange(c *topology.Continuum, what, id, state string) (*topology.Changes, error) {
	s, ok := map[string]topology.State{"up": topology.Up, "cordoned": topology.Cordoned, "down": topology.Down, "lost": topology.Down}[state]
	if !ok {
		return nil, fmt.Errorf("state %q is none of up, cordoned, down, lost", state)
	}
	ch := &topology.Changes{}
	at := map[topology.NodeID]bool{}
	for site := range c.Sites() {
		if what == "site" && site.ID == topology.SiteID(id) || what == "provider" && site.Provider == topology.ProviderID(id) {
			ch.Put.Sites = append(ch.Put.Sites, withState(site, s))
			at[site.ID.Node()] = true
		}
	}
	switch {
	case len(at) > 0:
	case what == "site":
		_, err := findSite(c, id)
		return nil, err
	default:
		return nil, fmt.Errorf("no provider %q with sites%s", id, closest(id, providerIDs(c)))
	}
	if state == "lost" {
		ch.RemoveLinks = linksOf(c, func(l *topology.Link) bool { return at[l.A] || at[l.B] })
	}
	return ch, nil
}

func withState(s *topology.Site, state topology.State) topology.Site {
	changed := *s
	changed.State = state
	return changed
}

// closure takes a country out of the picture: nothing in it runs, and nothing crosses it.
func closure(c *topology.Continuum, j topology.Jurisdiction, state string) (*topology.Changes, error) {
	var all []string
	inside := func(node topology.NodeID) bool {
		_, country, _ := c.Place(node)
		return country == j
	}
	links := linksOf(c, func(l *topology.Link) bool {
		for _, crossed := range l.Jurisdictions {
			all = append(all, string(crossed))
		}
		return slices.Contains(l.Jurisdictions, j) || inside(l.A) || inside(l.B)
	})
	ch, err := cut("jurisdiction", state, "closed", links)
	if err != nil {
		return nil, err
	}
	for site := range c.Sites() {
		all = append(all, string(site.Country))
		if site.Country == j {
			ch.Put.Sites = append(ch.Put.Sites, withState(site, topology.Down))
		}
	}
	if j == "" || len(ch.Put.Sites)+len(links) == 0 {
		slices.Sort(all)
		return nil, fmt.Errorf("no site and no link in jurisdiction %q; there are %s", j, strings.Join(slices.Compact(all), ", "))
	}
	return ch, nil
}

// linkChange takes a link down or gives it another latency.
func linkChange(c *topology.Continuum, id, state string) (*topology.Changes, error) {
	l, ok := c.Link(topology.LinkID(id))
	if !ok {
		return nil, unknown("link", id, func(yield func(string)) {
			for l := range c.Links() {
				yield(string(l.ID))
			}
		})
	}
	if state == "down" {
		return &topology.Changes{RemoveLinks: []topology.LinkID{l.ID}}, nil
	}
	which, value, ok := strings.Cut(state, " ")
	p, err := latency.ParsePercentile(which)
	if !ok || err != nil {
		return nil, fmt.Errorf("state %q: a link can go down, or have a latency such as 'p95 40ms'", state)
	}
	want, err := quantity.Parse(strings.TrimSpace(value), quantity.Duration)
	if err != nil {
		return nil, err
	}
	changed := *l
	if changed.RTT, err = scaled(l.RTT, p, topology.Micros(want)); err != nil {
		return nil, err
	}
	return &topology.Changes{Put: topology.Spec{Links: []topology.Link{changed}}}, nil
}

// scaled stretches a distribution until a percentile is what is wanted, rounded to microseconds.
func scaled(r topology.RTT, p latency.Percentile, want topology.Micros) (topology.RTT, error) {
	now, ok := map[latency.Percentile]topology.Micros{latency.P50: r.P50, latency.P95: r.P95, latency.P99: r.P99}[p]
	if !ok {
		return r, errors.New("the percentile of a link is p50, p95 or p99")
	}
	const hour = topology.Micros(3600e6)
	if want <= 0 || want > hour {
		return r, errors.New("the latency of a link is more than 0 and at most 1 h")
	}
	for _, v := range []*topology.Micros{&r.P50, &r.P95, &r.P99} {
		hi, lo := bits.Mul64(uint64(*v), uint64(want)) // both at most an hour, so hi is 0
		q, rest := bits.Div64(hi, lo, uint64(now))
		if rest >= uint64(now)-rest {
			q++
		}
		*v = max(1, topology.Micros(q))
	}
	return r, r.Check()
}

// stillObserved returns the observations that count on when the network changes: those whose way, as far as the graph
// knows it, is the same. What was measured over a link says nothing of the time when that link is gone or slower.
func stillObserved(all []latency.Observation, now *latency.Graph, then *topology.Continuum) (left []latency.Observation) {
	for _, o := range all {
		changed := func(id topology.LinkID) bool {
			before, _ := now.Continuum().Link(id)
			after, ok := then.Link(id)
			return !ok || after.RTT != before.RTT
		}
		if !slices.ContainsFunc(now.Row(o.A, latency.Transit{}).Support(o.B), changed) {
			left = append(left, o)
		}
	}
	return left
}
