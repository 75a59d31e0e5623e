package main

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/domicile-eu/domicile/adapters/kubernetes/multicluster"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/policy"
	"github.com/domicile-eu/domicile/topology"
)

// files are what decisions rest on.
type files struct {
	continuum, applications string
	policies                []string
}

// world reads everything anew. The error names every defect of every file. The time is the hour by the clock, so that answers do not change
// with every second.
func (f *files) world(context.Context) (*multicluster.World, error) {
	w := &multicluster.World{AsOf: time.Now().UTC().Truncate(time.Hour)}
	var errs []error
	read := func(name string, use func(io.Reader) error) {
		file, err := os.Open(name)
		if err == nil {
			defer file.Close()
			err = use(file)
		}
		errs = append(errs, err)
	}
	read(f.continuum, func(r io.Reader) (err error) {
		w.Continuum, err = topology.Read(f.continuum, r)
		return err
	})
	if f.applications != "" {
		read(f.applications, func(r io.Reader) (err error) {
			w.Applications, err = placement.ReadApplications(f.applications, r)
			return err
		})
	}
	if len(f.policies) > 0 {
		var sources []policy.Source
		for _, dir := range f.policies {
			sources = append(sources, policy.Source{Name: dir, FS: os.DirFS(dir)})
		}
		set, err := policy.Load(sources, nil)
		errs = append(errs, err)
		if set != nil {
			w.Admission, w.Transit = set, set
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return w, nil
}
