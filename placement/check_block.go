package placement

import (
	"fmt"
	"slices"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// checkBlock is what stands in the way of a class of data on the direct route.
type checkBlock struct {
	words     string // "CH and the network of gasline"
	crossings []latency.Crossing
	reasons   []Reason
}

// blockOn returns what the data may not cross on the unrestricted way between two nodes, with the policies' reasons, each
// country and operator once and in the order of the way. It is empty where that way is open, or where none is known. A
// latency that was measured from end to end has no way of its own; the one of the least mean stands for it.
func (c *checker) blockOn(from, to topology.NodeID, class DataClass, percentile latency.Percentile) (checkBlock, error) {
	t, err := c.transit(class)
	if err != nil {
		return checkBlock{}, err
	}
	route, ok := c.row(from, latency.Transit{}).Route(to, percentile)
	if !ok {
		route, _ = c.graph.Route(from, to, latency.Transit{})
	}
	var b checkBlock
	var words []string
	say := func(word string) bool {
		if slices.Contains(words, word) {
			return false
		}
		words = append(words, word)
		return true
	}
	ask := func(j topology.Jurisdiction, operator string) error {
		defer named(func() string {
			return fmt.Sprintf("transit %T, asked why not data class %q through %s%s,", c.p.Transit, class, j, operator)
		})
		reasons, err := c.p.Transit.TransitReasons(c.ctx, c.scope, class, j, operator)
		if err != nil {
			return fmt.Errorf("reasons why %s may not cross %s%s: %w", dataText(class), j, operator, err)
		}
		b.reasons = append(b.reasons, reasons...)
		return nil
	}
	b.crossings = t.Crossings(route)
	for _, x := range b.crossings {
		for _, j := range x.Jurisdictions {
			if j == "" {
				say(fmt.Sprintf("link %s, whose countries are not known", x.Hop.Link))
			} else if say(string(j)) {
				if err := ask(j, ""); err != nil {
					return b, err
				}
			}
		}
		switch operator := x.Hop.Operator; {
		case !x.Operator:
		case operator == "":
			say(fmt.Sprintf("link %s, whose operator is not known", x.Hop.Link))
		case say("the network of " + operator):
			if err := ask("", operator); err != nil {
				return b, err
			}
		}
	}
	b.words = andText(words)
	return b, nil
}
