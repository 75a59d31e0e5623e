package quantity

// Unit is a kind of quantity: what its base unit is and which suffixes its texts may carry.
type Unit uint8

// The units. Each counts whole base units in an int64.
const (
	Cores          Unit = iota + 1 // milli-cores: "64", "500m", "0.5"
	Bytes                          // bytes: "256Gi", "10G", "1Ti", "1048576"
	BitsPerSecond                  // bit/s: "10Gbit/s", "500Mbit/s", "1000000"
	BytesPerSecond                 // byte/s: "64Mi/s", "5MB/s", "40Mbit/s" (5,000,000)
	Duration                       // microseconds: "12.5ms", "300us", "300µs", "2s", "1m", "1h"
	Euro                           // micro-euro: "0.012"
	Watt                           // milliwatts: "6W", "300mW", "1.2kW", "6"
	Share                          // ten-thousandths: "24%", "0.24"
	Factor                         // thousandths: "1.3"
	Count                          // whole things: "4"
)

// suffix is one way to write amounts of a unit: n of it are n*num/den base units.
type suffix struct {
	text     string
	num, den uint64
	written  bool // Format may choose it; the others are only read
}

// scale is one step of what Human writes: the suffix of at least num base units.
type scale struct {
	text string
	num  uint64
}

// unit is what there is to know about a Unit.
type unit struct {
	what     string // with an example, completes "is not ..."
	finest   string // completes "is finer than ..."
	suffixes []suffix
	scales   []scale // finest first
	decimals int     // Human writes at least so many
}

const (
	kilo, mega, giga, tera, peta, exa = 1e3, 1e6, 1e9, 1e12, 1e15, 1e18
	kibi, mebi, gibi, tebi, pebi      = 1 << 10, 1 << 20, 1 << 30, 1 << 40, 1 << 50
	exbi                              = 1 << 60
	second                            = 1e6
)

// units is indexed by Unit. Where two suffixes give texts of one length, Format takes the earlier one.
var units = [...]unit{
	Cores: {
		what: "a number of cores such as 4, 0.5 or 500m", finest: "a milli-core",
		suffixes: []suffix{{"", 1000, 1, true}, {"m", 1, 1, true}},
		scales:   []scale{{" cores", 1000}},
	},
	Bytes: {
		what: "an amount of memory such as 256Gi, 10G or 1048576", finest: "a byte",
		suffixes: []suffix{
			{"", 1, 1, true},
			{"Ki", kibi, 1, true}, {"Mi", mebi, 1, true}, {"Gi", gibi, 1, true},
			{"Ti", tebi, 1, true}, {"Pi", pebi, 1, true}, {"Ei", exbi, 1, true},
			{"k", kilo, 1, true}, {"M", mega, 1, true}, {"G", giga, 1, true},
			{"T", tera, 1, true}, {"P", peta, 1, true}, {"E", exa, 1, true},
			{"B", 1, 1, false},
			{"KiB", kibi, 1, false}, {"MiB", mebi, 1, false}, {"GiB", gibi, 1, false},
			{"TiB", tebi, 1, false}, {"PiB", pebi, 1, false}, {"EiB", exbi, 1, false},
			{"kB", kilo, 1, false}, {"MB", mega, 1, false}, {"GB", giga, 1, false},
			{"TB", tera, 1, false}, {"PB", peta, 1, false}, {"EB", exa, 1, false},
		},
		scales: []scale{
			{" B", 1}, {" KiB", kibi}, {" MiB", mebi}, {" GiB", gibi}, {" TiB", tebi}, {" PiB", pebi}, {" EiB", exbi},
		},
	},
	BitsPerSecond: {
		what: "a bandwidth such as 10Gbit/s or 500Mbit/s", finest: "a bit per second",
		suffixes: []suffix{
			{"bit/s", 1, 1, true}, {"kbit/s", kilo, 1, true}, {"Mbit/s", mega, 1, true}, {"Gbit/s", giga, 1, true},
			{"Tbit/s", tera, 1, true}, {"", 1, 1, false},
		},
		scales: []scale{{" bit/s", 1}, {" kbit/s", kilo}, {" Mbit/s", mega}, {" Gbit/s", giga}, {" Tbit/s", tera}},
	},
	BytesPerSecond: {
		what: "a rate such as 64Mi/s, 5MB/s or 40Mbit/s", finest: "a byte per second",
		suffixes: []suffix{
			{"B/s", 1, 1, true},
			{"Ki/s", kibi, 1, true}, {"Mi/s", mebi, 1, true}, {"Gi/s", gibi, 1, true}, {"Ti/s", tebi, 1, true},
			{"kB/s", kilo, 1, true}, {"MB/s", mega, 1, true}, {"GB/s", giga, 1, true}, {"TB/s", tera, 1, true},
			{"", 1, 1, false}, {"KiB/s", kibi, 1, false}, {"MiB/s", mebi, 1, false}, {"GiB/s", gibi, 1, false},
			{"TiB/s", tebi, 1, false},
			{"k/s", kilo, 1, false}, {"M/s", mega, 1, false}, {"G/s", giga, 1, false}, {"T/s", tera, 1, false},
			{"bit/s", 1, 8, false}, {"kbit/s", kilo, 8, false}, {"Mbit/s", mega, 8, false}, {"Gbit/s", giga, 8, false},
			{"Tbit/s", tera, 8, false},
		},
		scales: []scale{{" B/s", 1}, {" KiB/s", kibi}, {" MiB/s", mebi}, {" GiB/s", gibi}, {" TiB/s", tebi}},
	},
	Duration: {
		what: "a duration such as 12.5ms, 300us or 2s", finest: "a microsecond",
		suffixes: []suffix{
			{"us", 1, 1, true}, {"ms", 1000, 1, true}, {"s", second, 1, true}, {"m", 60 * second, 1, true},
			{"h", 3600 * second, 1, true}, {"µs", 1, 1, false}, {"μs", 1, 1, false},
		},
		scales: []scale{{" µs", 1}, {" ms", 1000}, {" s", second}, {" min", 60 * second}, {" h", 3600 * second}},
	},
	Euro: {
		what: "an amount of euros such as 0.012", finest: "a millionth of a euro",
		suffixes: []suffix{{"", 1e6, 1, true}},
		scales:   []scale{{" EUR", 1e6}},
		decimals: 2,
	},
	Watt: {
		what: "a power such as 6W, 300mW or 1.2kW", finest: "a milliwatt",
		suffixes: []suffix{{"W", 1000, 1, true}, {"mW", 1, 1, true}, {"kW", 1e6, 1, true}, {"", 1000, 1, false}},
		scales:   []scale{{" mW", 1}, {" W", 1000}, {" kW", 1e6}, {" MW", 1e9}},
	},
	Share: {
		what: "a share such as 24% or 0.24", finest: "a hundredth of a percent",
		suffixes: []suffix{{"%", 100, 1, true}, {"", 10000, 1, false}},
		scales:   []scale{{" %", 100}},
	},
	Factor: {
		what: "a factor such as 1.3", finest: "a thousandth",
		suffixes: []suffix{{"", 1000, 1, true}},
		scales:   []scale{{"", 1000}},
	},
	Count: {
		what: "a whole number", finest: "one",
		suffixes: []suffix{{"", 1, 1, true}},
		scales:   []scale{{"", 1}},
	},
}
