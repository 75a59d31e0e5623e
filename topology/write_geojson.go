package topology

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"github.com/domicile-eu/domicile/internal/quantity"
)

// feature is a thing on a map, RFC 7946.
type feature struct {
	Type       string     `json:"type"`
	ID         string     `json:"id"`
	Geometry   *geometry  `json:"geometry"`
	Properties properties `json:"properties"`
}

type geometry struct {
	Type        string `json:"type"`
	Coordinates any    `json:"coordinates"`
}

// properties are those of nodes and links, with quantities as our files write them.
type properties struct {
	Kind          string         `json:"kind"`
	Name          string         `json:"name,omitempty"`
	Provider      ProviderID     `json:"provider,omitempty"`
	Country       Jurisdiction   `json:"country,omitempty"`
	City          string         `json:"city,omitempty"`
	Tier          string         `json:"tier,omitempty"`
	State         string         `json:"state,omitempty"`
	Capacity      map[string]any `json:"capacity,omitempty"`
	A             NodeID         `json:"a,omitempty"`
	B             NodeID         `json:"b,omitempty"`
	Operator      string         `json:"operator,omitempty"`
	Jurisdictions []Jurisdiction `json:"jurisdictions,omitempty"`
	P50           float64        `json:"rttP50Ms,omitempty"`
	P95           float64        `json:"rttP95Ms,omitempty"`
	P99           float64        `json:"rttP99Ms,omitempty"`
	Bandwidth     string         `json:"bandwidth,omitempty"`
	Assumed       []string       `json:"assumed,omitempty"`
}

// WriteGeoJSON writes a continuum as a collection of features (RFC 7946) for a map: a point for each site, access point
// and exchange, a line for each link, straight between its ends and cut where it crosses the 180th meridian. It holds
// what a map shows, not all of the continuum. O(n).
func WriteGeoJSON(w io.Writer, c *Continuum) error {
	out := bufio.NewWriterSize(w, 1<<16)
	name, err := json.Marshal(c.name)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "{\"type\": \"FeatureCollection\", \"name\": %s, \"features\": [", name)
	first := true
	add := func(f feature) {
		f.Type = "Feature"
		text, e := json.Marshal(f)
		if err == nil {
			err = e
		}
		if !first {
			out.WriteByte(',')
		}
		first = false
		out.WriteByte('\n')
		out.Write(text)
	}
	for s := range c.Sites() {
		p := properties{Kind: "site", Name: s.Name, Provider: s.Provider, Country: s.Country, City: s.City, Tier: s.Tier.String(),
			State: s.State.String(), Assumed: s.Assumed}
		for d, v := range s.Capacity {
			if p.Capacity == nil {
				p.Capacity = map[string]any{}
			}
			p.Capacity[string(d)] = quantity.Format(v, d.unit())
		}
		add(feature{ID: string(s.ID), Geometry: point(s.Location), Properties: p})
	}
	for a := range c.AccessPoints() {
		add(feature{ID: string(a.ID), Geometry: point(a.Location),
			Properties: properties{Kind: "accessPoint", Name: a.Name, Country: a.Country, City: a.City, Assumed: a.Assumed}})
	}
	for x := range c.Exchanges() {
		add(feature{ID: string(x.ID), Geometry: point(x.Location),
			Properties: properties{Kind: "exchange", Name: x.Name, Country: x.Country, City: x.City, Assumed: x.Assumed}})
	}
	for l := range c.Links() {
		add(c.lineOf(l))
	}
	out.WriteString("\n]}\n")
	if err != nil {
		return err
	}
	return out.Flush() // the error of any write before
}

func (c *Continuum) lineOf(l *Link) feature {
	a, _, _ := c.Place(l.A)
	b, _, _ := c.Place(l.B)
	ms := func(m Micros) float64 { return float64(m) / 1000 }
	p := properties{Kind: "link", A: l.A, B: l.B, Operator: l.Operator, Jurisdictions: l.Jurisdictions,
		P50: ms(l.RTT.P50), P95: ms(l.RTT.P95), P99: ms(l.RTT.P99), Assumed: l.Assumed}
	if l.Bandwidth > 0 {
		p.Bandwidth = quantity.Format(l.Bandwidth, quantity.BitsPerSecond)
	}
	return feature{ID: string(l.ID), Geometry: line(a, b), Properties: p}
}

func point(l Location) *geometry { return &geometry{"Point", position(l)} }

func position(l Location) [2]float64 { return [2]float64{l.Lon, l.Lat} }

// line is a straight line on the map, of two parts where the shorter way crosses the 180th meridian.
func line(a, b Location) *geometry {
	if math.Abs(a.Lon-b.Lon) <= 180 {
		return &geometry{"LineString", [][2]float64{position(a), position(b)}}
	}
	side := math.Copysign(180, a.Lon)
	far := b.Lon + 2*side
	cut := a.Lat
	if far != a.Lon {
		cut += (b.Lat - a.Lat) * (side - a.Lon) / (far - a.Lon)
	}
	return &geometry{"MultiLineString", [][][2]float64{
		{position(a), {side, cut}}, {{-side, cut}, position(b)},
	}}
}
