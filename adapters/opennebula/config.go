package opennebula

import (
	"time"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Mode is what oned asks for.
type Mode uint8

// The modes. A placement deploys what is pending and moves what is to be rescheduled, over all clusters; an optimization moves
// what runs in one cluster.
const (
	Place Mode = iota
	Optimize
)

// Config says how to decide; nil means a placement with the defaults.
type Config struct {
	Mode    Mode
	Cluster int // to optimize; the plan's ID
	// Continuum describes sites, providers, access points and links; nil: hosts are described by their attributes alone.
	Continuum *topology.Continuum
	// Admission and Transit judge; nil: everything is allowed.
	Admission placement.Admission
	Transit   placement.Transit
	// AsOf is the only now.
	AsOf time.Time
	// Weights of what is balanced; all zero: what the cluster's ONE_DRS says, else requested CPU in a placement and measured CPU
	// in an optimization, as OneDRS has it.
	Weights Weights
	// MaxMoves is how many virtual machines an optimization may move in all, to its full target; zero: what the cluster's ONE_DRS
	// says, else as many as it has hosts: with one action at a time for each host, oned's default, that is one round.
	// Negative: none.
	MaxMoves int
	// NoMakeRoom forbids a placement to move what runs so that something that is pending fits.
	NoMakeRoom bool
	Seed       uint64 // zero: 1
	// MaxSteps is the budget of search in evaluated moves; zero: 4,000,000, about three seconds on 1,000 VMs and 200 hosts.
	MaxSteps int64
	// Spent is the share of a budget of time that is used up, see placement.Options; nil: none.
	Spent func() float64
}

// Weights say how much the greatest load of any host counts, in each measure.
type Weights struct{ MeasuredCPU, CPU, Memory float64 }
