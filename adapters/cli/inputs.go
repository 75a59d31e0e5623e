package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/policy"
	"github.com/domicile-eu/domicile/topology"
)

// inputs names what to read and how to solve.
type inputs struct {
	// embedded replaces the current folder for the names left at their defaults; nil: the file system.
	embedded fs.FS

	continuum, apps, observations, policies, current, asOf string
	bundleKey, bundleScope                                 string
	maxAge                                                 time.Duration
	seed                                                   uint64
	steps                                                  int64
	json                                                   bool
}

// The default names, in the current folder or in the embedded files.
const (
	defaultContinuum    = "continuum.yaml"
	defaultApps         = "apps.yaml"
	defaultObservations = "observations.yaml"
	defaultPolicies     = "policies"
)

func (in *inputs) flags(f *flag.FlagSet) {
	f.StringVar(&in.continuum, "continuum", "", "`file` with the continuum (default "+defaultContinuum+")")
	f.StringVar(&in.apps, "apps", "", "`file` with the applications (default "+defaultApps+")")
	f.StringVar(&in.observations, "observations", "", "`file` with latency observations (default "+defaultObservations+", if it exists)")
	f.StringVar(&in.policies, "policies", "", "`folder` or OPA bundle (tar.gz) with policies (default "+defaultPolicies+")")
	f.StringVar(&in.bundleKey, "bundle-key", "", "`file` with the public key (PEM) or secret that the policies must be signed with, as a bundle")
	f.StringVar(&in.bundleScope, "bundle-scope", "", "`scope` that the signature of the bundle must be for")
	f.StringVar(&in.current, "current", "", "JSON `file` with the current assignment {\"workload\": \"site\"}, or a result of place -json")
	f.StringVar(&in.asOf, "as-of", "", "`date` taken as now, YYYY-MM-DD or RFC 3339 (default: asOf of the continuum)")
	f.DurationVar(&in.maxAge, "max-age", 0, "how old a latency measurement may be, such as 720h (default: no limit)")
	f.Uint64Var(&in.seed, "seed", 1, "seed of every random choice")
	f.Int64Var(&in.steps, "steps", 0, "search budget in evaluated moves (default: the library's)")
	f.BoolVar(&in.json, "json", false, "print the whole result as one JSON object, without timings")
}

// loaded is all input, read and checked.
type loaded struct {
	asOf         time.Time
	continuum    *topology.Continuum
	applications []placement.Application
	observations []latency.Observation
	policies     *policy.Set
	current      placement.Assignment
	maxAge       time.Duration
}

// load reads everything and reports every defect of every file at once.
func (in *inputs) load() (*loaded, error) {
	l := &loaded{maxAge: in.maxAge}
	var defects []error
	if in.steps < 0 {
		defects = append(defects, fmt.Errorf("-steps %d is negative", in.steps))
	}
	if in.maxAge < 0 {
		defects = append(defects, fmt.Errorf("-max-age %v is negative", in.maxAge))
	}
	note := func(err error) {
		if err != nil {
			defects = append(defects, err)
		}
	}
	var err error
	note(in.read(in.continuum, defaultContinuum, func(name string, r io.Reader) error {
		l.continuum, err = topology.Read(name, r)
		return err
	}))
	note(in.read(in.apps, defaultApps, func(name string, r io.Reader) error {
		l.applications, err = placement.ReadApplications(name, r)
		return err
	}))
	if in.observations != "" || in.exists(defaultObservations) {
		note(in.read(in.observations, defaultObservations, func(name string, r io.Reader) error {
			l.observations, err = latency.ReadObservations(name, r)
			return err
		}))
	}
	l.policies, err = in.loadPolicies(in.policies)
	note(err)
	if in.current != "" {
		l.current, err = readAssignment(in.current)
		if err == nil && l.continuum != nil && l.applications != nil {
			err = l.checkCurrent(in.current)
		}
		note(err)
	}
	l.asOf, err = in.now(l.continuum)
	note(err)
	if err := errors.Join(defects...); err != nil {
		return nil, badInput(err)
	}
	return l, nil
}

func (in *inputs) now(c *topology.Continuum) (time.Time, error) {
	if in.asOf == "" {
		if c == nil {
			return time.Time{}, nil // its own defects are reported already
		}
		if c.AsOf().IsZero() {
			return time.Time{}, errors.New("the continuum has no asOf: name a date with -as-of")
		}
		return c.AsOf(), nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, in.asOf); err == nil && t.Year() >= 1970 {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("-as-of %q is neither YYYY-MM-DD nor RFC 3339, or before 1970", in.asOf)
}

// read opens the named file, or the default one where none is named.
func (in *inputs) read(name, fallback string, use func(string, io.Reader) error) error {
	var (
		f   fs.File
		err error
	)
	switch {
	case name != "":
		f, err = os.Open(name)
	case in.embedded != nil:
		name = fallback
		f, err = in.embedded.Open(name)
	default:
		name = fallback
		f, err = os.Open(name)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil {
		return err
	} else if st.IsDir() {
		return fmt.Errorf("%s is a folder, expected a file", name)
	}
	return use(name, f)
}

func (in *inputs) exists(name string) bool {
	var err error
	if in.embedded != nil {
		_, err = fs.Stat(in.embedded, name)
	} else {
		_, err = os.Stat(name)
	}
	return err == nil
}

// sources returns the policy sources of a folder or bundle, or of the default one.
func (in *inputs) sources(name string) ([]policy.Source, error) {
	if name == "" && in.embedded != nil {
		sub, err := fs.Sub(in.embedded, defaultPolicies)
		if err != nil {
			return nil, err
		}
		keys, err := in.bundleKeys()
		if err != nil {
			return nil, err
		}
		return []policy.Source{{Name: defaultPolicies, FS: sub, Keys: keys}}, nil
	}
	if name == "" {
		name = defaultPolicies
	}
	s, err := in.readSource(name)
	if err != nil {
		return nil, err
	}
	return []policy.Source{s}, nil
}

func (in *inputs) loadPolicies(name string) (*policy.Set, error) {
	src, err := in.sources(name)
	if err != nil {
		return nil, err
	}
	return policy.Load(src, nil)
}

// problem builds the placement problem of what was read.
func (l *loaded) problem() (*placement.Problem, error) {
	return l.problemOn(l.continuum, l.policies, nil)
}

func (l *loaded) problemOn(c *topology.Continuum, rules *policy.Set, current placement.Assignment) (*placement.Problem, error) {
	g, err := latency.New(c, &latency.Options{Observations: l.observations, AsOf: l.asOf, MaxAge: l.maxAge})
	if err != nil {
		return nil, badInput(err)
	}
	if current == nil {
		current = l.current
	}
	return &placement.Problem{
		Continuum: c, Latency: g, Applications: l.applications,
		Admission: rules, Transit: rules, Current: current, AsOf: l.asOf,
	}, nil
}
