package synthetic

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/internal/quantity"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// The files of a problem in its folder; policies stand in a folder of their own.
const (
	ContinuumFile    = "continuum.yaml"
	ApplicationsFile = "apps.yaml"
	PoliciesDir      = "policies"
)

// WriteFiles writes the problem into a folder as a user would have it.
func (s *Scaled) WriteFiles(dir string) error {
	c, err := topology.New(s.Spec)
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(dir, ContinuumFile), func(w io.Writer) error { return topology.Write(w, c) }); err != nil {
		return err
	}
	if err := writeFile(filepath.Join(dir, ApplicationsFile), s.writeApplications); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, PoliciesDir), 0o755); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(s.Policies)) {
		if err := os.WriteFile(filepath.Join(dir, PoliciesDir, name), []byte(s.Policies[name]), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(name string, write func(io.Writer) error) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
	}()
	return write(f)
}

func (s *Scaled) writeApplications(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprint(out, "apiVersion: domicile.eu/v1alpha1\nkind: Applications\napplications:\n")
	for i := range s.Applications {
		writeApplication(out, &s.Applications[i])
	}
	return out.Flush() // a Writer keeps its first error
}

func writeApplication(out *bufio.Writer, a *placement.Application) {
	fmt.Fprintf(out, "- name: %s\n  tenant: %s\n  components:\n", a.Name, a.Tenant)
	replicas := map[string]int{}
	for _, w := range a.Workloads {
		replicas[w.Component]++
	}
	before := ""
	for i := range a.Workloads {
		if w := &a.Workloads[i]; w.Component != before { // replicas stand together
			writeComponent(out, w, replicas[w.Component])
			before = w.Component
		}
	}
	if len(a.Flows) > 0 {
		fmt.Fprint(out, "  flows:\n")
	}
	for _, f := range a.Flows {
		from := "from: " + f.FromComponent
		if f.FromAccess != "" {
			from = "fromAccess: " + string(f.FromAccess)
		}
		fmt.Fprintf(out, "  - {%s, to: %s, rate: %s", from, f.To, quantity.Format(f.Rate, quantity.BitsPerSecond))
		if f.Bound > 0 {
			fmt.Fprintf(out, ", bound: %s, percentile: %v", quantity.Format(int64(f.Bound), quantity.Duration), f.Percentile)
		}
		fmt.Fprint(out, "}\n")
	}
	if len(a.Constraints) > 0 {
		fmt.Fprint(out, "  constraints:\n")
	}
	for _, c := range a.Constraints {
		if s, ok := c.(placement.Spread); ok {
			fmt.Fprintf(out, "  - spread: {components: [%s], over: %s, atLeast: %d}\n", strings.Join(s.Components, ", "), s.Over, s.AtLeast)
		}
	}
}

func writeComponent(out *bufio.Writer, w *placement.Workload, replicas int) {
	fmt.Fprintf(out, "  - {name: %s, kind: %s, replicas: %d, demand: {", w.Component, w.Kind, replicas)
	units := map[topology.Dimension]quantity.Unit{
		topology.CPU: quantity.Cores, topology.Memory: quantity.Bytes, topology.Disk: quantity.Bytes, topology.GPU: quantity.Count,
	}
	for i, d := range slices.Sorted(maps.Keys(w.Demand)) {
		if i > 0 {
			fmt.Fprint(out, ", ")
		}
		fmt.Fprintf(out, "%s: %s", d, quantity.Format(w.Demand[d], units[d]))
	}
	fmt.Fprintf(out, "}, priority: %d, moveCost: %s", w.Priority, quantity.Format(int64(w.MoveCost), quantity.Euro))
	if w.Data != "" {
		fmt.Fprintf(out, ", data: %s", w.Data)
	}
	if residency, ok := w.Attributes["residency"].([]any); ok {
		fmt.Fprint(out, ", attributes: {residency: [")
		for i, country := range residency {
			if i > 0 {
				fmt.Fprint(out, ", ")
			}
			fmt.Fprintf(out, "%q", country) // NO is false to older readers
		}
		fmt.Fprint(out, "]}")
	}
	fmt.Fprint(out, "}\n")
}
