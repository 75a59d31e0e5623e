package topology

import (
	"iter"
	"sync"
	"time"
)

// Continuum is the whole immutable picture: sites, providers, access points, exchanges, links. Everything it hands out
// is shared and must not be modified; [Continuum.Spec] gives a copy that may be. It is safe for concurrent use. The zero
// value is empty.
//
// The maps underneath are copy-on-write: a version made by Update shares all that did not change.
type Continuum struct {
	name         string
	asOf         time.Time
	providers    table[ProviderID, Provider]
	sites        table[SiteID, Site]
	accessPoints table[AccessPointID, AccessPoint]
	exchanges    table[NodeID, Exchange]
	links        table[LinkID, Link]

	totals  totals
	history history
	digest  func() string // computed once; nil for the zero value
	cloning sync.Mutex    // guards what cloning a table writes to it
}

// Name returns the name of the continuum.
func (c *Continuum) Name() string { return c.name }

// AsOf returns the date that the description speaks of.
func (c *Continuum) AsOf() time.Time { return c.asOf }

// Providers yields all providers in order of ID.
func (c *Continuum) Providers() iter.Seq[*Provider] { return c.providers.all() }

// Sites yields all sites in order of ID.
func (c *Continuum) Sites() iter.Seq[*Site] { return c.sites.all() }

// AccessPoints yields all access points in order of ID.
func (c *Continuum) AccessPoints() iter.Seq[*AccessPoint] { return c.accessPoints.all() }

// Exchanges yields all exchanges in order of ID.
func (c *Continuum) Exchanges() iter.Seq[*Exchange] { return c.exchanges.all() }

// Links yields all links in order of ID.
func (c *Continuum) Links() iter.Seq[*Link] { return c.links.all() }

// Provider returns a provider, and whether there is one of that ID. O(log n) and without allocation, as the other
// look-ups.
func (c *Continuum) Provider(id ProviderID) (*Provider, bool) { return c.providers.get(id) }

// Site returns a site, and whether there is one of that ID.
func (c *Continuum) Site(id SiteID) (*Site, bool) { return c.sites.get(id) }

// AccessPoint returns an access point, and whether there is one of that ID.
func (c *Continuum) AccessPoint(id AccessPointID) (*AccessPoint, bool) { return c.accessPoints.get(id) }

// Exchange returns an exchange, and whether there is one of that ID.
func (c *Continuum) Exchange(id NodeID) (*Exchange, bool) { return c.exchanges.get(id) }

// Link returns a link, and whether there is one of that ID.
func (c *Continuum) Link(id LinkID) (*Link, bool) { return c.links.get(id) }

// Place returns where a node stands and whose law applies there, and whether there is such a node.
func (c *Continuum) Place(id NodeID) (Location, Jurisdiction, bool) {
	if s, ok := c.Site(SiteID(id)); ok {
		return s.Location, s.Country, true
	}
	if a, ok := c.AccessPoint(AccessPointID(id)); ok {
		return a.Location, a.Country, true
	}
	if x, ok := c.Exchange(id); ok {
		return x.Location, x.Country, true
	}
	return Location{}, "", false
}

// NumSites returns how many sites there are. O(1), as the other counts.
func (c *Continuum) NumSites() int { return c.sites.len() }

// NumLinks returns how many links there are.
func (c *Continuum) NumLinks() int { return c.links.len() }

// NumNodes returns how many sites, access points and exchanges there are.
func (c *Continuum) NumNodes() int { return c.sites.len() + c.accessPoints.len() + c.exchanges.len() }
