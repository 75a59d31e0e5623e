package latency

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/domicile-eu/domicile/topology"
)

// readNetwork reads the network of a file: a continuum in YAML or JSON, or a foreign network, see [topology.ReadNetwork].
func readNetwork(file string) (*topology.Continuum, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	switch filepath.Ext(strings.TrimSuffix(file, ".gz")) {
	case ".yaml", ".yml", ".json":
		return topology.Read(file, f)
	}
	n, err := topology.ReadNetwork(file, f, nil)
	if err != nil {
		return nil, err
	}
	return n.Continuum, nil
}
