// Package topology describes what exists in a computing continuum: sites where workloads can run, the providers that
// operate them and who owns those providers, access points where demand enters, exchanges where networks meet, and the
// links between them.
//
// A [Continuum] is an immutable value. [New] builds one from a [Spec], [Read] from a YAML or JSON file, and
// [Continuum.Update] makes a new version that shares structure with the old one, so that a what-if costs next to
// nothing and an old version stays valid for as long as anybody holds it:
//
//	c, err := topology.Read("continuum.yaml", file)
//	...
//	site, _ := c.Site("ionos-berlin")
//	down := *site
//	down.State = topology.Down
//	whatIf, err := c.Update(topology.Changes{Put: topology.Spec{Sites: []topology.Site{down}}})
//
// What a continuum hands out is shared between all its versions and must not be modified: copy a value, change the copy,
// and put it into the next version.
//
// # Units
//
// Quantities are integers in base units: CPU in milli-cores, memory and disk in bytes, bandwidth in bit/s, latency and
// durations in microseconds ([Micros]), money in micro-euro ([MicroEUR]), emissions in milligrams of CO2 equivalent,
// shares in ten-thousandths. Latency is round-trip unless the name says one-way. Files use the suffixes people know:
// "500m", "64", "256Gi", "10Gbit/s", "12.5ms", "63.8%". A text that is finer than its base unit is refused rather than
// rounded.
//
// [Site.HourlyPrice] and [Site.HourlyEmissions] are exact and rounded up once at the end of each price and of the whole
// of the emissions. Sums over everything that all sites can hold fit 64 bits; a description in which they do not is
// refused.
//
// Capacity is what a site can hold of each dimension, [Site.Safe] what it holds with ease: at most the capacity, and the
// capacity where nothing is said.
//
// # Names
//
// IDs are made of a-z, 0-9, '-', '.' and '_', at most 253 of them, 508 in those of links. Those of sites, access points and exchanges share one name space, because
// all of them are nodes of the network ([NodeID]); those of providers and of links have one each. A link without an ID
// is named after its ends, a--b.
//
// # What is unknown
//
// A country, an operator, the jurisdictions of a link or the end of a certification may be unknown. Unknown is never
// taken for permitted; the packages above refuse what rests on it. Sites and providers must state their country. The
// jurisdictions of a link, where it states any, must include the countries of both ends. Assumed lists the fields, or
// parts of them such as energy.pue, that are the author's assumption rather than a sourced fact.
//
// # Who controls a provider
//
// [Continuum.Control] follows the stakes in a provider to all organisations above it. Shares multiply along a chain and
// add up over chains; control means a chain of majorities. Ownership has no cycles and no chains of more than 32 stakes:
// New refuses them.
//
// # Files
//
// The format is that of the JSON Schema that [Schema] returns: apiVersion domicile.eu/v1alpha1, kind Continuum. [Write]
// writes the canonical form, in which everything has one place and one spelling; [Continuum.Digest] is its SHA-256. Two
// descriptions of the same have the same digest, in whatever order and with whatever suffixes they were written, and
// reading what was written gives the same digest again.
//
// [ReadNetwork] makes a continuum of a network that somebody else described in GraphML, GML or SNDlib's native format, and
// notes all that it left out, altered or guessed; docs/networks.md is the guide. [WriteGraphML] keeps everything,
// [WriteGeoJSON] and [WriteDOT] what a map and a drawing show.
//
// # Bad input
//
// New, Update and Read check everything they are given and report every defect at once, joined with [errors.Join]; each
// wraps [ErrInvalid] and names the field:
//
//	invalid topology: sites[3].capacity.cpu: -4 is negative
//
// and where it was read from a file, the line as well:
//
//	continuum.yaml:34: sites[3].capacity.cpu: "-4" is negative
//
// Of more than a hundred defects the first hundred are spelled out and the others counted. What could not be read is
// named once, and not again for what its absence entails.
//
// # Size
//
// Continuums of 10,000 sites, 100,000 nodes and 100,000 links are ordinary: New takes about 0.4 s and Read about 5 s
// for their 30 MB of YAML, half of that for JSON; an update of one site takes about 12 microseconds. All look-ups are
// O(log n), all iterations in order of ID. (Measured on one core of a shared server.)
package topology
