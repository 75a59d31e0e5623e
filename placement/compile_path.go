package placement

import (
	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/topology"
)

// setPaths lists the paths of requests.
func (c *compiled) setPaths() error {
	first := int32(0) // of the application
	ways := make(map[wayKey]*problem.Ways)
	for a := range c.p.Applications {
		app := &c.p.Applications[a]
		var index spans // made where it is needed
		for _, constraint := range app.Constraints {
			path, ok := constraint.(Path)
			if !ok {
				continue
			}
			if index == nil {
				index = spansOf(app, first)
			}
			if err := c.addPath(app, &path, index, ways); err != nil {
				return err
			}
		}
		first += int32(len(app.Workloads))
	}
	return nil
}

// wayKey tells the tables of hops apart; from is set where a hop comes from an access point.
type wayKey struct {
	from       topology.AccessPointID
	transit    latency.Transit
	percentile latency.Percentile
}

func (c *compiled) addPath(app *Application, path *Path, index spans, ways map[wayKey]*problem.Ways) error {
	out := problem.Path{Bound: int64(path.Bound), Percentile: path.percentile()}
	before := Flow{FromAccess: path.FromAccess}
	for _, name := range path.Components {
		items := index.members([]string{name})
		var into []*problem.Ways
		if before.To = name; before.FromAccess != "" || before.FromComponent != "" {
			for _, to := range items {
				t, err := c.transit(dataOf(flowOf(app, &before), c.workloads[to]))
				if err != nil {
					return err
				}
				into = append(into, c.waysOf(wayKey{before.FromAccess, t, out.Percentile}, ways))
			}
		}
		out.Stages, out.Into = append(out.Stages, items), append(out.Into, into)
		before = Flow{FromComponent: name}
	}
	c.out.Paths = append(c.out.Paths, out)
	return nil
}

// flowOf returns the flow between two ends that validation has found.
func flowOf(app *Application, ends *Flow) *Flow {
	for k := range app.Flows {
		f := &app.Flows[k]
		if f.FromAccess == ends.FromAccess && f.FromComponent == ends.FromComponent && f.To == ends.To {
			return f
		}
	}
	return ends
}

func (c *compiled) waysOf(key wayKey, known map[wayKey]*problem.Ways) *problem.Ways {
	if w, ok := known[key]; ok {
		return w
	}
	origins := len(c.sites)
	if key.from != "" {
		origins = 1
	}
	rows := make([]*latency.Row, origins)
	w := problem.NewWays(origins, len(c.sites), func(from, to int32) (latency.Tail, bool) {
		if rows[from] == nil {
			node := key.from.Node()
			if key.from == "" {
				node = c.sites[from].ID.Node()
			}
			rows[from] = c.graph.Row(node, key.transit)
		}
		return rows[from].Tail(c.sites[to].ID.Node(), key.percentile)
	})
	known[key] = w
	return w
}
