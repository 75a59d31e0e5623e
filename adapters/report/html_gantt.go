package report

import (
	"fmt"

	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/topology"
)

// gantt is the timeline of a plan in SVG units.
type gantt struct {
	Title         string
	Plan          *migrate.Plan
	Width, Height int
	Left          int // where time zero is
	Bars          []ganttBar
	Ticks         []ganttTick
	Bound         int // x of the proven bound
	Arrows        []string
}

type ganttBar struct {
	X, Y, W  int
	Down     int // width of the downtime
	Shift    int // where it begins in the bar: at the end, when the workload is stopped for the last copy
	After    int // where the text behind the bar stands
	Label    string
	Span     string
	Detail   string
	NoReturn bool
	Stage    bool
}

type ganttTick struct {
	X     int
	Label string
}

const (
	ganttWidth = 1000
	ganttLeft  = 330
	ganttRight = 90
	ganttRow   = 26
	ganttHead  = 30
)

// newGantt lays a plan out; nil where there is nothing to show.
func newGantt(p *migrate.Plan, title string) *gantt {
	if p == nil || len(p.Moves) == 0 {
		return nil
	}
	g := &gantt{Title: title, Plan: p, Width: ganttWidth, Left: ganttLeft, Height: ganttHead + ganttRow*len(p.Moves) + 10}
	end := max(p.Makespan, 1)
	x := func(t topology.Micros) int {
		return ganttLeft + int(int64(t)*int64(ganttWidth-ganttLeft-ganttRight)/int64(end))
	}
	row := map[int]int{}
	for i, m := range p.Moves {
		row[m.ID] = i
		b := ganttBar{X: x(m.Start), Y: ganttHead + ganttRow*i, Stage: m.Stage, NoReturn: m.NoReturn != "",
			Label: fmt.Sprintf("%s → %s", m.Workload, m.To), Span: duration(m.End - m.Start)}
		b.W = max(2, x(m.End)-b.X)
		if m.Downtime > 0 {
			b.Down = max(2, min(b.W, x(m.Downtime)-ganttLeft))
			b.Shift = b.W - b.Down
		}
		b.After = b.W + 5
		b.Detail = fmt.Sprintf("%s by %s: %s at %s, %s to %s, down %s, crosses %s", m.Workload, m.Method, bytesize(m.Bytes),
			bitrate(m.Rate), duration(m.Start), duration(m.End), duration(m.Downtime), crossed(m.Route.Jurisdictions))
		g.Bars = append(g.Bars, b)
	}
	for _, m := range p.Moves {
		for _, before := range m.After {
			i, ok := row[before]
			if !ok {
				continue
			}
			from, to := g.Bars[i], g.Bars[row[m.ID]]
			g.Arrows = append(g.Arrows, fmt.Sprintf("M%d %d V%d H%d", from.X+from.W, from.Y+ganttRow/2-3, to.Y+ganttRow/2-3, to.X))
		}
	}
	for _, t := range ticks(end) {
		label := duration(t)
		if t == 0 {
			label = "0"
		}
		g.Ticks = append(g.Ticks, ganttTick{x(t), label})
	}
	g.Bound = x(min(p.Bound, end))
	return g
}

// ticks are five to ten round times from zero to end.
func ticks(end topology.Micros) []topology.Micros {
	const s = 1_000_000
	steps := []topology.Micros{s / 10, s / 5, s / 2, s, 2 * s, 5 * s, 10 * s, 15 * s, 30 * s, 60 * s, 120 * s, 300 * s, 600 * s, 900 * s, 1800 * s,
		3600 * s, 7200 * s, 4 * 3600 * s, 6 * 3600 * s, 12 * 3600 * s, 86400 * s, 2 * 86400 * s, 7 * 86400 * s}
	step := steps[len(steps)-1]
	for _, c := range steps {
		if end/c <= 8 {
			step = c
			break
		}
	}
	var out []topology.Micros
	for t := topology.Micros(0); t <= end && len(out) < 100; t += step {
		out = append(out, t)
	}
	return out
}
