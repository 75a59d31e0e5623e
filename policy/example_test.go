package policy_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	"github.com/open-policy-agent/opa/v1/bundle"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/policy"
	"github.com/domicile-eu/domicile/topology"
)

// folder is a folder of policies: the ready pack for residency, and a rule of one's own.
var folder = fstest.MapFS{
	"packs.yaml": {Data: []byte(`
apiVersion: domicile.eu/v1alpha1
kind: PolicyPacks
packs: [residency]
`)},
	"power.rego": {Data: []byte(`package domicile.continuum.power

# METADATA
# title: Electricity below 300 g/kWh
# custom: {code: POW-001, basis: "board decision of 2026-03-12", as_of: "2026-11"}
deny contains {"intensity": intensity, "message": message} if {
	intensity := input.site.energy.intensity
	intensity >= 300
	message := sprintf("%d g/kWh at the site", [intensity])
}

# METADATA
# title: Low-carbon electricity
# custom: {code: POW-101, basis: "board decision of 2026-03-12", as_of: "2026-11"}
prefer contains {"points": 10, "because": "below 100 g/kWh"} if input.site.energy.intensity < 100
`)},
	"power_test.rego": {Data: []byte(`package domicile.continuum.power_test

import data.domicile.continuum.power

test_coal if count(power.deny) == 1 with input as {"site": {"energy": {"intensity": 800}}}

test_water if count(power.deny) == 0 with input as {"site": {"energy": {"intensity": 30}}}
`)},
}

// world is a continuum of two sites and a link between them.
func world() *topology.Continuum {
	site := func(id topology.SiteID, country topology.Jurisdiction, intensity int64) topology.Site {
		return topology.Site{
			ID: id, Name: string(id), Provider: "rhine", Country: country, Tier: topology.Regional,
			Location: topology.Location{Lat: 50, Lon: 8}, Runtimes: []topology.Runtime{topology.VM},
			Energy: topology.Energy{Intensity: intensity},
		}
	}
	continuum, err := topology.New(topology.Spec{
		Name:      "example",
		AsOf:      time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
		Providers: []topology.Provider{{ID: "rhine", Name: "Rhine Hosting", Country: "DE"}},
		Sites:     []topology.Site{site("geneva", "CH", 30), site("cologne", "DE", 340), site("lyon", "FR", 45)},
		Links: []topology.Link{{
			ID: "lyon--geneva", A: "lyon", B: "geneva", Operator: "alpine", Jurisdictions: []topology.Jurisdiction{"CH", "FR"},
			RTT: topology.RTT{P50: 3000, P95: 3500, P99: 4000}, Bandwidth: 1_000_000_000,
		}},
	})
	if err != nil {
		panic(err)
	}
	return continuum
}

func ExampleLoad() {
	set, err := policy.Load([]policy.Source{{Name: "policies", FS: folder}}, nil)
	if err != nil {
		panic(err)
	}
	for _, r := range set.Rules() {
		if strings.HasPrefix(r.Location, "policies/") {
			fmt.Println(r.Location, r.Kind, r.Code, r.Title)
		}
	}
	_, err = policy.Load([]policy.Source{{Name: "policies", FS: fstest.MapFS{"clock.rego": {Data: []byte(`package domicile.continuum.clock

# METADATA
# title: Not at night
# custom: {code: CLK-001}
deny contains {"at": now} if now := time.now_ns()
`)}}}}, nil)
	fmt.Println(err)
	// Output:
	// policies/power.rego:6 deny POW-001 Electricity below 300 g/kWh
	// policies/power.rego:15 prefer POW-101 Low-carbon electricity
	// policies/clock.rego:6: time.now_ns is not available to rules: rules have no network, no clock and no chance
}

func ExampleSet_Admit() {
	set, err := policy.Load([]policy.Source{{Name: "policies", FS: folder}}, nil)
	if err != nil {
		panic(err)
	}
	in := placement.Scope{Continuum: world()}
	sites := slices.Collect(in.Continuum.Sites())
	workload := &placement.Workload{ID: "shop/web", Application: "shop", Component: "web", Kind: placement.VM, Priority: 1}
	verdicts, err := set.Admit(context.Background(), in, workload, sites)
	if err != nil {
		panic(err)
	}
	for i, v := range verdicts {
		fmt.Println(sites[i].ID, v.Denied, v.Points)
	}
	// Output:
	// cologne true 0
	// geneva false 10
	// lyon false 10
}

func ExampleScreen() {
	set, err := policy.Load([]policy.Source{{Name: "policies", FS: folder}}, nil)
	if err != nil {
		panic(err)
	}
	ctx, in := context.Background(), placement.Scope{Continuum: world()}
	screen, err := set.Screen(ctx, in, slices.Collect(in.Continuum.Sites()))
	if err != nil {
		panic(err)
	}
	workload := &placement.Workload{ID: "shop/web", Application: "shop", Component: "web", Kind: placement.VM, Priority: 1}
	show := func() {
		judgement, err := screen.Judge(ctx, workload)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%03b", judgement.Bits()[0])
		for k := range screen.Len() {
			fmt.Printf(" %s:%d", screen.Site(k).ID, judgement.Points(k))
		}
		fmt.Println()
	}
	show()

	// Cologne gets cleaner electricity. Only its bit is looked at.
	cologne := *screen.Site(0)
	cologne.Energy.Intensity = 45
	in.Continuum, err = in.Continuum.Update(topology.Changes{Put: topology.Spec{Sites: []topology.Site{cologne}}})
	if err != nil {
		panic(err)
	}
	if screen, err = screen.Update(ctx, in); err != nil {
		panic(err)
	}
	show()
	fmt.Println(screen.Usage().Evaluations, "evaluations")
	// Output:
	// 110 cologne:0 geneva:10 lyon:10
	// 111 cologne:10 geneva:10 lyon:10
	// 21 evaluations
}

func ExampleSet_Reasons() {
	set, err := policy.Load([]policy.Source{{Name: "policies", FS: folder}}, nil)
	if err != nil {
		panic(err)
	}
	in := placement.Scope{Continuum: world()}
	cologne, _ := in.Continuum.Site("cologne")
	workload := &placement.Workload{
		ID: "shop/web", Application: "shop", Component: "web", Kind: placement.VM, Priority: 1,
		Attributes: map[string]any{"residency": []any{"CH", "FR"}},
	}
	reasons, err := set.Reasons(context.Background(), in, workload, cologne)
	if err != nil {
		panic(err)
	}
	for _, r := range reasons {
		fmt.Printf("%s (%s): %s\n", r.Code, r.Basis, r.Message)
	}
	// Output:
	// POW-001 (board decision of 2026-03-12): 340 g/kWh at the site
	// RES-004 (demand of the workload's owner): the workload must stay in ["CH", "FR"]; the site is in DE
}

func ExampleSet_Transit() {
	set, err := policy.Load([]policy.Source{{Name: "policies", FS: fstest.MapFS{"transit.rego": {Data: []byte(`package domicile.continuum.transit

import data.domicile.lib.geo

# METADATA
# title: Health data stays in the European Union
# custom: {code: TRN-001, basis: "contract with the hospitals", as_of: "2026-11"}
transit contains {"country": country, "message": message} if {
	input.data == "health"
	country := input.jurisdiction
	not geo.inside("eu", country)
	message := sprintf("%s is outside", [country])
}
`)}}}}, nil)
	if err != nil {
		panic(err)
	}
	ctx, in := context.Background(), placement.Scope{Continuum: world()}
	link, _ := in.Continuum.Link("lyon--geneva")
	for _, class := range []placement.DataClass{"health", "telemetry"} {
		allowed, err := set.Transit(ctx, in, class)
		if err != nil {
			panic(err)
		}
		fmt.Println(class, allowed.Allows(link), allowed == latency.Transit{})
	}
	reasons, err := set.TransitReasons(ctx, in, "health", "CH", "")
	if err != nil {
		panic(err)
	}
	fmt.Println(reasons[0].Code, reasons[0].Message)
	// Output:
	// health false false
	// telemetry true true
	// TRN-001 CH is outside
}

func ExampleSet_Lint() {
	set, err := policy.Load([]policy.Source{{Name: "policies", FS: fstest.MapFS{"keys.rego": {Data: []byte(`package domicile.continuum.keys

# METADATA
# title: Keys in the customer's hands
# custom: {code: KEY-001, basis: "security concept, section 4"}
deny contains {"keys": keys} if {
	keys := input.site.attributes.keys
	keys != "customer"
}
`)}}}}, nil)
	if err != nil {
		panic(err)
	}
	for _, f := range set.Lint() {
		fmt.Println(f.Location, f.Code, f.Message)
	}
	// Output:
	// policies/keys.rego:6 NO-AS-OF KEY-001: METADATA has no custom as_of
	// policies/keys.rego:7 FAIL-OPEN KEY-001: does not deny where input.site.attributes.keys is not stated
}

func ExampleRunTests() {
	report, err := policy.RunTests(context.Background(), []policy.Source{{Name: "policies", FS: folder}}, nil)
	if err != nil {
		panic(err)
	}
	for _, r := range report.Results {
		fmt.Println(r.Location, r.Name, !r.Failed)
	}
	fmt.Printf("%.0f %% of power.rego\n", report.Coverage["policies/power.rego"])
	// Output:
	// policies/power_test.rego:5 test_coal true
	// policies/power_test.rego:7 test_water true
	// 80 % of power.rego
}

func ExampleLibrary() {
	text, err := policy.Library().Open("residency/residency.rego")
	if err != nil {
		panic(err)
	}
	defer text.Close()
	info, _ := text.Stat()
	fmt.Println(info.Name())
	// Output:
	// residency.rego
}

func ExampleSet_Expired() {
	set, err := policy.Load([]policy.Source{{Name: "policies", FS: folder}}, nil)
	if err != nil {
		panic(err)
	}
	today := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	fmt.Println(len(set.Expired(today)), len(set.Expired(today.AddDate(100, 0, 0))) == len(set.Tables()))
	// Output:
	// 0 true
}

// The bundle is as OPA's own tools would write and sign it.
func ExampleLive() {
	module := `package domicile.continuum.home

# METADATA
# title: At home
# custom: {code: HOME-1}
deny contains {"country": input.site.country} if not input.site.country in {"DE"}
`
	const secret = "32 bytes or more that nobody else has"
	b := bundle.Bundle{
		Manifest: bundle.Manifest{Revision: "2026-11-24.1"},
		Data:     map[string]any{},
		Modules:  []bundle.ModuleFile{{Path: "/home.rego", Raw: []byte(module)}},
	}
	if err := b.GenerateSignature(bundle.NewSigningConfig(secret, "HS256", ""), "ops", true); err != nil {
		log.Fatal(err)
	}
	var file bytes.Buffer
	if err := bundle.NewWriter(&file).UseModulePath(true).DisableFormat(true).Write(b); err != nil {
		log.Fatal(err)
	}

	keys := &policy.BundleKeys{Keys: map[string]policy.BundleKey{"ops": {Algorithm: "HS256", Key: secret}}}
	source, err := policy.ReadBundle("home.tar.gz", &file, keys)
	if err != nil {
		log.Fatal(err)
	}
	live, err := policy.NewLive([]policy.Source{source}, nil)
	if err != nil {
		log.Fatal(err)
	}
	source.Bundle = source.Bundle[:len(source.Bundle)-8] // cut off on the way
	fmt.Println(live.Reload([]policy.Source{source}))
	fmt.Println(live.Status().Revision, live.Status().Failed, live.Set().Rules()[0].Location)
	// Output:
	// home.tar.gz: is damaged behind its last file: unexpected EOF
	// 2026-11-24.1 1 home.tar.gz/home.rego:6
}
