package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/domicile-eu/domicile/adapters/opennebula"
	"github.com/domicile-eu/domicile/internal/document"
	"github.com/domicile-eu/domicile/policy"
	"github.com/domicile-eu/domicile/topology"
)

// errConfig is wrapped by what is wrong with the configuration.
var errConfig = errors.New("invalid configuration")

// settings is the configuration file.
type settings struct {
	continuum, policies, fallback string
	place, optimize               time.Duration
	maxMoves                      int
	noMakeRoom                    bool
	weights                       opennebula.Weights
}

// The deadlines. oned runs one driver at a time, so that a placement that takes long holds up everything; and it sets none.
const (
	defaultPlace    = 5 * time.Second
	defaultOptimize = 20 * time.Second
	longest         = 10 * time.Minute
)

// kind is that of the configuration file.
const kind = "OpenNebulaScheduler"

// readSettings reads a configuration. A file that does not exist is an empty one.
func readSettings(name string) (*settings, error) {
	s := &settings{place: defaultPlace, optimize: defaultOptimize}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errConfig, err)
	}
	defer f.Close()
	if err := s.parse(name, f); err != nil {
		return nil, err
	}
	dir := filepath.Dir(name)
	for _, path := range []*string{&s.continuum, &s.policies} {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(dir, *path)
		}
	}
	return s, nil
}

func (s *settings) parse(name string, r io.Reader) error {
	o, err := document.Parse(name, kind, r, errConfig)
	if err != nil {
		return err
	}
	o.Known("apiVersion", "kind", "continuum", "policies", "fallback", "placeSeconds", "optimizeSeconds", "maxMoves", "makeRoom", "balance")
	s.continuum, s.policies, s.fallback = o.String("continuum"), o.String("policies"), o.String("fallback")
	if s.fallback != "" && (s.continuum != "" || s.policies != "") {
		o.Defect("fallback", "the stock scheduler knows no policies and no places: it cannot stand in while continuum or policies are set")
	}
	if strings.ContainsAny(s.fallback, "/.") || slices.Contains([]string{"domicile", "dummy"}, s.fallback) {
		o.Defect("fallback", "%q must be the name of another scheduler, such as rank", s.fallback)
	}
	seconds(o, "placeSeconds", &s.place)
	seconds(o, "optimizeSeconds", &s.optimize)
	if o.Has("maxMoves") {
		v := o.Int("maxMoves")
		if v < 0 || v > 1_000_000 {
			o.Defect("maxMoves", "%d is not from 0 to 1,000,000", v)
		}
		if s.maxMoves = int(v); v == 0 {
			s.maxMoves = -1
		}
	}
	s.noMakeRoom = o.Has("makeRoom") && !o.Bool("makeRoom")
	if w := o.Object("balance"); o.Has("balance") {
		w.Known("measuredCPU", "cpu", "memory")
		s.weights = opennebula.Weights{MeasuredCPU: w.Float("measuredCPU"), CPU: w.Float("cpu"), Memory: w.Float("memory")}
		for _, v := range []float64{s.weights.MeasuredCPU, s.weights.CPU, s.weights.Memory} {
			if v < 0 || v > 1000 {
				o.Defect("balance", "a weight is not from 0 to 1000")
			}
		}
		if s.weights == (opennebula.Weights{}) {
			o.Defect("balance", "no weight is above 0")
		}
	}
	return o.Err()
}

func seconds(o *document.Object, key string, to *time.Duration) {
	if !o.Has(key) {
		return
	}
	v := o.Float(key)
	if !(v >= 0.1 && v <= longest.Seconds()) {
		o.Defect(key, "%v is not from 0.1 to %v", v, longest.Seconds())
		return
	}
	*to = time.Duration(v * float64(time.Second))
}

// decision turns settings into what Decide wants. Whatever a rule or fact lies in must be read, or nothing is decided.
func (s *settings) decision(asOf time.Time) (*opennebula.Config, error) {
	c := &opennebula.Config{AsOf: asOf, MaxMoves: s.maxMoves, NoMakeRoom: s.noMakeRoom, Weights: s.weights}
	if s.continuum != "" {
		f, err := os.Open(s.continuum)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if c.Continuum, err = topology.Read(s.continuum, f); err != nil {
			return nil, err
		}
	}
	if s.policies != "" {
		if st, err := os.Stat(s.policies); err != nil || !st.IsDir() {
			return nil, fmt.Errorf("%w: policies: %s is no folder", errConfig, s.policies)
		}
		set, err := policy.Load([]policy.Source{{Name: filepath.Base(s.policies), FS: os.DirFS(s.policies)}}, nil)
		if err != nil {
			return nil, err
		}
		if len(set.Rules()) == 0 {
			return nil, fmt.Errorf("%w: policies: no rule is in force in %s", errConfig, s.policies)
		}
		c.Admission, c.Transit = set, set
	}
	return c, nil
}
