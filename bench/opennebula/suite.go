// Package opennebula is the suite that decides a document of OpenNebula's scheduler, and measures the answer as OneDRS, the
// scheduler that OpenNebula ships, measures its own.
package opennebula

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/adapters/opennebula"
	"github.com/domicile-eu/domicile/bench/harness"
)

// Suite decides one document. -steps is the budget of search in evaluated moves, -out takes the plan of the first wave.
var Suite = harness.Suite{
	Name:  "opennebula",
	Usage: "-document F.b64 [-mode place|optimize]: a document of OpenNebula's scheduler, in the measure of OneDRS",
	Flags: func(set *flag.FlagSet) harness.Runner {
		c := &config{}
		set.StringVar(&c.document, "document", "", "file of the document, base64 or XML, may be gzipped")
		set.StringVar(&c.mode, "mode", "", "place or optimize (default: optimize where it is about a cluster and nothing is pending)")
		return c.run
	},
}

// config is the suite's own flags.
type config struct{ document, mode string }

// result is what the suite found; see BENCH.md.
type result struct {
	Document   string  `json:"document"`
	Mode       string  `json:"mode"`
	VMs        int     `json:"vms"`
	Hosts      int     `json:"hosts"`
	Initial    float64 `json:"initial"`
	Value      float64 `json:"value"`
	Bound      float64 `json:"bound"`
	Gap        float64 `json:"gap"`
	TrueValue  float64 `json:"true_value"`
	TrueBound  float64 `json:"true_bound"`
	Actions    int     `json:"actions"` // of the full target
	Waves      int     `json:"waves"`
	First      int     `json:"first_wave_actions"`
	Violations int     `json:"violations"`
	Read       float64 `json:"read_seconds"`   // of CPU
	Decide     float64 `json:"decide_seconds"` // of CPU

	bad []string
}

func (c *config) run(ctx context.Context, f harness.Flags, p *harness.Progress) (harness.Outcome, error) {
	if c.document == "" {
		return nil, fmt.Errorf("%w: -document is needed", harness.ErrUsage)
	}
	if c.mode != "" && c.mode != "place" && c.mode != "optimize" {
		return nil, fmt.Errorf("%w: -mode is place or optimize", harness.ErrUsage)
	}
	watch := harness.Start()
	p.Say("%s: reading", c.document)
	d, err := open(c.document)
	if err != nil {
		return nil, err
	}
	r := &result{Document: strings.TrimSuffix(filepath.Base(c.document), ".gz"), Mode: c.mode, VMs: len(d.VMs), Hosts: len(d.Hosts), Read: watch.CPU().Seconds()}
	cfg := &opennebula.Config{Seed: f.Seed, MaxSteps: f.Steps}
	if r.Mode == "" {
		r.Mode = "place"
		if len(d.Clusters) == 1 && !slices.ContainsFunc(d.VMs, func(v opennebula.VM) bool { return v.State == 1 }) {
			r.Mode = "optimize"
		}
	}
	if r.Mode == "optimize" {
		if len(d.Clusters) != 1 {
			return nil, fmt.Errorf("%w: %s is about no cluster", harness.ErrUsage, c.document)
		}
		cfg.Mode, cfg.Cluster = opennebula.Optimize, d.Clusters[0].ID
	}
	p.Say("%s: deciding", c.document)
	watch = harness.Start()
	a, err := opennebula.Decide(ctx, d, cfg)
	if err != nil {
		return nil, err
	}
	r.Decide = watch.CPU().Seconds()
	r.judge(d, cfg, a)
	if f.Out != "" {
		var b bytes.Buffer
		if err := opennebula.WritePlan(&b, &a.Wave); err != nil {
			return nil, err
		}
		return r, os.WriteFile(f.Out, b.Bytes(), 0o644)
	}
	return r, nil
}

// open reads a document, gzipped or not.
func open(name string) (*opennebula.Document, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b := bufio.NewReader(file)
	var in io.Reader = b
	if head, _ := b.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		if in, err = gzip.NewReader(b); err != nil {
			return nil, err
		}
	}
	d, err := opennebula.Read(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return d, nil
}

// Table implements harness.Outcome.
func (r *result) Table() [][2]string {
	return [][2]string{
		{"document", fmt.Sprintf("%s: %s, %d VMs, %d hosts", r.Document, r.Mode, r.VMs, r.Hosts)},
		{"greatest load, OneDRS's units", fmt.Sprintf("%.4f -> %.4f, at least %.4f, gap %.4f", r.Initial, r.Value, r.Bound, r.Gap)},
		{"greatest load, true units", fmt.Sprintf("%.4f, at least %.4f", r.TrueValue, r.TrueBound)},
		{"actions", fmt.Sprintf("%d in %d waves, %d in the first", r.Actions, r.Waves, r.First)},
		{"CPU", fmt.Sprintf("read %.2f s, decide %.2f s", r.Read, r.Decide)},
		{"check", fmt.Sprintf("%d violations", r.Violations)},
	}
}

// Failures implements harness.Outcome.
func (r *result) Failures() []string { return r.bad }
