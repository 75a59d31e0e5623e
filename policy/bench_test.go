package policy

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		_, err := Load(everyPack(), nil)
		require.NoError(b, err)
	}
}

// everyPack puts all packs of the library in force.
func everyPack() []Source {
	return []Source{{Name: "p", FS: fstest.MapFS{"packs.yaml": {Data: []byte(`apiVersion: domicile.eu/v1alpha1
kind: PolicyPacks
packs: [accelerators, certification, encryption, energy, finance, health-de, health-fr, ownership, public-sector, residency,
  sovereignty, tenancy, transit]
`)}}}}
}
