package topology

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"
)

// NetworkOptions say what to make of a network that somebody else described. The zero value is usable.
type NetworkOptions struct {
	// Name is the continuum's; empty: the network's own, else the name of the file.
	Name string
	// AsOf is the date the continuum speaks of. Networks hardly ever state one that could be read; [Write] needs it.
	AsOf time.Time
	// Provider operates every site. Without an ID each network that the file names is a provider, whose country is the
	// one where most of its nodes stand, marked as assumed.
	Provider Provider
	// Site is what every site has: runtimes, capacity, safe use, prices, egress, energy, certifications, labels, attributes,
	// assumed fields, and the tier, by default edge for a node of one link and regional for others, marked as assumed.
	Site Site
	// Sites lists the nodes that become sites, by the file's name or label for them or by the ID that they get; nil: all
	// that belong to the network. The others become exchanges.
	Sites []string
	// Country is where nodes stand of which the file does not let on where, marked as assumed. Empty: unknown; such nodes
	// become exchanges, which restricted data may not cross.
	Country Jurisdiction
	// Coordinates says how coordinates are written: "degrees", "minutes" (12.30 is 12 degrees 30 minutes), or "plane" for a
	// drawing, which places nothing. Empty: SNDlib files are judged by their figures, others have degrees.
	Coordinates string
	// RouteFactor is how much longer a link is than the great circle between its ends; 0: 1.5, what long-haul conduits
	// come to and planners of European networks use.
	RouteFactor float64
	// UnknownRTT is the round trip of a link of unknown length; 0: 20 ms, that of a link across a large country.
	UnknownRTT Micros
	// RTTAttribute names the attribute of edges that holds their round trip in milliseconds; empty: none does.
	RTTAttribute string
	// CapacityUnit is bit/s in one unit of capacity of an SNDlib file, which does not state it; 0: bandwidths are unknown.
	CapacityUnit int64
	// Crossing takes links to cross the countries along the great circle between their ends, as the outlines of Europe
	// have them, marked as assumed. Otherwise, and where an end or a country is unknown, it stays unknown what a link
	// crosses, and restricted data may not use it.
	Crossing bool
}

// Network is what became of a network.
type Network struct {
	Continuum *Continuum
	Format    string // "GraphML", "GML" or "SNDlib"
	// Nodes and Edges are how many the file has, but for those that stand for our providers.
	Nodes, Edges int
	// Notes name, as FILE:LINE: text and in the order of the file, all that was left out, altered or guessed.
	Notes []string
}

// ReadNetwork makes a continuum of a network in GraphML, GML or SNDlib's native format, told apart by their content; it
// may be packed with gzip. file is only the name used in errors and notes. What [WriteGraphML] wrote is read back as it
// was, whatever the options say.
//
// Nodes become sites or exchanges, see the options. Those outside the network (Internal 0) and those that stand for a
// link of several ends (hyperedge 1) become exchanges. Their IDs are made of their labels. A country is taken from what
// the node states, else from its coordinates by outlines that cover Europe, else from the network, else from the
// options; all but the first are marked as assumed. Sites keep what else the file says of them as attributes.
//
// Edges become links, several between two nodes as well; edges from a node to itself are left out. A round trip is
// great circle x RouteFactor x 9.8 us/km (light in fibre, both ways) + 100 us, its 95th and 99th percentile 10 and 25 %
// above, marked as assumed. Bandwidth is LinkSpeedRaw in bit/s.
//
// The error names every defect as FILE:LINE: message; each wraps [ErrInvalid]. Files are limited to 256 MiB unpacked, a
// million nodes and edges, and 64 MiB of values; other text is not kept, so that memory is bounded by about 2 GiB
// whatever the file. O(n log n).
func ReadNetwork(file string, r io.Reader, opts *NetworkOptions) (*Network, error) {
	if opts == nil {
		opts = &NetworkOptions{}
	}
	if err := opts.check(); err != nil {
		return nil, err
	}
	f := &foreign{log: log{file: file}}
	s, err := newSource(r)
	if err != nil {
		return nil, f.fatal(0, "%w", err)
	}
	if err := f.read(s); err != nil {
		return nil, err
	}
	f.checkEnds()
	if err := f.err(); err != nil {
		return nil, err
	}
	n := &Network{Format: f.format, Nodes: len(f.nodes), Edges: len(f.edges)}
	if find(f.facts, ownMark) != nil {
		if n.Continuum, err = f.own(); err == nil {
			n.Nodes = n.Continuum.NumNodes()
		}
	} else {
		n.Continuum, err = f.continuum(opts)
	}
	if err != nil {
		return nil, err
	}
	n.Notes = f.notes()
	return n, nil
}

// read reads the file in the format that it begins as.
func (f *foreign) read(s *source) error {
	for {
		head, err := s.in.Peek(1)
		if err != nil {
			if err == io.EOF {
				err = errors.New("is empty")
			}
			return f.fatal(0, "%w", err)
		}
		switch {
		case blank(head[0]):
			if _, err := s.ReadByte(); err != nil {
				return f.fatal(0, "%w", err)
			}
			s.token = 0
		case head[0] == '<':
			f.format = "GraphML"
			return f.readGraphML(s)
		case head[0] == '?':
			f.format = "SNDlib"
			return f.readSNDlib(s)
		default:
			f.format = "GML"
			return f.readGML(s)
		}
	}
}

func (o *NetworkOptions) check() error {
	d := &defects{}
	if o.Country != "" && !o.Country.known() {
		d.add("Country", "%q is no country of ISO 3166-1 alpha-2", string(o.Country))
	}
	if !slices.Contains([]string{"", "degrees", "minutes", "plane"}, o.Coordinates) {
		d.add("Coordinates", "%q is none of degrees, minutes and plane", o.Coordinates)
	}
	if o.RouteFactor != 0 && !(o.RouteFactor >= 1 && o.RouteFactor <= 100) {
		d.add("RouteFactor", "%v is not within 1 and 100", o.RouteFactor)
	}
	if o.UnknownRTT < 0 || o.UnknownRTT > maxRTT {
		d.add("UnknownRTT", "%d is not within 0 and 30 minutes", int64(o.UnknownRTT))
	}
	if o.CapacityUnit < 0 || o.CapacityUnit > math.MaxInt64/1000 {
		d.add("CapacityUnit", "%d is not within 0 and 9e15", o.CapacityUnit)
	}
	if o.Site.Tier != 0 && !o.Site.Tier.known() {
		d.add("Site.Tier", "%d is no tier", o.Site.Tier)
	}
	return d.err()
}

// nonempty is the first text that is not empty.
func nonempty(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func milliseconds(text string) (Micros, error) {
	v, err := number(text)
	if err != nil {
		return 0, err
	}
	us := math.Ceil(v * 1000)
	if !(us > 0 && us <= float64(maxRTT)) {
		return 0, fmt.Errorf("%s is no round trip above 0 and up to 30 minutes, in milliseconds", quoted(text))
	}
	return Micros(us), nil
}
