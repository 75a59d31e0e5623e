package latency

import (
	"os"

	"github.com/domicile-eu/domicile/topology"
)

// readNetwork reads the network of a file: a continuum in YAML or JSON.
func readNetwork(file string) (*topology.Continuum, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return topology.Read(file, f)
}
