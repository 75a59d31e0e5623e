package topology

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"

	"github.com/domicile-eu/domicile/internal/document"
	"github.com/domicile-eu/domicile/internal/quantity"
)

// Write writes a continuum as a YAML document in canonical form: two continuums that say the same, in whatever order
// they were described, give the same bytes. [Read] makes a continuum of the same digest of it. It is an error if AsOf is
// missing, which a file must state.
func Write(w io.Writer, c *Continuum) error {
	if c.asOf.IsZero() {
		return fmt.Errorf("%w: asOf: is missing", ErrInvalid)
	}
	return c.write(w)
}

// Digest is the SHA-256 of the text that Write writes, in hexadecimal. It is computed once, in O(n).
func (c *Continuum) Digest() string {
	if c.digest == nil {
		return c.computeDigest()
	}
	return c.digest()
}

func (c *Continuum) computeDigest() string {
	hash := sha256.New()
	_ = c.write(hash) // a hash takes everything
	return hex.EncodeToString(hash.Sum(nil))
}

func (c *Continuum) write(w io.Writer) error {
	out := &writer{Writer: bufio.NewWriterSize(w, 1<<16)}
	out.WriteString("apiVersion: " + document.Version + "\nkind: Continuum\n")
	if c.name != "" {
		out.WriteString("name: ")
		out.text(c.name)
		out.WriteByte('\n')
	}
	if !c.asOf.IsZero() {
		out.WriteString("asOf: " + date(c.asOf) + "\n")
	}
	out.list("providers", c.providers.len())
	for p := range c.Providers() {
		p.write(out)
	}
	out.list("sites", c.sites.len())
	for s := range c.Sites() {
		s.write(out)
	}
	out.list("accessPoints", c.accessPoints.len())
	for a := range c.AccessPoints() {
		out.node(string(a.ID), a.Name, a.City, a.Country, a.Location, a.Assumed)
	}
	out.list("exchanges", c.exchanges.len())
	for x := range c.Exchanges() {
		out.node(string(x.ID), x.Name, x.City, x.Country, x.Location, x.Assumed)
	}
	out.list("links", c.links.len())
	for l := range c.Links() {
		l.write(out)
	}
	return out.Flush() // the error of any write before
}

func (p *Provider) write(out *writer) {
	out.first("id", string(p.ID))
	out.field("name", p.Name)
	out.field("country", string(p.Country))
	if len(p.Owners) > 0 {
		out.key("owners")
		for i, stake := range p.Owners {
			out.open(i == 0, "[", "{owner: ")
			out.text(string(stake.Owner))
			out.WriteString(", share: " + quantity.Format(stake.Share, quantity.Share) + "}")
		}
		out.WriteString("]\n")
	}
	out.certifications(p.Certifications)
	if len(p.Sovereignty) > 0 {
		out.key("sovereignty")
		mapping(out, p.Sovereignty, func(level int) { out.WriteString(strconv.Itoa(level)) })
		out.WriteByte('\n')
	}
	out.attributes(p.Attributes)
	set(out, "assumed", p.Assumed)
}

func (s *Site) write(out *writer) {
	out.first("id", string(s.ID))
	out.field("name", s.Name)
	out.field("provider", string(s.Provider))
	out.field("country", string(s.Country))
	out.field("city", s.City)
	out.location(s.Location)
	out.field("tier", s.Tier.String())
	if s.State != Up {
		out.field("state", s.State.String())
	}
	out.key("runtimes")
	words(out, s.Runtimes)
	out.key("capacity")
	out.amounts(s.Capacity)
	out.WriteByte('\n')
	if len(s.Safe) > 0 {
		out.key("safe")
		out.amounts(s.Safe)
		out.WriteByte('\n')
	}
	if len(s.Prices) > 0 {
		out.key("prices")
		mapping(out, s.Prices, func(v MicroEUR) { out.WriteString(quantity.Format(int64(v), quantity.Euro)) })
		out.WriteByte('\n')
	}
	out.amount("egress", int64(s.Egress), quantity.Euro)
	s.Energy.write(out)
	out.certifications(s.Certifications)
	if len(s.Labels) > 0 {
		out.key("labels")
		mapping(out, s.Labels, out.text)
		out.WriteByte('\n')
	}
	out.attributes(s.Attributes)
	set(out, "assumed", s.Assumed)
}

func (e *Energy) write(out *writer) {
	if e.Intensity == 0 && e.PUE == 0 && len(e.Power) == 0 {
		return
	}
	out.key("energy")
	out.WriteString("{intensity: " + strconv.FormatInt(e.Intensity, 10))
	if e.PUE != 0 {
		out.WriteString(", pue: " + quantity.Format(e.PUE, quantity.Factor))
	}
	if len(e.Power) > 0 {
		out.WriteString(", power: ")
		mapping(out, e.Power, func(v int64) { out.WriteString(quantity.Format(v, quantity.Watt)) })
	}
	out.WriteString("}\n")
}

func (l *Link) write(out *writer) {
	out.first("id", string(l.ID))
	out.field("a", string(l.A))
	out.field("b", string(l.B))
	out.field("operator", l.Operator)
	set(out, "jurisdictions", l.Jurisdictions)
	duration := func(m Micros) string { return quantity.Format(int64(m), quantity.Duration) }
	out.key("rtt")
	out.WriteString("{p50: " + duration(l.RTT.P50) + ", p95: " + duration(l.RTT.P95) + ", p99: " + duration(l.RTT.P99) + "}\n")
	if l.OneWay.Known() {
		out.key("oneWay")
		out.WriteString("{ab: " + duration(l.OneWay.AB) + ", ba: " + duration(l.OneWay.BA) + "}\n")
	}
	out.amount("bandwidth", l.Bandwidth, quantity.BitsPerSecond)
	out.amount("egress", int64(l.Egress), quantity.Euro)
	if !l.MeasuredAt.IsZero() {
		out.key("measuredAt")
		out.WriteString(date(l.MeasuredAt) + "\n")
	}
	set(out, "assumed", l.Assumed)
}
