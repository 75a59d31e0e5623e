package cli

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var rewrite = flag.Bool("rewrite", false, "write the expected output of the scenarios anew")

// small names the input of the tests: three sites, two applications of which one cannot be placed, one rule.
var small = []string{"-continuum", "testdata/small/continuum.yaml", "-apps", "testdata/small/apps.yaml", "-policies", "testdata/small/policies"}

func run(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = Run(context.Background(), args, &out, &errs)
	return status, out.String(), errs.String()
}

// TestVerbs runs every verb on the small input and compares the whole output.
func TestVerbs(t *testing.T) {
	for name, args := range map[string][]string{
		"place":            {"place"},
		"place-json":       {"place", "-json"},
		"why":              {"why", "shop/db"},
		"why-not-policy":   {"why-not", "shop/db@gamma-frankfurt"},
		"why-not-nothing":  {"why-not", "shop/db@paris-1"},
		"exit":             {"exit", "alpha"},
		"plan":             {"plan", "testdata/target.json", "-current", "testdata/current.json"},
		"plan-nights":      {"plan", "testdata/target.json", "-current", "testdata/current.json", "-moves", "testdata/migration.yaml"},
		"drain-nights":     {"drain", "site=berlin-1", "-current", "testdata/current.json", "-moves", "testdata/migration.yaml"},
		"drain":            {"drain", "site=berlin-1", "-current", "testdata/current.json", "-by", "2026-12-01"},
		"rebalance":        {"rebalance", "-current", "testdata/current.json"},
		"what-if-down":     {"what-if", "site=berlin-1 down"},
		"what-if-link":     {"what-if", "link=berlin-1--gamma-frankfurt down"},
		"what-if-policies": {"what-if", "policies=testdata/none"},
		"what-if-proposal": {"what-if", "policies+=testdata/proposal"},
		"what-if-slow":     {"what-if", "link=users-berlin--berlin-1 p95 30ms"},
		"what-if-lost":     {"what-if", "site=berlin-1 lost"},
		"what-if-operator": {"what-if", "operator=gasline down"},
		"what-if-closed":   {"what-if", "jurisdiction=FR closed"},
		"resilience":       {"resilience"},
		"resilience-json":  {"resilience", "-json"},
		"pareto":           {"pareto", "-steps", "20000"},
		"validate":         {"validate"},
		"lint":             {"lint"},
		"test-policies":    {"test-policies"},
		"as-of":            {"why-not", "shop/db@paris-1", "-as-of", "2027-07-01"},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := run(t, append(args, small...)...)
			require.Equal(t, exitOK, status, stderr)
			assert.Empty(t, stderr)
			golden(t, name, stdout)
		})
	}
}

// borders names an input where health data takes a detour around a country and a network that a policy forbids.
var borders = []string{"-continuum", "testdata/borders/continuum.yaml", "-apps", "testdata/borders/apps.yaml", "-policies", "testdata/borders/policies"}

// TestDetours shows what a restriction costs, which hop eats the budget, and which hop of the direct way is refused by what.
func TestDetours(t *testing.T) {
	for name, args := range map[string][]string{
		"why-detour":      {"why", "ward/monitor"},
		"why-detour-json": {"why", "ward/monitor", "-json"},
		"why-not-detour":  {"why-not", "ward/alarm@milan-1"},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := run(t, append(args, borders...)...)
			require.Equal(t, exitOK, status, stderr)
			golden(t, name, stdout)
		})
	}
}

// TestPoliciesWithoutRulesAreWarnedOf: an empty or half-mounted folder must not pass for one that admits.
func TestPoliciesWithoutRulesAreWarnedOf(t *testing.T) {
	for _, verb := range []string{"place", "validate", "lint"} {
		status, stdout, stderr := run(t, append([]string{verb}, with(small, "-policies", t.TempDir())...)...)
		require.Equal(t, exitOK, status, stderr)
		assert.Contains(t, stdout, "WARNING: no rule is in force", verb)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".txt")
	if *rewrite {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "go test ./adapters/cli -rewrite writes it")
	assert.Equal(t, string(want), got)
}

func TestSameSeedSameBytes(t *testing.T) {
	_, first, _ := run(t, append([]string{"place", "-json"}, small...)...)
	_, again, _ := run(t, append([]string{"place", "-json"}, small...)...)
	assert.NotEmpty(t, first)
	assert.Equal(t, first, again)
}

func TestBadInputIsRefusedWithStatusTwoAndNothingWritten(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
		return file
	}
	original, err := os.ReadFile("testdata/small/continuum.yaml")
	require.NoError(t, err)
	spoiled := func(name, old, replacement string) string {
		require.Contains(t, string(original), old)
		return write(name, strings.Replace(string(original), old, replacement, 1))
	}
	rego := func(name, body string) string {
		write(name+"/x.rego", "package domicile.continuum.x\n\nimport rego.v1\n\n# METADATA\n# title: x\n# custom: {code: X-1, basis: none, as_of: \"2026-11\"}\n"+body+"\n")
		return filepath.Join(dir, name)
	}
	for name, c := range map[string]struct {
		args []string
		want []string
	}{
		"no verb":              {nil, []string{"usage"}},
		"unknown verb":         {[]string{"dance"}, []string{`unknown verb "dance"`}},
		"unknown flag":         {[]string{"place", "-nope"}, []string{"-nope"}},
		"missing argument":     {append([]string{"why"}, small...), []string{"a workload"}},
		"unknown workload":     {append([]string{"why", "shop/dbx"}, small...), []string{`no workload "shop/dbx"`, "did you mean shop/db"}},
		"unknown site":         {append([]string{"why-not", "shop/db@berlin"}, small...), []string{`no site "berlin"`, "berlin-1"}},
		"not a pair":           {append([]string{"why-not", "shop/db"}, small...), []string{"WORKLOAD@SITE"}},
		"unknown provider":     {append([]string{"exit", "alfa"}, small...), []string{`no provider "alfa"`}},
		"unknown change":       {append([]string{"what-if", "moon=full now"}, small...), []string{"none of site"}},
		"two proposals":        {append([]string{"what-if", "policies=testdata/none", "policies+=testdata/proposal"}, small...), []string{"one proposal"}},
		"no proposal":          {append([]string{"what-if", "policies+=testdata/nowhere"}, small...), []string{"nowhere"}},
		"unknown state":        {append([]string{"what-if", "site=berlin-1 asleep"}, small...), []string{"asleep"}},
		"unknown operator":     {append([]string{"what-if", "operator=gas down"}, small...), []string{`no operator "gas"`, "gasline"}},
		"no operator":          {append([]string{"what-if", "operator= down"}, small...), []string{`no operator ""`}},
		"unknown exchange":     {append([]string{"what-if", "exchange=berlin-1 down"}, small...), []string{`no exchange "berlin-1"`}},
		"unknown jurisdiction": {append([]string{"what-if", "jurisdiction=XX closed"}, small...), []string{`jurisdiction "XX"; there are DE, FR`}},
		"jurisdiction down":    {append([]string{"what-if", "jurisdiction=FR down"}, small...), []string{"can only be closed"}},
		"operator closed":      {append([]string{"what-if", "operator=gasline closed"}, small...), []string{"can only be down"}},
		"link at p90":          {append([]string{"what-if", "link=users-berlin--berlin-1 p90 30ms"}, small...), []string{"p50, p95 or p99"}},
		"link without a value": {append([]string{"what-if", "link=users-berlin--berlin-1 p95"}, small...), []string{"p95 40ms"}},
		"link without latency": {append([]string{"what-if", "link=users-berlin--berlin-1 p95 0ms"}, small...), []string{"more than 0"}},
		"link for too long":    {append([]string{"what-if", "link=users-berlin--berlin-1 p50 50m"}, small...), []string{"1 h"}},
		"link of no unit":      {append([]string{"what-if", "link=users-berlin--berlin-1 p95 40"}, small...), []string{"40"}},
		"no state":             {append([]string{"what-if", "operator=gasline"}, small...), []string{"what happens"}},
		"more resilience":      {append([]string{"resilience", "now"}, small...), []string{`unexpected argument "now"`}},
		"no such file":         {[]string{"place", "-continuum", "nowhere.yaml"}, []string{"nowhere.yaml"}},
		"bad date":             {append([]string{"place", "-as-of", "yesterday"}, small...), []string{"yesterday"}},
		"unknown apiVersion":   {append([]string{"place"}, with(small, "-continuum", spoiled("v.yaml", "v1alpha1", "v9"))...), []string{"v.yaml:1", "domicile.eu/v9"}},
		"negative capacity":    {append([]string{"place"}, with(small, "-continuum", spoiled("n.yaml", "cpu: 32", "cpu: -32"))...), []string{"n.yaml:", "capacity.cpu"}},
		"an empty proposal":    {append([]string{"what-if", "policies+="}, small...), []string{"name a folder or bundle after '='"}},
		"what is in force":     {append([]string{"what-if", "policies+=testdata/small/policies"}, small...), []string{"is in force already"}},
		"unknown provider ref": {append([]string{"place"}, with(small, "-continuum", spoiled("r.yaml", "provider: alpha", "provider: alfa"))...),
			[]string{"r.yaml:", "alfa"}},
		"cycle in ownership": {append([]string{"place"}, with(small, "-continuum", spoiled("c.yaml", "{id: gamma-inc, name: Gamma Inc., country: US}",
			"{id: gamma-inc, name: Gamma Inc., country: US, owners: [{owner: gamma, share: 60%}]}"))...), []string{"c.yaml:", "gamma"}},
		"two defects in two files": {append([]string{"place"}, with(with(small, "-continuum", spoiled("n.yaml", "cpu: 32", "cpu: -32")), "-apps", write("a.yaml", "kind: Nothing"))...),
			[]string{"n.yaml:", "a.yaml:"}},
		"current twice":        {append([]string{"place", "-current", write("twice.json", `{"shop/db": "berlin-1", "shop/db": "paris-1"}`)}, small...), []string{"twice.json", "shop/db stands there twice"}},
		"current of nothing":   {append([]string{"place", "-current", write("none.json", `{"result": {}}`)}, small...), []string{"none.json"}},
		"current of elsewhere": {append([]string{"place", "-current", write("else.json", `{"shop/dbx": "berlin-1", "shop/db": "nowhere"}`)}, small...), []string{"1 name unknown workloads and 1 unknown sites"}},
		"plan from nowhere":    {append([]string{"plan", "testdata/target.json"}, small...), []string{"-current"}},
		"plan to elsewhere":    {append([]string{"plan", write("to.json", `{"shop/db": "nowhere"}`), "-current", "testdata/current.json"}, small...), []string{"to.json", "1 unknown sites"}},
		"drain of nothing":     {append([]string{"drain", "-current", "testdata/current.json"}, small...), []string{"say what to empty"}},
		"drain of what":        {append([]string{"drain", "berlin-1", "-current", "testdata/current.json"}, small...), []string{"none of site=ID"}},
		"drain of elsewhere":   {append([]string{"drain", "site=berlin", "-current", "testdata/current.json"}, small...), []string{`no site "berlin"`}},
		"drain by when":        {append([]string{"drain", "site=berlin-1", "-by", "soon", "-current", "testdata/current.json"}, small...), []string{"-by"}},
		"drain too late":       {append([]string{"drain", "site=berlin-1", "-by", "1999-01-01", "-current", "testdata/current.json"}, small...), []string{"before the plan starts"}},
		"migration nowhere":    {append([]string{"exit", "alpha", "-moves", "nowhere.yaml"}, small...), []string{"nowhere.yaml"}},
		"migration of nothing": {append([]string{"plan", "testdata/target.json", "-current", "testdata/current.json", "-moves", write("o.yaml", "apiVersion: domicile.eu/v1alpha1\nkind: MigrationOptions\nsetup: NaN\n")}, small...), []string{"o.yaml:3: setup"}},
		"migration of whom":    {append([]string{"rebalance", "-current", "testdata/current.json", "-moves", write("w.yaml", "apiVersion: domicile.eu/v1alpha1\nkind: MigrationOptions\nready: {paris: 1h}\ndeadlines: [{of: {sites: [paris]}, by: 2026-12-01}]\n")}, small...), []string{"w.yaml: ready: there is no site \"paris\"", "w.yaml: deadlines[0].of: there is no site \"paris\""}},
		"rebalance backwards":  {append([]string{"rebalance", "-hours", "-3", "-current", "testdata/current.json"}, small...), []string{"hours"}},
		"owner without sites":  {append([]string{"exit", "gamma-inc"}, small...), []string{"operates no site"}},
		"http.send":            {append([]string{"place"}, with(small, "-policies", rego("net", `deny contains {"x": 1} if http.send({"method": "GET", "url": "http://localhost"}).status_code == 200`))...), []string{"x.rego:8", "http.send"}},
		"does not compile":     {append([]string{"place"}, with(small, "-policies", rego("syn", `deny contains {"x": 1} if {`))...), []string{"x.rego:"}},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := run(t, c.args...)
			assert.Equal(t, exitBadInput, status, stderr)
			assert.Empty(t, stdout, "nothing may be printed as an answer")
			for _, want := range c.want {
				assert.Contains(t, stderr, want)
			}
		})
	}
	file := filepath.Join(dir, "report.html")
	status, _, _ := run(t, append([]string{"report", file}, with(small, "-apps", "nowhere.yaml")...)...)
	assert.Equal(t, exitBadInput, status)
	assert.NoFileExists(t, file)
}

// with replaces the value of a flag.
func with(args []string, name, value string) []string {
	out := append([]string(nil), args...)
	for i := range out {
		if out[i] == name {
			out[i+1] = value
		}
	}
	return out
}

func TestOverflowingSumIsBadInput(t *testing.T) {
	text, err := os.ReadFile("testdata/small/apps.yaml")
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "apps.yaml")
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(string(text), "cpu: 8, memory: 32Gi", "cpu: 8, memory: 8388607Ti", 1)), 0o644))
	status, stdout, stderr := run(t, append([]string{"place"}, with(small, "-apps", file)...)...)
	assert.Equal(t, exitBadInput, status, stderr+stdout)
	assert.NotEmpty(t, stderr)
}

func TestParetoDraws(t *testing.T) {
	file := filepath.Join(t.TempDir(), "frontier.svg")
	status, stdout, stderr := run(t, append([]string{"pareto", file, "-json", "-steps", "5000"}, small...)...)
	require.Equal(t, exitOK, status, stderr)
	assert.Contains(t, stdout, `"frontier"`)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(text), "<circle")
	status, _, _ = run(t, append([]string{"pareto", file, "more"}, small...)...)
	assert.Equal(t, exitBadInput, status)
}

func TestReportIsOneWholePage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report.html")
	status, stdout, stderr := run(t, append([]string{"report", file, "-exit", "alpha"}, small...)...)
	require.Equal(t, exitOK, status, stderr)
	assert.Contains(t, stdout, file)
	page, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(page), "<!doctype html>"))
	assert.Contains(t, string(page), "</html>")
	assert.Contains(t, string(page), "OWN-T1")
	assert.Contains(t, string(page), "Exit from alpha")
	for _, foreign := range []string{"src=", `href="http`, "<link", "<script", "@import", "url("} {
		text := strings.ReplaceAll(string(page), "url(#arrow)", "")
		assert.False(t, strings.Contains(text, foreign), "the page must load nothing from anywhere: %s", foreign)
	}
}

func TestCurrentAssignmentIsKeptWhereItIsAsGood(t *testing.T) {
	file := filepath.Join(t.TempDir(), "current.json")
	_, placed, _ := run(t, append([]string{"place", "-json"}, small...)...)
	require.NoError(t, os.WriteFile(file, []byte(placed), 0o644))
	status, stdout, stderr := run(t, append([]string{"what-if", "site=gamma-frankfurt down", "-current", file}, small...)...)
	require.Equal(t, exitOK, status, stderr)
	assert.Contains(t, stdout, "0 moved")
}

func TestCancelledContextIsNotAnAnswer(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, errs bytes.Buffer
	status := Run(ctx, append([]string{"exit", "alpha"}, small...), &out, &errs)
	assert.NotEqual(t, exitOK, status)
}
