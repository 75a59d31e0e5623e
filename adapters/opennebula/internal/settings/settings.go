// Package settings reads the settings file that the programs of this adapter share, and what it names.
package settings

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
)

// ErrInvalid is wrapped by what is wrong with the settings, and with files that they name.
var ErrInvalid = errors.New("invalid configuration")

// Settings is the settings file. What it names has its place relative to it.
type Settings struct {
	Continuum string // a file, empty: none
	Policies  string // a folder, empty: none
	Fallback  string // name of another scheduler, empty: none

	// Place and Optimize are the hard deadlines of the driver.
	Place, Optimize time.Duration

	Service Service

	maxMoves   int
	noMakeRoom bool
	weights    opennebula.Weights
}

// The deadlines. oned runs one driver at a time, so that a placement that takes long holds up everything; and it sets none.
const (
	defaultPlace    = 5 * time.Second
	defaultOptimize = 20 * time.Second
)

// Longest is the longest deadline.
const Longest = 10 * time.Minute

// kind is that of the settings file.
const kind = "OpenNebulaScheduler"

// File is where the settings are: the named file, or the one of an installation in a location of its own, or of the system.
func File(named, location string) string {
	switch {
	case named != "":
		return named
	case location != "":
		return filepath.Join(location, "etc/schedulers/domicile.conf")
	}
	return "/etc/one/schedulers/domicile.conf"
}

// Read reads settings. A file that does not exist is an empty one.
func Read(name string) (*Settings, error) {
	s := &Settings{Place: defaultPlace, Optimize: defaultOptimize, Service: defaultService()}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	defer f.Close()
	if err := s.parse(name, f); err != nil {
		return nil, err
	}
	dir := filepath.Dir(name)
	for _, path := range []*string{&s.Continuum, &s.Policies, &s.Service.Credentials} {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(dir, *path)
		}
	}
	return s, nil
}

func (s *Settings) parse(name string, r io.Reader) error {
	o, err := document.Parse(name, kind, r, ErrInvalid)
	if err != nil {
		return err
	}
	o.Known("apiVersion", "kind", "continuum", "policies", "fallback", "placeSeconds", "optimizeSeconds", "maxMoves", "makeRoom", "balance", "service")
	s.Continuum, s.Policies, s.Fallback = o.String("continuum"), o.String("policies"), o.String("fallback")
	if s.Fallback != "" && (s.Continuum != "" || s.Policies != "") {
		o.Defect("fallback", "the stock scheduler knows no policies and no places: it cannot stand in while continuum or policies are set")
	}
	if strings.ContainsAny(s.Fallback, "/.") || slices.Contains([]string{"domicile", "dummy"}, s.Fallback) {
		o.Defect("fallback", "%q must be the name of another scheduler, such as rank", s.Fallback)
	}
	seconds(o, "placeSeconds", &s.Place, Longest)
	seconds(o, "optimizeSeconds", &s.Optimize, Longest)
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
	if o.Has("balance") {
		s.balance(o)
	}
	if o.Has("service") {
		s.Service.parse(o.Object("service"))
	}
	return o.Err()
}

func (s *Settings) balance(o *document.Object) {
	w := o.Object("balance")
	w.Known("measuredCPU", "cpu", "memory")
	s.weights = opennebula.Weights{MeasuredCPU: w.Float("measuredCPU"), CPU: w.Float("cpu"), Memory: w.Float("memory")}
	for _, v := range []float64{s.weights.MeasuredCPU, s.weights.CPU, s.weights.Memory} {
		if !(v >= 0 && v <= 1000) {
			o.Defect("balance", "a weight is not from 0 to 1000")
		}
	}
	if s.weights == (opennebula.Weights{}) {
		o.Defect("balance", "no weight is above 0")
	}
}

func seconds(o *document.Object, key string, to *time.Duration, most time.Duration) {
	if !o.Has(key) {
		return
	}
	v := o.Float(key)
	if !(v >= 0.1 && v <= most.Seconds()) {
		o.Defect(key, "%v is not from 0.1 to %v", v, most.Seconds())
		return
	}
	*to = time.Duration(v * float64(time.Second))
}
