package settings

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/domicile-eu/domicile/adapters/opennebula"
	"github.com/domicile-eu/domicile/policy"
	"github.com/domicile-eu/domicile/topology"
)

// Hard says whether rules are configured that nothing but these programs obeys.
func (s *Settings) Hard() bool { return s.Continuum != "" || s.Policies != "" }

// Decision turns settings into what Decide wants. Whatever a rule or fact lies in must be read, or nothing is decided.
func (s *Settings) Decision(asOf time.Time) (*opennebula.Config, error) {
	c := s.plain(asOf)
	var err error
	if s.Continuum != "" {
		if c.Continuum, err = s.readContinuum(); err != nil {
			return nil, err
		}
	}
	if s.Policies != "" {
		sources, err := s.sources()
		if err != nil {
			return nil, err
		}
		live, err := policy.NewLive(sources, nil) // for it refuses a folder without a rule
		if err != nil {
			return nil, fmt.Errorf("%w: policies: %s: %w", ErrInvalid, s.Policies, err)
		}
		c.Admission, c.Transit = live.Set(), live.Set()
	}
	return c, nil
}

// plain is the configuration without what lies in other files.
func (s *Settings) plain(asOf time.Time) *opennebula.Config {
	return &opennebula.Config{AsOf: asOf, MaxMoves: s.maxMoves, NoMakeRoom: s.noMakeRoom, Weights: s.weights}
}

func (s *Settings) readContinuum() (*topology.Continuum, error) {
	f, err := os.Open(s.Continuum)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return topology.Read(s.Continuum, f)
}

func (s *Settings) sources() ([]policy.Source, error) {
	if st, err := os.Stat(s.Policies); err != nil || !st.IsDir() {
		return nil, fmt.Errorf("%w: policies: %s is no folder", ErrInvalid, s.Policies)
	}
	return []policy.Source{{Name: filepath.Base(s.Policies), FS: os.DirFS(s.Policies)}}, nil
}
