package topology

// Micros is a duration or latency in microseconds. Latencies are round-trip unless the name says one-way.
type Micros int64

// MicroEUR is an amount of money in millionths of a euro. Prices of running things are per hour.
type MicroEUR int64

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
