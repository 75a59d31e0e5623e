package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/internal/outline"
	"github.com/domicile-eu/domicile/topology"
)

// mapChart is the map in SVG units.
type mapChart struct {
	Width, Height int
	Countries     []mapCountry
	Flows         []mapLine
	Moves         []mapLine
	Sites         []mapSite
	Access        []mapAccess
	Labels        []mapLabel
}

type mapCountry struct {
	Path, Name string
	Hosting    bool // a site stands there
}

type mapLine struct {
	Path, Title string
	Width       string
}

type mapSite struct {
	X, Y, AnchorX, AnchorY int
	R                      int
	Class, Title           string
	Away                   bool // drawn beside its place because others stand there
}

type mapAccess struct {
	X, Y  int
	Title string
}

type mapLabel struct {
	X, Y   int
	Anchor string
	Text   string
}

const (
	mapWidth   = 1000
	mapLeast   = 620  // least height, so that a single city does not fill the page
	mapMargin  = 170  // km around the outermost site
	mapLeastKm = 1200 // least extent in kilometres
)

// frame turns degrees into SVG units.
type frame struct{ west, north, scale float64 }

func (f frame) at(lon, lat float64) (x, y float64) {
	kx, ky := outline.Project(lon, lat)
	return (kx - f.west) * f.scale, (f.north - ky) * f.scale
}

func newMap(d *Document) (*mapChart, error) {
	countries, err := outline.Europe()
	if err != nil {
		return nil, err
	}
	m := &mapChart{Width: mapWidth}
	f := m.fit(d.Problem.Continuum)
	hosting := map[string]bool{}
	for s := range d.Problem.Continuum.Sites() {
		hosting[string(s.Country)] = true
	}
	for _, c := range countries {
		if path := countryPath(f, c); path != "" {
			m.Countries = append(m.Countries, mapCountry{path, c.Name, c.Code != "" && hosting[c.Code]})
		}
	}
	m.place(d, f)
	return m, nil
}

// fit chooses the frame around all sites and access points.
func (m *mapChart) fit(c *topology.Continuum) frame {
	minX, maxX, minY, maxY := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	include := func(l topology.Location) {
		x, y := outline.Project(l.Lon, l.Lat)
		minX, maxX = math.Min(minX, x), math.Max(maxX, x)
		minY, maxY = math.Min(minY, y), math.Max(maxY, y)
	}
	for s := range c.Sites() {
		include(s.Location)
	}
	for a := range c.AccessPoints() {
		include(a.Location)
	}
	if math.IsInf(minX, 0) {
		include(topology.Location{Lat: 50, Lon: 10})
	}
	pad := math.Max(mapMargin, (mapLeastKm-(maxX-minX))/2)
	minX, maxX, minY, maxY = minX-pad, maxX+pad, minY-mapMargin, maxY+mapMargin
	f := frame{west: minX, north: maxY, scale: mapWidth / (maxX - minX)}
	m.Height = max(mapLeast, int((maxY-minY)*f.scale))
	f.north += (float64(m.Height)/f.scale - (maxY - minY)) / 2
	return f
}

func countryPath(f frame, c outline.Country) string {
	var b strings.Builder
	for _, ring := range c.Rings {
		for i, p := range ring {
			x, y := f.at(p[0], p[1])
			fmt.Fprintf(&b, "%c%.1f %.1f", "ML"[min(i, 1)], x, y)
		}
		b.WriteByte('Z')
	}
	return b.String()
}

// place draws sites, access points, flows to users and the moves of an exit.
func (m *mapChart) place(d *Document, f frame) {
	c := d.Problem.Continuum
	load := map[topology.SiteID][]string{}
	for _, l := range d.Evaluation.Lines {
		load[l.Site] = append(load[l.Site], string(l.Workload))
	}
	var sites []*topology.Site
	for s := range c.Sites() {
		sites = append(sites, s)
	}
	slices.SortFunc(sites, func(a, b *topology.Site) int { // the busy ones first: they get their true place and a label
		return cmp.Or(cmp.Compare(len(load[b.ID]), len(load[a.ID])), cmp.Compare(a.ID, b.ID))
	})
	taken := &crowd{}
	at := map[topology.NodeID][2]int{}
	for _, s := range sites {
		n := len(load[s.ID])
		r := 5 + int(math.Round(3*math.Sqrt(float64(n))))
		ax, ay := f.at(s.Location.Lon, s.Location.Lat)
		x, y := taken.settle(ax, ay, float64(r)+1.5)
		m.Sites = append(m.Sites, mapSite{X: x, Y: y, AnchorX: int(ax), AnchorY: int(ay), R: r, Class: siteClass(s, n),
			Title: siteTitle(s, load[s.ID]), Away: math.Hypot(float64(x)-ax, float64(y)-ay) > float64(r)})
		at[s.ID.Node()] = [2]int{x, y}
	}
	for a := range c.AccessPoints() {
		ax, ay := f.at(a.Location.Lon, a.Location.Lat)
		x, y := taken.settle(ax, ay, 4)
		m.Access = append(m.Access, mapAccess{x, y, fmt.Sprintf("access point %s (%s)", a.Name, a.Country)})
		at[a.ID.Node()] = [2]int{x, y}
	}
	for i, s := range sites {
		if len(load[s.ID]) > 0 {
			m.label(taken, m.Sites[i], string(s.ID))
		}
	}
	m.flows(d, at)
	if d.Exit != nil && d.Exit.Plan != nil {
		for _, mv := range d.Exit.Plan.Moves {
			m.Moves = append(m.Moves, mapLine{Path: curve(at[mv.From.Node()], at[mv.To.Node()]), Width: "2",
				Title: fmt.Sprintf("%s: %s → %s", mv.Workload, mv.From, mv.To)})
		}
	}
}

// flows draws one line per access point and serving site.
func (m *mapChart) flows(d *Document, at map[topology.NodeID][2]int) {
	type pair struct{ from, to topology.NodeID }
	rate, names := map[pair]int64{}, map[pair][]string{}
	for i := range d.Problem.Applications {
		app := &d.Problem.Applications[i]
		for _, fl := range app.Flows {
			if fl.FromAccess == "" {
				continue
			}
			for j := range app.Workloads {
				site, ok := d.Result.Assignment[app.Workloads[j].ID]
				if !ok || app.Workloads[j].Component != fl.To {
					continue
				}
				p := pair{fl.FromAccess.Node(), site.Node()}
				rate[p] += fl.Rate
				names[p] = append(names[p], string(app.Workloads[j].ID))
			}
		}
	}
	var pairs []pair
	for p := range rate {
		pairs = append(pairs, p)
	}
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	for _, p := range pairs {
		width := math.Max(0.8, math.Min(4, math.Log10(float64(max(rate[p], 1)))-5.5))
		m.Flows = append(m.Flows, mapLine{Path: curve(at[p.from], at[p.to]), Width: fmt.Sprintf("%.1f", width),
			Title: fmt.Sprintf("%s → %s: %s", p.from, p.to, briefly(names[p]))})
	}
}

// curve bends a line a little, so that lines there and back do not hide each other.
func curve(a, b [2]int) string {
	dx, dy := b[0]-a[0], b[1]-a[1]
	return fmt.Sprintf("M%d %dQ%d %d %d %d", a[0], a[1], (a[0]+b[0])/2-dy/6, (a[1]+b[1])/2+dx/6, b[0], b[1])
}

func (m *mapChart) label(taken *crowd, s mapSite, text string) {
	const height = 11
	wide := float64(len(text))*5.6 + 4
	for _, o := range []struct {
		dx, dy float64
		anchor string
	}{{1, 0, "start"}, {-1, 0, "end"}, {0, -1, "middle"}, {0, 1, "middle"}} {
		x, y := float64(s.X)+o.dx*float64(s.R+4), float64(s.Y)+o.dy*float64(s.R+9)
		left := x
		switch o.anchor {
		case "end":
			left = x - wide
		case "middle":
			left = x - wide/2
		}
		if left > 0 && left+wide < mapWidth && taken.free(left, y-height/2, left+wide, y+height/2) {
			taken.box(left, y-height/2, left+wide, y+height/2)
			m.Labels = append(m.Labels, mapLabel{int(x), int(y) + 4, o.anchor, text})
			return
		}
	}
}

// siteClass is the tier, and whether the site is used or out of service.
func siteClass(s *topology.Site, workloads int) string {
	class := s.Tier.String()
	if workloads == 0 {
		class += " idle"
	}
	if s.State != topology.Up {
		class += " out"
	}
	return class
}

func siteTitle(s *topology.Site, workloads []string) string {
	t := fmt.Sprintf("%s: %s, %s, %s, %s", s.ID, s.Provider, s.City, s.Country, s.Tier)
	if len(workloads) > 0 {
		t += "\n" + briefly(workloads)
	}
	return t
}

// briefly lists at most a dozen names.
func briefly(names []string) string {
	const most = 12
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}
