package policy

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLibraryPassesItsOwnTests runs the Rego unit tests of all packs, and wants every line of every pack evaluated.
func TestLibraryPassesItsOwnTests(t *testing.T) {
	report, err := runTests(context.Background(), []Source{{Name: "library", FS: Library()}}, fstest.MapFS{}, nil)
	require.NoError(t, err)
	packages := map[string]bool{}
	for _, r := range report.Results {
		assert.False(t, r.Failed, "%s.%s (%s): %s", r.Package, r.Name, r.Location, r.Message)
		packages[r.Package] = true
	}
	assert.GreaterOrEqual(t, len(packages), 13, "every pack has tests")
	for file, percent := range report.Coverage {
		assert.Equal(t, 100.0, percent, file)
	}
	t.Logf("%d tests of %d packages, %d files covered", len(report.Results), len(packages), len(report.Coverage))
}
