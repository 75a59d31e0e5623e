package main

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/policy"
	"github.com/domicile-eu/domicile/topology"
)

func sources(t *testing.T) []policy.Source {
	t.Helper()
	folder, err := fs.Sub(files, "policies")
	require.NoError(t, err)
	return []policy.Source{{Name: "policies", FS: folder}}
}

func read(t *testing.T) (*topology.Continuum, []placement.Application, *policy.Set) {
	t.Helper()
	text, err := files.ReadFile("continuum.yaml")
	require.NoError(t, err)
	continuum, err := topology.Read("continuum.yaml", bytes.NewReader(text))
	require.NoError(t, err)
	text, err = files.ReadFile("apps.yaml")
	require.NoError(t, err)
	apps, err := placement.ReadApplications("apps.yaml", bytes.NewReader(text))
	require.NoError(t, err)
	set, err := policy.Load(sources(t), nil)
	require.NoError(t, err)
	return continuum, apps, set
}

func TestPoliciesHoldWhatTheirTestsSay(t *testing.T) {
	proposal := policy.Source{Name: "proposals/low-carbon", FS: os.DirFS("proposals/low-carbon")}
	report, err := policy.RunTests(context.Background(), append(sources(t), proposal), nil)
	require.NoError(t, err)
	require.NotEmpty(t, report.Results)
	for _, r := range report.Results {
		require.False(t, r.Failed, "%s.%s at %s: %s", r.Package, r.Name, r.Location, r.Message)
	}
}

func TestNoTableIsPastItsDate(t *testing.T) {
	continuum, _, set := read(t)
	require.Empty(t, set.Expired(continuum.AsOf()))
}

// Every carrier of the continuum must be in the table of operators, else strict data silently takes other ways.
func TestEveryCarrierIsKnown(t *testing.T) {
	continuum, _, set := read(t)
	scope := placement.Scope{Continuum: continuum, AsOf: continuum.AsOf()}
	for link := range continuum.Links() {
		reasons, err := set.TransitReasons(context.Background(), scope, "public-pl", "", link.Operator)
		require.NoError(t, err)
		for _, r := range reasons {
			require.NotEqual(t, "TRA-002", r.Code, "%s of %s: %s", link.Operator, link.ID, r.Message)
		}
	}
}

// What the example is there to show: each workload has somewhere to go under the policies alone, and each of the cheap regions under
// American control is refused to some class of data.
func TestPoliciesLeaveRoomAndRefuseSomething(t *testing.T) {
	continuum, apps, set := read(t)
	scope := placement.Scope{Continuum: continuum, AsOf: continuum.AsOf()}
	var sites []*topology.Site
	for s := range continuum.Sites() {
		sites = append(sites, s)
	}
	refused := map[topology.SiteID]bool{}
	for i := range apps {
		for j := range apps[i].Workloads {
			w := &apps[i].Workloads[j]
			verdicts, err := set.Admit(context.Background(), scope, w, sites)
			require.NoError(t, err)
			open := 0
			for k, v := range verdicts {
				if v.Denied {
					refused[sites[k].ID] = true
				} else {
					open++
				}
			}
			require.NotZero(t, open, w.ID)
		}
	}
	for _, id := range []topology.SiteID{"aws-frankfurt", "aws-stockholm", "azure-dublin", "google-frankfurt"} {
		require.True(t, refused[id], id)
	}
}
