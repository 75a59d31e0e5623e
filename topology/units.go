package topology

import (
	"strings"

	"github.com/domicile-eu/domicile/internal/quantity"
)

// Micros is a duration or latency in microseconds. Latencies are round-trip unless the name says one-way.
type Micros int64

// String writes three significant digits for people: "12.5 ms".
func (m Micros) String() string { return quantity.Human(int64(m), quantity.Duration) }

// MicroEUR is an amount of money in millionths of a euro. Prices of running things are per hour.
type MicroEUR int64

// String writes euros for people, at least cents and at least three significant digits: "9.00 EUR", "0.004 EUR".
func (m MicroEUR) String() string { return quantity.Human(int64(m), quantity.Euro) }

// Resources maps each dimension to an amount in that dimension's base unit. A missing dimension is zero.
type Resources map[Dimension]int64

// Dimension names one kind of capacity: cpu, memory, disk, gpu, or any name a continuum introduces.
type Dimension string

// The dimensions with suffixes and pricing units of their own. Every other dimension counts whole things.
const (
	CPU    Dimension = "cpu"    // milli-cores; priced per core
	Memory Dimension = "memory" // bytes; priced per GiB
	Disk   Dimension = "disk"   // bytes; priced per GiB
	GPU    Dimension = "gpu"    // devices; priced per device
)

var knownDimensions = []Dimension{CPU, Memory, Disk, GPU}

// meant returns the known dimension that d is but for capitals, empty where there is none.
func (d Dimension) meant() Dimension {
	for _, known := range knownDimensions {
		if d != known && strings.EqualFold(string(d), string(known)) {
			return known
		}
	}
	return ""
}

// pricingUnit is how many base units a price and a power are for.
func (d Dimension) pricingUnit() uint64 {
	switch d {
	case CPU:
		return 1000
	case Memory, Disk:
		return 1 << 30
	default:
		return 1
	}
}

// unit is how amounts of the dimension are written in files.
func (d Dimension) unit() quantity.Unit {
	switch d {
	case CPU:
		return quantity.Cores
	case Memory, Disk:
		return quantity.Bytes
	default:
		return quantity.Count
	}
}
