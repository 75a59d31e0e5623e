package topology

import (
	"errors"

	"github.com/google/btree"
)

// ErrInvalid is wrapped by every defect of a description.
var ErrInvalid = errors.New("invalid topology")

// New makes a continuum of what spec lists. (provisional body: no validation yet)
func New(spec Spec) (*Continuum, error) {
	const degree = 32
	c := &Continuum{
		name: spec.Name, asOf: spec.AsOf,
		providers:    btree.NewG(degree, func(a, b *Provider) bool { return a.ID < b.ID }),
		sites:        btree.NewG(degree, func(a, b *Site) bool { return a.ID < b.ID }),
		accessPoints: btree.NewG(degree, func(a, b *AccessPoint) bool { return a.ID < b.ID }),
		exchanges:    btree.NewG(degree, func(a, b *Exchange) bool { return a.ID < b.ID }),
		links:        btree.NewG(degree, func(a, b *Link) bool { return a.ID < b.ID }),
	}
	for i := range spec.Providers {
		c.providers.ReplaceOrInsert(&spec.Providers[i])
	}
	for i := range spec.Sites {
		c.sites.ReplaceOrInsert(&spec.Sites[i])
	}
	for i := range spec.AccessPoints {
		c.accessPoints.ReplaceOrInsert(&spec.AccessPoints[i])
	}
	for i := range spec.Exchanges {
		c.exchanges.ReplaceOrInsert(&spec.Exchanges[i])
	}
	for i := range spec.Links {
		c.links.ReplaceOrInsert(&spec.Links[i])
	}
	return c, nil
}

// Update makes a new version. (provisional)
func (c *Continuum) Update(ch Changes) (*Continuum, error) { panic("not yet") }

// Control returns the effective holdings over a provider, largest share first. (provisional)
func (c *Continuum) Control(id ProviderID) []Holding { panic("not yet") }

// HourlyPrice returns what the site charges an hour for a demand. (provisional)
func (s *Site) HourlyPrice(demand Resources) (MicroEUR, error) { panic("not yet") }

// HourlyEmissions returns the milligrams of CO2 equivalent an hour. (provisional)
func (s *Site) HourlyEmissions(demand Resources) (int64, error) { panic("not yet") }
