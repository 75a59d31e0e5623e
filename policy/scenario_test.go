package policy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/internal/scenario"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// A scenario is a folder of policies, written as "-- name --" and the file's text, and questions about it in the file "ask", one a
// line:
//
//	admit                           verdicts of all workloads on all sites
//	reasons WORKLOAD SITE           why a pair is denied
//	transit CLASS                   what may be crossed
//	crossing CLASS COUNTRY|-OPERATOR  why it may not
//	as-of DATE                      the day from here on
//	rules, tables, lint, tests, expired DATE
//
// The continuum and the applications are those of testdata unless a scenario brings its own.
func TestScenarios(t *testing.T) {
	scenario.Run(t, "testdata/scenarios/*.txt", func(t *testing.T, c scenario.Case) string {
		files := archive(c.Input)
		ask := files["ask"].Data
		delete(files, "ask")
		w := newWorld(t, files)
		var out strings.Builder
		for line := range strings.Lines(string(ask)) {
			line, _, _ = strings.Cut(line, "#")
			if words := strings.Fields(line); len(words) > 0 && words[0] == "tests" {
				w.tests(&out)
				return out.String()
			}
		}
		s, err := Load([]Source{{Name: "p", FS: files}}, nil)
		if err != nil {
			require.ErrorIs(t, err, ErrInvalid)
			require.Nil(t, s)
			return err.Error()
		}
		w.set = s
		for line := range strings.Lines(string(ask)) {
			w.answer(&out, strings.Fields(line))
		}
		return out.String()
	})
}

// archive splits a text into the files in it.
func archive(text string) fstest.MapFS {
	files := fstest.MapFS{}
	var at *fstest.MapFile
	for line := range strings.Lines(text) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "-- "); ok && strings.HasSuffix(name, " --") {
			at = &fstest.MapFile{}
			files[strings.TrimSuffix(name, " --")] = at
			continue
		}
		if at != nil {
			at.Data = append(at.Data, line...)
		}
	}
	if files["ask"] == nil {
		files["ask"] = &fstest.MapFile{}
	}
	return files
}

// world is what a scenario is asked about.
type world struct {
	t         testing.TB
	files     fstest.MapFS
	set       *Set
	continuum *topology.Continuum
	workloads []placement.Workload
	asOf      time.Time
}

// newWorld takes the continuum and the applications out of files, or from testdata.
func newWorld(t testing.TB, files fstest.MapFS) *world {
	read := func(name string) *strings.Reader {
		if f, ok := files[name]; ok {
			delete(files, name)
			return strings.NewReader(string(f.Data))
		}
		text, err := os.ReadFile(path.Join("testdata", name))
		require.NoError(t, err)
		return strings.NewReader(string(text))
	}
	w := &world{t: t, files: files}
	var err error
	w.continuum, err = topology.Read("continuum.yaml", read("continuum.yaml"))
	require.NoError(t, err)
	applications, err := placement.ReadApplications("apps.yaml", read("apps.yaml"))
	require.NoError(t, err)
	for _, a := range applications {
		w.workloads = append(w.workloads, a.Workloads...)
	}
	return w
}

func (w *world) scope() placement.Scope {
	return placement.Scope{Continuum: w.continuum, AsOf: w.asOf}
}

func (w *world) workload(id string) *placement.Workload {
	i := slices.IndexFunc(w.workloads, func(x placement.Workload) bool { return string(x.ID) == id })
	require.GreaterOrEqual(w.t, i, 0, "no workload %s", id)
	return &w.workloads[i]
}

func (w *world) site(id string) *topology.Site {
	s, ok := w.continuum.Site(topology.SiteID(id))
	require.True(w.t, ok, "no site %s", id)
	return s
}

func (w *world) answer(out *strings.Builder, words []string) {
	ctx := context.Background()
	if len(words) == 0 {
		return
	}
	fmt.Fprintf(out, "> %s\n", strings.Join(words, " "))
	switch words[0] {
	case "as-of":
		var err error
		w.asOf, err = time.Parse(time.DateOnly, words[1])
		require.NoError(w.t, err)
	case "admit":
		w.admit(out)
	case "reasons":
		reasons, err := w.set.Reasons(ctx, w.scope(), w.workload(words[1]), w.site(words[2]))
		require.NoError(w.t, err)
		print(out, reasons)
	case "transit":
		w.transit(out, placement.DataClass(strings.Trim(words[1], `"`)))
	case "crossing":
		operator, country := "", ""
		if name, ok := strings.CutPrefix(words[2], "-"); ok {
			operator = name
		} else {
			country = words[2]
		}
		reasons, err := w.set.TransitReasons(ctx, w.scope(), placement.DataClass(words[1]), topology.Jurisdiction(country), operator)
		require.NoError(w.t, err)
		print(out, reasons)
	case "rules":
		for _, r := range w.set.Rules() {
			fmt.Fprintf(out, "  %s %s %q basis %q as of %q, %s, %s\n", r.Kind, r.Code, r.Title, r.Basis, r.AsOf, r.Side, r.Location)
		}
	case "tables":
		printTables(out, w.set.Tables())
	case "expired":
		at, err := time.Parse(time.DateOnly, words[1])
		require.NoError(w.t, err)
		printTables(out, w.set.Expired(at))
	case "lint":
		for _, f := range w.set.Lint() {
			fmt.Fprintf(out, "  %s: %s: %s\n", f.Location, f.Code, f.Message)
		}
	default:
		require.Fail(w.t, "unknown question", "%q", words[0])
	}
}

// admit prints all verdicts, of which it knows them to agree with the reasons.
func (w *world) admit(out *strings.Builder) {
	ctx := context.Background()
	sites := slices.Collect(w.continuum.Sites())
	for i := range w.workloads {
		x := &w.workloads[i]
		verdicts, err := w.set.Admit(ctx, w.scope(), x, sites)
		require.NoError(w.t, err)
		fmt.Fprintf(out, "  %s:", x.ID)
		for j, v := range verdicts {
			reasons, err := w.set.Reasons(ctx, w.scope(), x, sites[j])
			require.NoError(w.t, err)
			require.Equal(w.t, v.Denied, len(reasons) > 0, "verdict and reasons of %s on %s", x.ID, sites[j].ID)
			switch {
			case v.Denied:
				fmt.Fprintf(out, " %s denied", sites[j].ID)
			default:
				fmt.Fprintf(out, " %s %+d", sites[j].ID, v.Points)
			}
			for i := 0; i < len(reasons); {
				j := i
				for ; j < len(reasons) && reasons[j].Code == reasons[i].Code; j++ {
				}
				fmt.Fprintf(out, " %s", reasons[i].Code)
				if j-i > 1 {
					fmt.Fprintf(out, " x%d", j-i)
				}
				i = j
			}
			if j < len(sites)-1 {
				fmt.Fprint(out, ",")
			}
		}
		fmt.Fprintln(out)
	}
}

// transit prints which links may be crossed.
func (w *world) transit(out *strings.Builder, class placement.DataClass) {
	t, err := w.set.Transit(context.Background(), w.scope(), class)
	require.NoError(w.t, err)
	for l := range w.continuum.Links() {
		word := "forbidden"
		if t.Allows(l) {
			word = "allowed"
		}
		fmt.Fprintf(out, "  %s %v %q %s\n", l.ID, l.Jurisdictions, l.Operator, word)
	}
}

func (w *world) tests(out *strings.Builder) {
	report, err := RunTests(context.Background(), []Source{{Name: "p", FS: w.files}}, nil)
	if err != nil {
		require.True(w.t, errors.Is(err, ErrInvalid))
		fmt.Fprintln(out, err)
		return
	}
	for _, r := range report.Results {
		word := "passes"
		if r.Failed {
			word = "FAILS"
		}
		fmt.Fprintf(out, "%s: %s.%s %s %s\n", r.Location, r.Package, r.Name, word, r.Message)
	}
	for _, f := range sortedKeys(report.Coverage) {
		fmt.Fprintf(out, "%s: %.0f %%\n", f, report.Coverage[f])
	}
}

func print(out *strings.Builder, reasons []placement.Reason) {
	for _, r := range reasons {
		detail, _ := json.Marshal(r.Detail)
		fmt.Fprintf(out, "  %s %q [%s] as of %q, %s, %s: %s %s\n", r.Code, r.Title, r.Basis, r.AsOf, r.Side, r.Location, r.Message, detail)
	}
}

func printTables(out *strings.Builder, tables []Table) {
	for _, t := range tables {
		fmt.Fprintf(out, "  %s %s as of %s until %s: %s\n", t.Path, t.File, t.AsOf, t.ValidUntil, t.Source)
	}
}
