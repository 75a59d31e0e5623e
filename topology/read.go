package topology

import (
	_ "embed"
	"io"

	"github.com/domicile-eu/domicile/internal/document"
	"github.com/domicile-eu/domicile/internal/quantity"
)

//go:embed continuum.schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of the file format. It says what a file may look like; that what it
// says fits together, only Read knows.
func Schema() []byte { return append([]byte(nil), schema...) }

// Read makes a continuum of a YAML or JSON document of kind Continuum; file is only the name used in errors. It checks
// as strictly as [New] does, and unknown and missing fields besides; each defect reads FILE:LINE: path: message.
//
// Files are limited to 256 MiB and 8 million values; the cost is linear in their size.
func Read(file string, r io.Reader) (*Continuum, error) {
	o, err := document.Parse(file, "Continuum", r, ErrInvalid)
	if err != nil {
		return nil, err
	}
	return fromDocument(o)
}

func fromDocument(o *document.Object) (*Continuum, error) {
	c, found := build(readSpec(o))
	for _, d := range found.found {
		o.DefectAt(d.path, "%s", d.message)
	}
	o.Uncounted(found.more)
	if err := o.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// readSpec reads what is there. Entries of the lists have the indices that they have in the file, so that the paths of
// New's defects lead to their lines.
func readSpec(o *document.Object) Spec {
	o.Known(continuumFields...)
	o.Required("asOf")
	spec := Spec{Name: o.String("name"), AsOf: o.Time("asOf")}
	for _, p := range o.Objects("providers") {
		spec.Providers = append(spec.Providers, readProvider(p))
	}
	for _, s := range o.Objects("sites") {
		spec.Sites = append(spec.Sites, readSite(s))
	}
	for _, a := range o.Objects("accessPoints") {
		n := readNode(a)
		n.ID = NodeID(a.String("id"))
		spec.AccessPoints = append(spec.AccessPoints, AccessPoint{
			AccessPointID(n.ID), n.Name, n.Country, n.City, n.Location, n.Assumed,
		})
	}
	for _, x := range o.Objects("exchanges") {
		spec.Exchanges = append(spec.Exchanges, readNode(x))
	}
	for _, l := range o.Objects("links") {
		spec.Links = append(spec.Links, readLink(l))
	}
	return spec
}

func readNode(o *document.Object) Exchange {
	o.Known(nodeFields...)
	o.Required("id", "location")
	return Exchange{
		ID: NodeID(o.String("id")), Name: o.String("name"), Country: Jurisdiction(o.String("country")),
		City: o.String("city"), Location: readLocation(o), Assumed: o.Strings("assumed"),
	}
}

func readLocation(o *document.Object) Location {
	l := o.Object("location")
	l.Known("lat", "lon")
	l.Required("lat", "lon")
	return Location{Lat: l.Float("lat"), Lon: l.Float("lon")}
}

func readProvider(o *document.Object) Provider {
	o.Known(providerFields...)
	o.Required("id", "country")
	p := Provider{
		ID: ProviderID(o.String("id")), Name: o.String("name"), Country: Jurisdiction(o.String("country")),
		Certifications: readCertifications(o), Attributes: readAttributes(o), Assumed: o.Strings("assumed"),
	}
	for _, stake := range o.Objects("owners") {
		stake.Known("owner", "share")
		stake.Required("owner", "share")
		p.Owners = append(p.Owners, Stake{
			Owner: ProviderID(stake.String("owner")), Share: stake.Quantity("share", quantity.Share),
		})
	}
	if levels := o.Object("sovereignty"); o.Has("sovereignty") {
		p.Sovereignty = map[string]int{}
		for _, pair := range o.Pairs("sovereignty") {
			p.Sovereignty[pair.Key] = int(levels.Int(pair.Key))
		}
	}
	return p
}

func readCertifications(o *document.Object) []Certification {
	var list []Certification
	for _, c := range o.Objects("certifications") {
		c.Known("scheme", "level", "validUntil", "source")
		c.Required("scheme")
		list = append(list, Certification{
			Scheme: c.String("scheme"), Level: c.String("level"), ValidUntil: c.String("validUntil"), Source: c.String("source"),
		})
	}
	return list
}

func readAttributes(o *document.Object) map[string]any {
	o.Object("attributes") // notes what is no mapping
	m, _ := o.Any("attributes").(map[string]any)
	return m
}

func readLink(o *document.Object) Link {
	o.Known(linkFields...)
	o.Required("a", "b", "rtt")
	l := Link{
		ID: LinkID(o.String("id")), A: NodeID(o.String("a")), B: NodeID(o.String("b")), Operator: o.String("operator"),
		Bandwidth: o.Quantity("bandwidth", quantity.BitsPerSecond), Egress: MicroEUR(o.Quantity("egress", quantity.Euro)),
		MeasuredAt: o.Time("measuredAt"), Assumed: o.Strings("assumed"),
	}
	for _, j := range o.Strings("jurisdictions") {
		l.Jurisdictions = append(l.Jurisdictions, Jurisdiction(j))
	}
	rtt := o.Object("rtt")
	rtt.Known("p50", "p95", "p99")
	rtt.Required("p50", "p95", "p99")
	percentile := func(key string) Micros { return Micros(rtt.Quantity(key, quantity.Duration)) }
	l.RTT = RTT{percentile("p50"), percentile("p95"), percentile("p99")}
	if o.Has("oneWay") {
		oneWay := o.Object("oneWay")
		oneWay.Known("ab", "ba")
		oneWay.Required("ab", "ba")
		l.OneWay = OneWay{Micros(oneWay.Quantity("ab", quantity.Duration)), Micros(oneWay.Quantity("ba", quantity.Duration))}
	}
	return l
}
