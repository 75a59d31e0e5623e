package report

import (
	"fmt"
	"html"
	"io"
	"strconv"
	"strings"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Frontier writes the points of a frontier as a table.
func Frontier(w io.Writer, f *placement.Frontier) error {
	t := &text{w: w}
	t.printf("%d assignments after %d solves, none better than another on all of %s%s\n\n",
		len(f.Points), f.Solves, strings.Join(f.Axes, ", "), map[bool]string{true: " (stopped early)"}[f.Stopped])
	var rows []string
	for n, p := range f.Points {
		cells := []string{strconv.Itoa(n + 1)}
		for k, v := range p.Values {
			cells = append(cells, axisAmount(f.Axes[k], v))
		}
		cells = append(cells, strconv.Itoa(len(p.Assignment)), strconv.Itoa(elsewhere(f.Points[0].Assignment, p.Assignment)))
		rows = append(rows, strings.Join(cells, "\t"))
	}
	if f.Ideal != nil {
		cells := []string{"at least"}
		for k, v := range f.Ideal {
			cells = append(cells, axisAmount(f.Axes[k], v))
		}
		rows = append(rows, strings.Join(cells, "\t"))
	}
	t.table("\t"+strings.Join(f.Axes, "\t")+"\tplaced\telsewhere than in 1", rows)
	return t.err
}

// axisAmount writes a value of one of placement.DefaultAxes in its unit, any other as a number.
func axisAmount(axis string, v int64) string {
	switch axis {
	case "cost":
		return euros(topology.MicroEUR(v), 4) + " EUR/h"
	case "latency":
		return strconv.FormatInt(v, 10) + " ms x Mbit/s"
	case "carbon":
		return grams(v) + " CO2e/h"
	}
	return strconv.FormatInt(v, 10)
}

// elsewhere counts the workloads that are not where they are in another assignment.
func elsewhere(from, to placement.Assignment) (n int) {
	for w, s := range to {
		if from[w] != s {
			n++
		}
	}
	return n
}

// Sizes of the chart of a frontier, in SVG units.
const (
	frontierWidth  = 640
	frontierHeight = 420
	frontierMargin = 70
)

// FrontierSVG draws a frontier: the first axis to the right, the second upwards, and the darker a point the more it has of
// the third. It needs two axes and a point.
func FrontierSVG(w io.Writer, f *placement.Frontier) error {
	if len(f.Axes) < 2 || len(f.Points) == 0 {
		return fmt.Errorf("report: a chart needs two axes and a point, not %d and %d", len(f.Axes), len(f.Points))
	}
	t := &text{w: w}
	t.printf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", frontierWidth, frontierHeight)
	const right, bottom = frontierWidth - frontierMargin, frontierHeight - frontierMargin
	t.printf(`<rect width="%d" height="%d" fill="white"/><path d="M%d %dV%dH%d" fill="none" stroke="#667"/>`+"\n",
		frontierWidth, frontierHeight, frontierMargin, frontierMargin/2, bottom, right)
	place := func(axis, from, to int, v int64) int {
		low, high := axisRange(f, axis)
		if high == low {
			return (from + to) / 2
		}
		return from + int(float64(to-from)*(float64(v)-float64(low))/(float64(high)-float64(low)))
	}
	for k, at := range [2][2]int{{right, bottom + 40}, {frontierMargin, frontierMargin/2 - 12}} {
		low, high := axisRange(f, k)
		anchor := [2]string{"end", "start"}[k]
		t.printf(`<text x="%d" y="%d" text-anchor="%s">%s: %s to %s</text>`+"\n", at[0], at[1], anchor,
			html.EscapeString(f.Axes[k]), html.EscapeString(axisAmount(f.Axes[k], low)), html.EscapeString(axisAmount(f.Axes[k], high)))
	}
	for n, p := range f.Points {
		shade := 60
		if len(f.Axes) > 2 {
			shade = place(2, 75, 30, p.Values[2])
		}
		var says []string
		for k, v := range p.Values {
			says = append(says, f.Axes[k]+" "+axisAmount(f.Axes[k], v))
		}
		x, y := place(0, frontierMargin+20, right-20, p.Values[0]), place(1, bottom-20, frontierMargin/2+20, p.Values[1])
		t.printf(`<circle cx="%d" cy="%d" r="6" fill="hsl(210 60%% %d%%)" stroke="#234"><title>%s</title></circle><text x="%d" y="%d">%d</text>`+"\n",
			x, y, shade, html.EscapeString(strings.Join(says, ", ")), x+9, y-6, n+1)
	}
	t.printf("</svg>\n")
	return t.err
}

// axisRange returns the lowest and highest value of an axis.
func axisRange(f *placement.Frontier, axis int) (low, high int64) {
	low, high = f.Points[0].Values[axis], f.Points[0].Values[axis]
	for _, p := range f.Points {
		low, high = min(low, p.Values[axis]), max(high, p.Values[axis])
	}
	return low, high
}
