package placement_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// rewriting says whether what the scenarios print is to be written into their files; the flag is package scenario's.
func rewriting() bool { return flag.Lookup("rewrite").Value.String() == "true" }

// TestScenarios runs the files testdata/check-*.txt: prose, blocks that set the scene (continuum, apps, policy, rules,
// current, assign, objective, transient, budgets, relocation) and questions (check, evaluate, why, why-not, refusals, diff, verify), each followed by
// what it prints. Run with -rewrite after a wanted change, and read the difference.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/check-*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { runScenario(t, file) })
	}
}

func runScenario(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var out strings.Builder
	s := &scene{problem: &placement.Problem{}}
	for _, block := range parseBlocks(string(text)) {
		if block.command == nil {
			out.WriteString(block.text)
			continue
		}
		got, err := s.run(block)
		if err != nil {
			got = "error: " + strings.ReplaceAll(err.Error(), "\n", "\nerror: ") + "\n"
		}
		if !rewriting() {
			require.Equal(t, block.expected, got, "%s:%d: %s", file, block.line, strings.Join(block.command, " "))
		}
		out.WriteString(block.text + "----\n" + got)
	}
	if rewriting() {
		require.NoError(t, os.WriteFile(file, []byte(out.String()), 0o644))
	}
}

// block is prose (no command), or a command with its input and what it is to print.
type block struct {
	line     int
	text     string // as in the file, up to the separator
	command  []string
	input    string
	expected string
}

// parseBlocks cuts a scenario. A command starts after a blank line and reaches to the line "----"; its output ends at the
// next blank line.
func parseBlocks(text string) []block {
	lines := strings.SplitAfter(text, "\n")
	var blocks []block
	for i := 0; i < len(lines); {
		if strings.TrimSpace(lines[i]) == "" || strings.HasPrefix(lines[i], "#") {
			blocks = append(blocks, block{text: lines[i]})
			i++
			continue
		}
		b := block{line: i + 1, command: strings.Fields(lines[i]), text: lines[i]}
		for i++; i < len(lines) && lines[i] != "----\n"; i++ {
			b.input += lines[i]
		}
		b.text += b.input
		for i++; i < len(lines) && strings.TrimSpace(lines[i]) != ""; i++ {
			b.expected += lines[i]
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// scene is what questions are asked in.
type scene struct {
	problem    *placement.Problem
	assignment placement.Assignment
	kept       *placement.Answer // for diff
}

func (s *scene) run(b block) (string, error) {
	args := b.command[1:]
	switch b.command[0] {
	case "continuum", "apps", "policy", "rules", "current", "assign", "objective", "transient", "budgets", "relocation":
		return "", s.set(b.command[0], b.input)
	case "keep":
		problem := *s.problem
		s.kept = &placement.Answer{Problem: &problem, Assignment: maps.Clone(s.assignment)}
		return "", nil
	}
	return s.ask(b.command[0], args, b.input)
}

const head = "apiVersion: domicile.eu/v1alpha1\nkind: "

func (s *scene) set(what, input string) (err error) {
	p := *s.problem
	switch what {
	case "continuum":
		p.Continuum, err = topology.Read("continuum", strings.NewReader(head+"Continuum\nasOf: 2026-11-23\n"+input))
	case "apps":
		p.Applications, err = placement.ReadApplications("apps", strings.NewReader(head+"Applications\napplications:\n"+input))
	case "policy":
		var policy *tablePolicy
		policy, err = parsePolicy(input)
		p.Admission, p.Transit = policy, policy
	case "rules":
		p.Rules = nil
		for _, line := range strings.Split(strings.TrimSpace(input), "\n") {
			words := strings.SplitN(line, " ", 3)
			cost, bad := strconv.ParseInt(words[1], 10, 64)
			if bad != nil {
				return bad
			}
			rule := priceRule{prefix: words[0], cost: topology.MicroEUR(cost)}
			if len(words) == 3 {
				rule.refuse = words[2]
			}
			p.Rules = append(p.Rules, rule)
		}
	case "current":
		p.Current = parseAssignment(strings.Fields(input))
	case "assign":
		s.assignment = parseAssignment(strings.Fields(input))
	case "objective":
		p.Objective = nil
		for _, line := range strings.Split(strings.TrimSpace(input), "\n") {
			words := strings.Fields(line)
			if words[0] == "default" {
				break
			}
			tier := placement.Tier{Name: words[0]}
			if tier.Terms, err = parseTerms(words[1:]); err != nil {
				return err
			}
			p.Objective = append(p.Objective, tier)
		}
	case "transient":
		p.Transient = nil
		for _, dim := range strings.Fields(input) {
			p.Transient = append(p.Transient, topology.Dimension(dim))
		}
	case "budgets":
		p.Budgets, err = parseBudgets(input)
	case "relocation":
		p.Relocation, err = parseRelocation(input)
	}
	s.problem = &p
	return err
}

// parseAssignment reads workload=site pairs; an empty site takes the workload out.
func parseAssignment(words []string) placement.Assignment {
	a := make(placement.Assignment)
	for _, word := range words {
		w, site, _ := strings.Cut(word, "=")
		a[placement.WorkloadID(w)] = topology.SiteID(site)
	}
	return a
}

// ask answers a question about the assignment, changed as the arguments of the form workload=site say.
func (s *scene) ask(question string, args []string, input string) (string, error) {
	a := maps.Clone(s.assignment)
	var rest []string
	for _, arg := range args {
		if !strings.Contains(arg, "=") {
			rest = append(rest, arg)
			continue
		}
		for w, site := range parseAssignment([]string{arg}) {
			a[w] = site
			if site == "" {
				delete(a, w)
			}
		}
	}
	ctx, ans := context.Background(), placement.Answer{Problem: s.problem, Assignment: a}
	switch question {
	case "check":
		found, err := placement.Check(ctx, s.problem, a)
		if err == nil && len(found) == 0 {
			return "nothing is wrong\n", nil
		}
		return printViolations(found), err
	case "evaluate":
		e, err := placement.Evaluate(ctx, s.problem, a)
		if err != nil {
			return "", err
		}
		return printEvaluation(e), nil
	case "why":
		why, err := placement.Why(ctx, ans, placement.WorkloadID(rest[0]))
		if err != nil {
			return "", err
		}
		return printWhy(why), nil
	case "why-not":
		not, err := placement.WhyNot(ctx, ans, placement.WorkloadID(rest[0]), topology.SiteID(rest[1]))
		if err != nil {
			return "", err
		}
		return printWhyNot(not), nil
	case "refusals":
		most, err := strconv.Atoi(rest[0])
		if err != nil {
			return "", err
		}
		refused, err := placement.Refusals(ctx, ans, most)
		var out strings.Builder
		for i := range refused {
			out.WriteString(printWhyNot(&refused[i]))
		}
		return out.String(), err
	case "diff":
		d, err := placement.Diff(ctx, *s.kept, ans)
		if err != nil {
			return "", err
		}
		return printDifference(d), nil
	case "verify":
		return s.verify(ctx, a, input)
	}
	return "", fmt.Errorf("what is %q?", question)
}

// verify reads lines "bound TIER N", "multiplier TIER EARLIER M" and "price TIER SITE DIMENSION Y" into a result.
func (s *scene) verify(ctx context.Context, a placement.Assignment, input string) (string, error) {
	e, err := placement.Evaluate(ctx, s.problem, a)
	if err != nil {
		return "", err
	}
	r := &placement.Result{Assignment: a}
	index := make(map[string]int)
	for i, tier := range e.Tiers {
		index[tier.Name] = i
		r.Tiers = append(r.Tiers, placement.TierResult{Name: tier.Name, Value: tier.Value})
	}
	for _, line := range strings.Split(strings.TrimSpace(input), "\n") {
		words := strings.Fields(line)
		i := index[words[1]]
		tier := &r.Tiers[i]
		n, err := strconv.ParseInt(words[len(words)-1], 10, 64)
		if err != nil {
			return "", err
		}
		if words[0] == "bound" {
			tier.Bound = n
			continue
		}
		if tier.Certificate == nil {
			tier.Certificate = &placement.Certificate{Earlier: make([]int64, i)}
		}
		switch words[0] {
		case "multiplier":
			tier.Certificate.Earlier[index[words[2]]] = n
		case "price":
			tier.Certificate.Capacity = append(tier.Certificate.Capacity, placement.ShadowPrice{
				Site: topology.SiteID(words[2]), Dimension: topology.Dimension(words[3]), Price: n,
			})
		}
	}
	for i := range r.Tiers {
		tier := &r.Tiers[i]
		tier.Gap = float64(tier.Value-tier.Bound) / max(float64(tier.Value), -float64(tier.Value), 1)
	}
	if err := placement.VerifyBounds(ctx, s.problem, r); err != nil {
		return "", err
	}
	return "proven\n", nil
}
