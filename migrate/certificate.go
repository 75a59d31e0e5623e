package migrate

import "github.com/domicile-eu/domicile/topology"

// Certificate is what a bound rests on.
type Certificate struct {
	// Kind is "nothing" where nothing moves, "way" for the time that one workload takes alone, "lane" for the load of one
	// resource, "prices" for that of several links together.
	Kind string `json:"kind"`
	// Workload is who takes that time, of a way.
	Workload string `json:"workload,omitempty"`
	// Prices are those of the links' directions, of prices; all others are free.
	Prices []LinkPrice `json:"prices,omitempty"`
}

// LinkPrice is the price of one bit/s in one direction of a link, for one microsecond.
type LinkPrice struct {
	Link  topology.LinkID `json:"link"`
	From  topology.NodeID `json:"from"`
	Price int64           `json:"price"`
}
