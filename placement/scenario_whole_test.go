package placement_test

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// parseTerms reads words "kind*weight", "excess(cpu)*2", "excess(cpu)/1000*2" and "balance(cpu,3,memory)/1000*2".
func parseTerms(words []string) ([]placement.Term, error) {
	var terms []placement.Term
	for _, word := range words {
		head, weight, _ := strings.Cut(word, "*")
		head, per, divided := strings.Cut(head, "/")
		kind, inner, _ := strings.Cut(strings.TrimSuffix(head, ")"), "(")
		var numbers [3]int64
		texts := []string{weight, per}
		term := placement.Term{Kind: placement.TermKind(kind)}
		if args := strings.Split(inner, ","); len(args) == 3 {
			term.Dimension, term.Against = topology.Dimension(args[0]), topology.Dimension(args[2])
			texts = append(texts, args[1])
		} else {
			term.Dimension = topology.Dimension(inner)
		}
		for i, text := range texts {
			if i == 1 && !divided {
				continue
			}
			var err error
			if numbers[i], err = strconv.ParseInt(text, 10, 64); err != nil {
				return nil, err
			}
		}
		term.Weight, term.Per, term.Ratio = numbers[0], numbers[1], numbers[2]
		terms = append(terms, term)
	}
	return terms, nil
}

// parseBudgets reads lines "moves N", "share DOMAIN DIMENSION THOUSANDTHS" and "cost N TERM...".
func parseBudgets(input string) ([]placement.Budget, error) {
	var budgets []placement.Budget
	for _, line := range strings.Split(strings.TrimSpace(input), "\n") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		last := words[len(words)-1]
		if words[0] == "cost" {
			last = words[1]
		}
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil {
			return nil, err
		}
		switch words[0] {
		case "moves":
			budgets = append(budgets, placement.MoveBudget{AtMost: int(n)})
		case "share":
			budgets = append(budgets, placement.ShareBudget{
				Over: placement.Domain(words[1]), Dimension: topology.Dimension(words[2]), Thousandths: n,
			})
		case "cost":
			terms, err := parseTerms(words[2:])
			if err != nil {
				return nil, err
			}
			budgets = append(budgets, placement.CostBudget{Terms: terms, AtMost: n})
		default:
			return nil, fmt.Errorf("what is a budget of %q?", words[0])
		}
	}
	return budgets, nil
}

// tableRelocator prices moves by a table; what does not stand there costs nothing.
type tableRelocator map[[2]topology.SiteID]topology.MicroEUR

func (r tableRelocator) RelocationCost(from, to *topology.Site) topology.MicroEUR {
	return r[[2]topology.SiteID{from.ID, to.ID}]
}

// parseRelocation reads lines "FROM TO COST".
func parseRelocation(input string) (placement.Relocator, error) {
	table := make(tableRelocator)
	for _, line := range strings.Split(strings.TrimSpace(input), "\n") {
		words := strings.Fields(line)
		cost, err := strconv.ParseInt(words[2], 10, 64)
		if err != nil {
			return nil, err
		}
		table[[2]topology.SiteID{topology.SiteID(words[0]), topology.SiteID(words[1])}] = topology.MicroEUR(cost)
	}
	return table, nil
}
