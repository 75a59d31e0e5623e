package topology

import "time"

// Spec lists what a continuum holds, or what an update adds to one. Order does not matter.
type Spec struct {
	Name string
	// AsOf is the date the description speaks of; programs take it as their only now unless told otherwise.
	AsOf         time.Time
	Providers    []Provider
	Sites        []Site
	AccessPoints []AccessPoint
	Exchanges    []Exchange
	Links        []Link
}

// Changes is the difference between two versions of a continuum: what to add or replace (by ID) and what to remove.
// Removing a node removes its links. Name and AsOf of Put replace the old ones unless they are zero.
type Changes struct {
	Put             Spec
	RemoveProviders []ProviderID
	RemoveNodes     []NodeID // sites, access points, exchanges
	RemoveLinks     []LinkID
}
