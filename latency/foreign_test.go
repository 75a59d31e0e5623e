package latency_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// TestForeignNetworksHaveRoutes takes every network of ../shared/data into a graph: every link carries a route, and the
// route between its ends is no longer than the link.
func TestForeignNetworksHaveRoutes(t *testing.T) {
	root := os.Getenv("DOMICILE_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "shared", "data")
	}
	var files []string
	for _, pattern := range []string{"topology-zoo/graphml/*.graphml", "eu-nren-as-cast/*.gml", "sndlib/native/*.txt*"} {
		found, err := filepath.Glob(filepath.Join(root, "latency", pattern))
		require.NoError(t, err)
		files = append(files, found...)
	}
	if len(files) == 0 {
		t.Skipf("no outside data: nothing below %s (set DOMICILE_DATA)", filepath.Join(root, "latency"))
	}
	links := 0
	for _, file := range files {
		f, err := os.Open(file)
		require.NoError(t, err)
		n, err := topology.ReadNetwork(filepath.Base(file), f, nil)
		f.Close()
		require.NoError(t, err)
		g, err := latency.New(n.Continuum, nil)
		require.NoError(t, err, file)
		for l := range n.Continuum.Links() {
			if links++; links%17 != 0 { // each row costs a search; some links do
				continue
			}
			r, ok := g.Route(l.A, l.B, latency.Transit{})
			if assert.True(t, ok, "%s: %s has no route", file, l.ID) {
				assert.LessOrEqual(t, g.Percentile(r, latency.P50), l.RTT.P50+l.RTT.P50/5, "%s: %s", file, l.ID)
			}
		}
	}
	t.Logf("%d networks, %d links", len(files), links)
}
