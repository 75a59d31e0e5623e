package kubernetes

import (
	"io"
	"slices"
	"strings"
	"time"

	"github.com/domicile-eu/domicile/internal/document"
	"github.com/domicile-eu/domicile/internal/quantity"
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
	// Joint has the pods of an application that wait placed together, instead of one by one.
	Joint bool
}

// ReadConfig reads a configuration of kind KubernetesConfig in YAML or JSON, whose keys are the fields of [Config] with a
// small first letter. The error names every defect and wraps [ErrInvalid].
func ReadConfig(file string, r io.Reader) (Config, error) {
	o, err := document.Parse(file, "KubernetesConfig", r, ErrInvalid)
	if err != nil {
		return Config{}, err
	}
	o.Known("continuum", "configMap", "observations", "applications", "policies", "asOf", "maxAge", "measurementAge",
		"dataClasses", "unlabelled", "reservation", "deadline", "joint")
	duration := func(key string) time.Duration {
		us := o.Quantity(key, quantity.Duration)
		if us > int64(100*365*24*time.Hour/time.Microsecond) {
			o.Defect(key, "more than a hundred years")
			return 0
		}
		return time.Duration(us) * time.Microsecond
	}
	c := Config{
		Continuum: o.String("continuum"), ConfigMap: o.String("configMap"), Observations: o.String("observations"),
		Applications: o.String("applications"), Policies: o.Strings("policies"), AsOf: o.String("asOf"),
		MaxAge: duration("maxAge"), MeasurementAge: duration("measurementAge"), DataClasses: o.Strings("dataClasses"),
		Unlabelled: o.String("unlabelled"), Reservation: duration("reservation"), Deadline: duration("deadline"), Joint: o.Bool("joint"),
	}
	for _, d := range c.defects() {
		o.Defect(d.key, "%s", d.text)
	}
	return c, o.Err()
}

type configDefect struct{ key, text string }

// defects lists what cannot be.
func (c *Config) defects() (out []configDefect) {
	note := func(key, text string) { out = append(out, configDefect{key, text}) }
	if (c.Continuum == "") == (c.ConfigMap == "") {
		note("continuum", "exactly one of continuum and configMap is needed")
	}
	if c.ConfigMap != "" && (strings.Count(c.ConfigMap, "/") != 2 || slices.Contains(strings.Split(c.ConfigMap, "/"), "")) {
		note("configMap", "must be namespace/name/key")
	}
	if c.AsOf != "" && c.AsOf != "now" && c.AsOf != "continuum" {
		note("asOf", "must be now or continuum")
	}
	for k, class := range c.DataClasses {
		if class == "" {
			note("dataClasses", "an empty class")
		} else if slices.Contains(c.DataClasses[:k], class) {
			note("dataClasses", "the class "+class+" stands there twice")
		}
	}
	if c.Unlabelled != "" && (len(c.DataClasses) == 0 || c.Unlabelled != c.DataClasses[len(c.DataClasses)-1]) {
		note("unlabelled", "only the strictest class, the last of dataClasses, may be taken for pods that state none")
	}
	for _, d := range []struct {
		key string
		d   time.Duration
	}{{"maxAge", c.MaxAge}, {"measurementAge", c.MeasurementAge}, {"reservation", c.Reservation}, {"deadline", c.Deadline}} {
		if d.d < 0 {
			note(d.key, "negative")
		}
	}
	return out
}

// strictness is the place of a class in order, -1 for one that is not listed.
func (c *Config) strictness(class string) int { return slices.Index(c.DataClasses, class) }
