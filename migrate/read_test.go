package migrate

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// fullOptions uses every field.
const fullOptions = `apiVersion: domicile.eu/v1alpha1
kind: MigrationOptions
start: 2026-12-01T12:00:00Z
siteMoves: 2
moves: 20
providerMoves: 8
linkMoves: 3
setup: 10s
ready: {b: 120s}
passes: 4
seed: 7
calendars:
- name: nights
  zone: Europe/Madrid
  of: {sites: [a], providers: [p], countries: [DE], links: [a--ix], applications: [app], components: [x], workloads: [app/x], attributes: {tier: gold, level: 3}}
  windows:
  - {weekdays: [mon, tue], start: "22:00", end: "04:00"}
  - {days: free, firstDay: "12-20", lastDay: "01-06"}
  blackouts:
  - {from: 2026-12-24, until: 2026-12-27T00:00:00+01:00}
  holidays: ES
  extra: ["2026-12-07"]
deadlines:
- {of: {providers: [p]}, by: 2026-12-31}
disruptions:
- {name: half, of: {components: [x]}, maxUnavailable: 50%}
- {of: {components: [x]}, minAvailable: 1}
before:
- {first: {workloads: [app/x]}, then: {workloads: [app/y]}}
`

func TestReadOptions(t *testing.T) {
	o, err := ReadOptions("o.yaml", strings.NewReader(fullOptions))
	require.NoError(t, err)
	zone, err := time.LoadLocation("Europe/Madrid")
	require.NoError(t, err)
	assert.Equal(t, &Options{
		Start: time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC), SiteMoves: 2, Moves: 20, ProviderMoves: 8, LinkMoves: 3, Setup: 10e6,
		Ready: map[topology.SiteID]topology.Micros{"b": 120e6}, Passes: 4, Seed: 7,
		Calendars: []Calendar{{
			Name: "nights", Zone: "Europe/Madrid",
			Of: Which{
				Sites: []topology.SiteID{"a"}, Providers: []topology.ProviderID{"p"}, Countries: []topology.Jurisdiction{"DE"},
				Links: []topology.LinkID{"a--ix"}, Applications: []string{"app"}, Components: []string{"x"},
				Workloads: []placement.WorkloadID{"app/x"}, Attributes: map[string]string{"tier": "gold", "level": "3"},
			},
			Windows: []Slot{
				{Weekdays: []time.Weekday{time.Monday, time.Tuesday}, Start: 22 * 60, End: 4 * 60},
				{Days: FreeDays, FirstDay: MonthDay{12, 20}, LastDay: MonthDay{1, 6}},
			},
			Blackouts: []Slot{{From: time.Date(2026, 12, 24, 0, 0, 0, 0, zone).UTC(), Until: time.Date(2026, 12, 26, 23, 0, 0, 0, time.UTC)}},
			Holidays:  "ES", Extra: []time.Time{time.Date(2026, 12, 7, 0, 0, 0, 0, time.UTC)},
		}},
		Deadlines:   []Deadline{{Of: Which{Providers: []topology.ProviderID{"p"}}, By: time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)}},
		Disruptions: []Disruption{{Name: "half", Of: Which{Components: []string{"x"}}, MaxUnavailable: "50%"}, {Of: Which{Components: []string{"x"}}, MinAvailable: "1"}},
		Before:      []Precedence{{one("app/x"), one("app/y")}},
	}, o)
	none, err := ReadOptions("o.yaml", strings.NewReader("apiVersion: domicile.eu/v1alpha1\nkind: MigrationOptions\nsetup: 0s\n"))
	require.NoError(t, err)
	assert.Equal(t, &Options{Setup: -1}, none, "no setup at all")
}

// TestGuide reads the file in the guide.
func TestGuide(t *testing.T) {
	text, err := os.ReadFile("../docs/migration.md")
	require.NoError(t, err)
	_, block, _ := strings.Cut(string(text), "```yaml\n")
	block, _, _ = strings.Cut(block, "```")
	o, err := ReadOptions("docs/migration.md", strings.NewReader(block))
	require.NoError(t, err)
	assert.Len(t, o.Calendars, 3)
	assert.Len(t, o.Disruptions, 2)
}

// TestReadOptionsDefects: all defects are named where they stand.
func TestReadOptionsDefects(t *testing.T) {
	for _, c := range [][3]string{
		{"siteMoves: 2", "siteMoves: -2", "o.yaml:4: siteMoves: -2"},
		{"setup: 10s", "setup: 9000h", "setup: is longer than a year"},
		{"ready: {b: 120s}", "ready: {b: soon}", `ready: b: "soon"`},
		{"zone: Europe/Madrid", "zone: Europe/Springfield", `o.yaml:14: calendars[0].zone: "Europe/Springfield"`},
		{"zone: Europe/Madrid", "zone: Local", `calendars[0].zone: "Local"`},
		{"sites: [a]", "sites: []", "of.sites: is empty"},
		{"links: [a--ix]", "lnks: [a--ix]", "of.lnks: is unknown; did you mean links?"},
		{"[mon, tue]", "[monday]", `weekdays: "monday"`},
		{`start: "22:00"`, `start: "25:00"`, `start: "25:00"`},
		{`end: "04:00"`, `end: "4:00"`, `end: "4:00"`},
		{`firstDay: "12-20", `, "", "firstDay: goes with lastDay"},
		{`firstDay: "12-20"`, `firstDay: "02-30"`, `firstDay: "02-30"`},
		{"days: free", "days: lazy", `days: "lazy"`},
		{"from: 2026-12-24,", "from: 2026-12-28,", "until: is not after from"},
		{"from: 2026-12-24,", "from: tomorrow,", `from: must be a day`},
		{"holidays: ES", "holidays: XX", `holidays: the holidays of "XX"`},
		{"start: 2026-12-01T12:00:00Z", "start: 2090-12-01T12:00:00Z", "are known for the years"},
		{`"2026-12-07"`, `"7 Dec"`, `extra: "7 Dec"`},
		{"by: 2026-12-31", "by: later", "deadlines[0].by: must be a date"},
		{"maxUnavailable: 50%", "maxUnavailable: 500%", "disruptions[0].maxUnavailable"},
		{"maxUnavailable: 50%", "maxUnavailable: 50%, minAvailable: 1", "disruptions[0]: exactly one"},
		{"minAvailable: 1", "minAvailable: [1]", "disruptions[1].minAvailable"},
		{"then: {workloads: [app/y]}", "then: {links: [a--ix]}", "before[0].then.links: are for calendars"},
		{"name: nights", "name: \"ni\\u202eghts\"", "can not be seen"},
		{"kind: MigrationOptions", "kind: Options", "kind"},
	} {
		text := strings.Replace(fullOptions, c[0], c[1], 1)
		require.NotEqual(t, fullOptions, text, c)
		_, err := ReadOptions("o.yaml", strings.NewReader(text))
		require.ErrorIs(t, err, ErrInvalid, c)
		assert.ErrorContains(t, err, c[2])
	}
	again := strings.Replace(fullOptions, "deadlines:", "- {name: nights, windows: [{}]}\ndeadlines:", 1)
	_, err := ReadOptions("o.yaml", strings.NewReader(again))
	assert.ErrorContains(t, err, "nights is also the name of calendars[0]")
	assert.ErrorContains(t, err, "calendars[1].windows[0]: says nothing")
}

// TestOptionsSchema: the schema knows every field of a file that uses all, and no other.
func TestOptionsSchema(t *testing.T) {
	var schema map[string]any
	require.NoError(t, json.Unmarshal(Schema(), &schema))
	var doc any
	require.NoError(t, yaml.Unmarshal([]byte(fullOptions), &doc))
	defs := schema["$defs"].(map[string]any)
	used := make(map[string]bool)
	var walk func(path string, s map[string]any, v any)
	walk = func(path string, s map[string]any, v any) {
		if ref, ok := s["$ref"].(string); ok {
			name := strings.TrimPrefix(ref, "#/$defs/")
			require.Contains(t, defs, name)
			walk(name, defs[name].(map[string]any), v)
			return
		}
		switch v := v.(type) {
		case map[string]any:
			properties, _ := s["properties"].(map[string]any)
			for key, x := range v {
				if sub, ok := properties[key].(map[string]any); ok {
					used[path+"."+key] = true
					walk(path+"."+key, sub, x)
				} else {
					sub, open := s["additionalProperties"].(map[string]any)
					require.True(t, open, "%s.%s is not in the schema", path, key)
					walk(path+"."+key, sub, x)
				}
			}
		case []any:
			for i, x := range v {
				walk(fmt.Sprintf("%s[%d]", path, i), s["items"].(map[string]any), x)
			}
		}
	}
	walk("", schema, doc)
	for name, def := range map[string]any{"": schema, "which": defs["which"], "slot": defs["slot"], "calendar": defs["calendar"],
		"deadline": defs["deadline"], "disruption": defs["disruption"], "precedence": defs["precedence"]} {
		for key := range def.(map[string]any)["properties"].(map[string]any) {
			assert.True(t, used[name+"."+key], "%s.%s is not in the file that uses every field", name, key)
		}
	}
}

func FuzzReadOptions(f *testing.F) {
	f.Add(fullOptions)
	f.Add(`{"apiVersion": "domicile.eu/v1alpha1", "kind": "MigrationOptions", "calendars": [{"name": "c", "blackouts": [{"from": "2026-01-01"}]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		o, err := ReadOptions("f", strings.NewReader(text))
		if err != nil {
			require.ErrorIs(t, err, ErrInvalid)
			require.Nil(t, o)
			return
		}
		_, err = o.settled()
		require.NoError(t, err, "what the reader lets pass has no defects of its own")
		// Whatever it says, laying it out ends, and what fits does fit.
		all := &openings{start: o.Start, set: newIntervals()}
		if all.start.IsZero() {
			all.start = asOf
		}
		for i := range o.Calendars {
			zone, err := o.Calendars[i].location()
			require.NoError(t, err)
			all.calendars = append(all.calendars, &calendar{&o.Calendars[i], zone})
		}
		if len(all.calendars) > 3 || all.start.Year() > 2200 {
			return
		}
		start := all.fit(0, 3600e6)
		require.True(t, start == never || start <= horizon-3600e6)
	})
}
