package kubernetes

import (
	"io"
	"time"
)

// Keys of labels and annotations.
const (
	SiteLabel     = "domicile.node-restriction.kubernetes.io/site"     // of nodes: a site of the continuum's file
	CountryLabel  = "domicile.node-restriction.kubernetes.io/country"  // of nodes without a site: ISO 3166-1 alpha-2
	ProviderLabel = "domicile.node-restriction.kubernetes.io/provider" // of nodes without a site: a provider of the file
	TierLabel     = "domicile.node-restriction.kubernetes.io/tier"     // of nodes without a site; regional where absent

	ApplicationLabel = "domicile.eu/application" // of pods
	ComponentLabel   = "domicile.eu/component"   // of pods

	DataAnnotation       = "domicile.eu/data-class" // of namespaces; of pods: a stricter one
	TenantAnnotation     = "domicile.eu/tenant"     // of namespaces; the namespace's name where absent
	AttributesAnnotation = "domicile.eu/attributes" // of namespaces: facts for policies, a JSON object
	FlowsAnnotation      = "domicile.eu/flows"      // of pods: a JSON list in the form of an application's flows
)

// Config is what a cluster is made of. Paths are those of the program's own file system.
type Config struct {
	Continuum    string   // file; empty: it comes from ConfigMap
	ConfigMap    string   // namespace/name/key of the continuum; watched
	Observations string   // file of measured latencies; empty: none
	Applications string   // file of applications that pods belong to by their labels; empty: none
	Policies     []string // folders
	// AsOf is "now", the default: the hour by the clock; or "continuum": what the continuum says.
	AsOf string
	// MaxAge is how old the continuum may be by its own AsOf; zero: no limit.
	MaxAge time.Duration
	// MeasurementAge is how old measured latencies may be; zero: no limit.
	MeasurementAge time.Duration
	// DataClasses are the classes of data there are, the least strict first.
	DataClasses []string
	// Unlabelled is the class of pods in namespaces that state none; empty: they are refused wherever a rule is in force.
	// Only the last of DataClasses may stand here.
	Unlabelled string
	// Reservation is how long room is held for a pod that nobody has seen bound; zero: a minute.
	Reservation time.Duration
	// Deadline of one answer; zero: 1500 ms. It must be shorter than kube-scheduler's httpTimeout.
	Deadline time.Duration
}

// ReadConfig reads a configuration of kind KubernetesConfig. The error names every defect.
func ReadConfig(file string, r io.Reader) (Config, error) { return Config{}, nil }
