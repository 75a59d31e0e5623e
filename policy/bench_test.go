package policy

import (
	"math/rand/v2"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// The benchmarks ask all packs of the library. ns/pair is time for one workload on one site.

// everyPack puts all packs of the library in force.
func everyPack() []Source {
	return []Source{{Name: "p", FS: fstest.MapFS{"packs.yaml": {Data: []byte(`apiVersion: domicile.eu/v1alpha1
kind: PolicyPacks
packs: [accelerators, certification, encryption, energy, finance, health-de, health-fr, ownership, public-sector, residency,
  sovereignty, tenancy, transit]
`)}}}}
}

// crowd is many workloads and sites that the packs can tell apart.
func crowd(b *testing.B, workloads, sites int) (*Set, placement.Scope, []*placement.Workload, []*topology.Site) {
	s, err := Load(everyPack(), nil)
	require.NoError(b, err)
	r := rand.New(rand.NewPCG(7, 1))
	in := placement.Scope{Continuum: libraryWorld(r, sites)}
	var list []*placement.Workload
	for range workloads {
		list = append(list, libraryWorkload(r))
	}
	return s, in, list, slices.Collect(in.Continuum.Sites())
}

func perPair(b *testing.B, pairs int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(pairs), "ns/pair")
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		_, err := Load(everyPack(), nil)
		require.NoError(b, err)
	}
}

// BenchmarkAdmitCold remembers nothing at first.
func BenchmarkAdmitCold(b *testing.B) {
	s, in, workloads, sites := crowd(b, 50, 200)
	for b.Loop() {
		s.reset()
		for _, w := range workloads {
			_, err := s.Admit(b.Context(), in, w, sites)
			require.NoError(b, err)
		}
	}
	perPair(b, len(workloads)*len(sites))
}

// BenchmarkAdmitWarm asks what was asked before.
func BenchmarkAdmitWarm(b *testing.B) {
	s, in, workloads, sites := crowd(b, 1, 10_000)
	_, err := s.Admit(b.Context(), in, workloads[0], sites)
	require.NoError(b, err)
	for b.Loop() {
		_, err := s.Admit(b.Context(), in, workloads[0], sites)
		require.NoError(b, err)
	}
	perPair(b, len(sites))
}

// BenchmarkPlainRego is what an embedder of OPA does: one prepared query for all rules, a map for each pair.
func BenchmarkPlainRego(b *testing.B) {
	_, in, workloads, sites := crowd(b, 10, 20)
	ref := newReference(b, Library(), libraryModules(b), "packs")
	ref.indexed = true
	for b.Loop() {
		for _, w := range workloads {
			for _, s := range sites {
				ref.ask(placement.Scope{Continuum: in.Continuum, AsOf: in.Continuum.AsOf()}, w, s)
			}
		}
	}
	perPair(b, len(workloads)*len(sites))
}

func BenchmarkReasons(b *testing.B) {
	s, in, workloads, sites := crowd(b, 1, 1)
	for b.Loop() {
		_, err := s.Reasons(b.Context(), in, workloads[0], sites[0])
		require.NoError(b, err)
	}
}

func BenchmarkTransit(b *testing.B) {
	s, in, _, _ := crowd(b, 1, 200)
	for b.Loop() {
		s.reset()
		_, err := s.Transit(b.Context(), in, "health-de")
		require.NoError(b, err)
	}
}

// BenchmarkJudgeWarm asks a screen what it was asked before.
func BenchmarkJudgeWarm(b *testing.B) {
	s, in, workloads, sites := crowd(b, 50, 10_000)
	x, err := s.Screen(b.Context(), in, sites)
	require.NoError(b, err)
	for _, w := range workloads {
		_, err := x.Judge(b.Context(), w)
		require.NoError(b, err)
	}
	k := 0
	for b.Loop() {
		k++
		_, err := x.Judge(b.Context(), workloads[k%len(workloads)])
		require.NoError(b, err)
	}
}

// BenchmarkScreenUpdate changes a site back and forth.
func BenchmarkScreenUpdate(b *testing.B) {
	s, in, workloads, sites := crowd(b, 5, 10_000)
	x, err := s.Screen(b.Context(), in, sites)
	require.NoError(b, err)
	for _, w := range workloads {
		_, err := x.Judge(b.Context(), w)
		require.NoError(b, err)
	}
	var scopes []placement.Scope
	for k := range 64 {
		site := *sites[k%2]
		site.ID = sites[7].ID
		next, err := in.Continuum.Update(topology.Changes{Put: topology.Spec{Sites: []topology.Site{site}}})
		require.NoError(b, err)
		in.Continuum = next
		scopes = append(scopes, in)
	}
	k, y := 0, x
	for b.Loop() {
		if k%len(scopes) == 0 {
			y = x
		}
		y, err = y.Update(b.Context(), scopes[k%len(scopes)])
		require.NoError(b, err)
		k++
	}
}
