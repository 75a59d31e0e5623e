package topology

// The fields of the file format, as readers know them and as `assumed` may name them.
var (
	continuumFields = []string{"name", "asOf", "providers", "sites", "accessPoints", "exchanges", "links"}
	providerFields  = []string{
		"id", "name", "country", "owners", "certifications", "sovereignty", "attributes", "assumed",
	}
	siteFields = []string{
		"id", "name", "provider", "country", "city", "location", "tier", "state", "runtimes", "capacity", "safe",
		"prices", "egress", "energy", "certifications", "labels", "attributes", "assumed",
	}
	nodeFields = []string{"id", "name", "country", "city", "location", "assumed"}
	linkFields = []string{
		"id", "a", "b", "operator", "jurisdictions", "rtt", "oneWay", "bandwidth", "egress", "measuredAt", "assumed",
	}
)
