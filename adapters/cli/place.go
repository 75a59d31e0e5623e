package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"

	"github.com/domicile-eu/domicile/adapters/report"
	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// mostRefusals is how many refusals an overview shows: what fits a screen beside the table.
const mostRefusals = 8

func runPlace(ctx context.Context, e *env, args []string) error {
	if err := none(args); err != nil {
		return err
	}
	key, err := e.record.prepare()
	if err != nil {
		return err
	}
	_, a, d, err := e.overview(ctx)
	if err != nil {
		return err
	}
	if err := e.record.write(e, a, key); err != nil {
		return err
	}
	if e.in.json {
		return writeJSON(e.stdout, documentOutput(e, d))
	}
	return report.Text(e.stdout, d)
}

// overview loads the input, solves it and gathers what an overview shows.
func (e *env) overview(ctx context.Context) (*loaded, *answer, *report.Document, error) {
	l, a, err := e.open(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	d, err := e.document(ctx, l, a)
	return l, a, d, err
}

// document gathers the overview of an answer: refusals, and ways out where something is not placed.
func (e *env) document(ctx context.Context, l *loaded, a *answer) (*report.Document, error) {
	refusals, err := placement.Refusals(ctx, a.answer(), mostRefusals)
	if err != nil {
		return nil, err
	}
	var relief []*placement.Relief
	if len(a.result.Unplaced) > 0 {
		if relief, err = placement.Relax(ctx, a.problem, a.result, e.options()); err != nil {
			return nil, err
		}
	}
	return &report.Document{
		Problem: a.problem, Result: a.result, Evaluation: a.evaluation,
		Refusals: refusals, Relief: relief, Rules: l.policies.Rules(), Tables: l.policies.Tables(),
		Expired: l.policies.Expired(l.asOf),
	}, nil
}

// output is what -json prints. It holds no timings, so that equal input gives equal bytes.
type output struct {
	APIVersion string                      `json:"apiVersion"`
	Kind       string                      `json:"kind"`
	Continuum  string                      `json:"continuum"`
	Digest     string                      `json:"continuumDigest"`
	Policies   string                      `json:"policiesDigest,omitempty"`
	Revision   string                      `json:"policiesRevision,omitempty"` // of the bundle, where there is one
	AsOf       string                      `json:"asOf"`
	Seed       uint64                      `json:"seed"`
	Result     *placement.Result           `json:"result,omitempty"`
	Lines      []placement.Line            `json:"lines,omitempty"`
	Refusals   []placement.WhyNotAnswer    `json:"refusals,omitempty"`
	Relief     []*placement.Relief         `json:"relief,omitempty"`
	Why        *placement.WhyAnswer        `json:"why,omitempty"`
	WhyNot     *placement.WhyNotAnswer     `json:"whyNot,omitempty"`
	Exit       *migrate.ExitReport         `json:"exit,omitempty"`
	WhatIf     *whatIf                     `json:"whatIf,omitempty"`
	Resilience *placement.ResilienceReport `json:"resilience,omitempty"`
	Frontier   *placement.Frontier         `json:"frontier,omitempty"`
}

// newOutput fills what every -json output says about its input.
func newOutput(e *env, p *placement.Problem) *output {
	o := &output{APIVersion: "domicile.eu/v1alpha1", Kind: "Report", Continuum: p.Continuum.Name(), Digest: p.Continuum.Digest(),
		AsOf: report.Day(p.AsOf), Seed: e.in.seed}
	if rules, ok := p.Admission.(interface{ Digest() string }); ok {
		o.Policies = rules.Digest()
	}
	if rules, ok := p.Admission.(interface{ Revision() string }); ok {
		o.Revision = rules.Revision()
	}
	return o
}

func documentOutput(e *env, d *report.Document) *output {
	o := newOutput(e, d.Problem)
	o.Result, o.Lines, o.Refusals, o.Relief, o.Exit = d.Result, d.Evaluation.Lines, d.Refusals, d.Relief, d.Exit
	return o
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

func runExit(ctx context.Context, e *env, args []string) error {
	if len(args) > 2 {
		return badInput(fmt.Errorf("unexpected argument %q", args[2]))
	}
	provider, err := one(args[:min(1, len(args))], "a provider")
	if err != nil {
		return err
	}
	var form exitForm
	if len(args) == 2 {
		if form, err = exitFormOf(args[1]); err != nil {
			return err
		}
	}
	l, a, err := e.open(ctx)
	if err != nil {
		return err
	}
	x, err := e.leave(ctx, l, a, topology.ProviderID(provider))
	if err != nil {
		return err
	}
	if form != nil {
		var text bytes.Buffer
		if err := form(&text, a.problem, x); err != nil {
			return err
		}
		if err := e.writeFile("exit report", text.Bytes(), args[1]); err != nil {
			return err
		}
	}
	if e.in.json {
		o := newOutput(e, a.problem)
		o.Exit = x
		return writeJSON(e.stdout, o)
	}
	return report.Exit(e.stdout, a.problem, x)
}

// exitForm writes an exit to a file.
type exitForm func(w io.Writer, p *placement.Problem, x *migrate.ExitReport) error

func exitFormOf(file string) (exitForm, error) {
	switch filepath.Ext(file) {
	case ".html":
		return report.ExitHTML, nil
	case ".md":
		return func(w io.Writer, _ *placement.Problem, x *migrate.ExitReport) error { return x.Markdown(w) }, nil
	}
	return nil, badInput(fmt.Errorf("%s: an exit is written as .html or .md", file))
}
