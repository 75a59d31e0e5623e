package placement

import (
	"fmt"
	"slices"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// checkBlock is what stands in the way of a class of data on the direct route.
type checkBlock struct {
	words   string // "CH and the network of gasline"
	reasons []Reason
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
	for i, hop := range route.Hops {
		for _, j := range countriesOf(hop, i == len(route.Hops)-1) {
			if j == "" {
				say(fmt.Sprintf("link %s, whose countries are not known", hop.Link))
			} else if !t.AllowsJurisdiction(j) && say(string(j)) {
				if err := ask(j, ""); err != nil {
					return b, err
				}
			}
		}
		switch {
		case t.AllowsOperator(hop.Operator):
		case hop.Operator == "":
			say(fmt.Sprintf("link %s, whose operator is not known", hop.Link))
		case say("the network of " + hop.Operator):
			if err := ask("", hop.Operator); err != nil {
				return b, err
			}
		}
	}
	b.words = andText(words)
	return b, nil
}

// countriesOf returns the countries that a hop crosses, with that of the node it leads to unless the route ends there. A
// hop that names none crosses the unknown one ("").
func countriesOf(hop latency.Hop, last bool) []topology.Jurisdiction {
	countries := slices.Clone(hop.Jurisdictions)
	if len(countries) == 0 {
		countries = append(countries, "")
	}
	if !last {
		countries = append(countries, hop.Country)
	}
	return countries
}
