package policy

import (
	"context"
	"io/fs"
	"time"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Source is a folder of modules and tables.
type Source struct {
	Name string // prefixes file names in locations
	FS   fs.FS
}

// Set is a compiled set of policies.
type Set struct{}

func Load(sources []Source, opts *Options) (*Set, error) { panic("not yet") }

func Library() fs.FS { panic("not yet") }

func (s *Set) Admit(ctx context.Context, in placement.Scope, w *placement.Workload, sites []*topology.Site) ([]placement.Verdict, error) {
	panic("not yet")
}
func (s *Set) Reasons(ctx context.Context, in placement.Scope, w *placement.Workload, site *topology.Site) ([]placement.Reason, error) {
	panic("not yet")
}
func (s *Set) Transit(ctx context.Context, in placement.Scope, class placement.DataClass) (latency.Transit, error) {
	panic("not yet")
}
func (s *Set) TransitReasons(ctx context.Context, in placement.Scope, class placement.DataClass, j topology.Jurisdiction, operator string) ([]placement.Reason, error) {
	panic("not yet")
}
func (s *Set) Rules() []Rule                  { panic("not yet") }
func (s *Set) Tables() []Table                { panic("not yet") }
func (s *Set) Expired(asOf time.Time) []Table { panic("not yet") }
func (s *Set) Lint() []Finding                { panic("not yet") }
func (s *Set) Digest() string                 { panic("not yet") }

func RunTests(ctx context.Context, sources []Source, opts *Options) (*TestReport, error) {
	panic("not yet")
}
