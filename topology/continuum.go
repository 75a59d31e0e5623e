package topology

import (
	"iter"
	"time"

	"github.com/google/btree"
)

// Continuum is the whole immutable picture: sites, providers, access points, exchanges, links. Everything it hands out
// is shared and must not be modified. It is safe for concurrent use.
//
// The maps underneath are copy-on-write: a version made by Update shares all that did not change.
type Continuum struct {
	name         string
	asOf         time.Time
	providers    *btree.BTreeG[*Provider]
	sites        *btree.BTreeG[*Site]
	accessPoints *btree.BTreeG[*AccessPoint]
	exchanges    *btree.BTreeG[*Exchange]
	links        *btree.BTreeG[*Link]
}

// Name returns the name of the continuum.
func (c *Continuum) Name() string { return c.name }

// AsOf returns the date that the description speaks of.
func (c *Continuum) AsOf() time.Time { return c.asOf }

// Providers yields all providers in order of ID.
func (c *Continuum) Providers() iter.Seq[*Provider] { return ascend(c.providers) }

// Sites yields all sites in order of ID.
func (c *Continuum) Sites() iter.Seq[*Site] { return ascend(c.sites) }

// AccessPoints yields all access points in order of ID.
func (c *Continuum) AccessPoints() iter.Seq[*AccessPoint] { return ascend(c.accessPoints) }

// Exchanges yields all exchanges in order of ID.
func (c *Continuum) Exchanges() iter.Seq[*Exchange] { return ascend(c.exchanges) }

// Links yields all links in order of ID.
func (c *Continuum) Links() iter.Seq[*Link] { return ascend(c.links) }

// Provider returns a provider, and whether there is one of that ID. O(log n), as the other look-ups.
func (c *Continuum) Provider(id ProviderID) (*Provider, bool) {
	return c.providers.Get(&Provider{ID: id})
}

// Site returns a site, and whether there is one of that ID.
func (c *Continuum) Site(id SiteID) (*Site, bool) { return c.sites.Get(&Site{ID: id}) }

// AccessPoint returns an access point, and whether there is one of that ID.
func (c *Continuum) AccessPoint(id AccessPointID) (*AccessPoint, bool) {
	return c.accessPoints.Get(&AccessPoint{ID: id})
}

// Exchange returns an exchange, and whether there is one of that ID.
func (c *Continuum) Exchange(id NodeID) (*Exchange, bool) { return c.exchanges.Get(&Exchange{ID: id}) }

// Link returns a link, and whether there is one of that ID.
func (c *Continuum) Link(id LinkID) (*Link, bool) { return c.links.Get(&Link{ID: id}) }

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
func (c *Continuum) NumSites() int { return c.sites.Len() }

// NumLinks returns how many links there are.
func (c *Continuum) NumLinks() int { return c.links.Len() }

// NumNodes returns how many sites, access points and exchanges there are.
func (c *Continuum) NumNodes() int {
	return c.sites.Len() + c.accessPoints.Len() + c.exchanges.Len()
}

func ascend[T any](t *btree.BTreeG[T]) iter.Seq[T] {
	return func(yield func(T) bool) { t.Ascend(btree.ItemIteratorG[T](yield)) }
}
