package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/open-policy-agent/opa/v1/version"

	"github.com/domicile-eu/domicile/placement"
)

// Record says what a decision rests on, so that whoever has the same input can come to it again, byte for byte, and see that
// nothing has changed since. It holds digests, not the input, and no time of its own: who keeps records dates them.
type Record struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"` // DecisionRecord
	Engine     Engine `json:"engine"`
	AsOf       string `json:"asOf"` // the problem's now, RFC 3339
	// Policies is Set.Digest and Data is Set.DataDigest of the policies in force; empty where the problem has none of this package.
	Policies string            `json:"policies,omitempty"`
	Data     string            `json:"data,omitempty"`
	Tables   []Table           `json:"tables,omitempty"` // that rules rest on
	Inputs   placement.Digests `json:"inputs"`
	Seed     uint64            `json:"seed"`
	MaxSteps int64             `json:"maxSteps"`
	Workers  int               `json:"workers"`
	Answer   string            `json:"answer"` // SHA-256 in hexadecimal of the result as compact JSON
	// Signature is over everything else; nil: not signed.
	Signature *Signature `json:"signature,omitempty"`
}

// Engine is what came to a decision.
type Engine struct {
	Module   string `json:"module"`             // version of this module as built into the program, "(devel)" from a work tree
	Revision string `json:"revision,omitempty"` // of the program's version control, where the build knows it
	OPA      string `json:"opa"`
	Arch     string `json:"arch"` // answers are the same bytes on one architecture
}

const (
	recordVersion = "domicile.eu/v1alpha1"
	recordKind    = "DecisionRecord"
	modulePath    = "github.com/domicile-eu/domicile"
	// maxRecordBytes bounds a record that is read: one with a thousand tables takes a tenth of it.
	maxRecordBytes = 4 << 20
)

// ErrRecord is wrapped by every error of [Record.Verify] that says that a record and what it is held against do not agree.
var ErrRecord = errors.New("decision record")

// NewRecord describes how a result of placement.Solve was come to. The options are those of the solve. (Of a placement.Solver only the first
// answer can be come to again: the others depend on the problems before.) What cannot be come to again is an error: a
// search on a clock (Options.Spent), one that its context ended, and a problem with an Admission, Transit, Relocation or Rule
// that has no Digest.
func NewRecord(p *placement.Problem, opts *placement.Options, r *placement.Result) (*Record, error) {
	if opts != nil && opts.Spent != nil {
		return nil, fmt.Errorf("%w: a search on a clock cannot be run again: give Options.MaxSteps instead of Spent", ErrRecord)
	}
	if r.Status == placement.Stopped {
		return nil, fmt.Errorf("%w: the context ended the search, which cannot be run again", ErrRecord)
	}
	inputs, err := p.Digests()
	if err != nil {
		return nil, err
	}
	if len(inputs.Opaque) > 0 {
		return nil, fmt.Errorf("%w: nothing identifies %q: they need a method Digest() string", ErrRecord, inputs.Opaque)
	}
	answer, err := answerOf(r)
	if err != nil {
		return nil, err
	}
	o := opts.Resolved()
	x := &Record{
		APIVersion: recordVersion, Kind: recordKind, Engine: builtWith(), AsOf: asOf(p).Format(time.RFC3339Nano), Inputs: inputs,
		Seed: o.Seed, MaxSteps: o.MaxSteps, Workers: o.Workers, Answer: answer,
	}
	if s, ok := p.Admission.(interface {
		Digest() string
		DataDigest() string
		Tables() []Table
	}); ok {
		x.Policies, x.Data, x.Tables = s.Digest(), s.DataDigest(), s.Tables()
	}
	return x, nil
}

func asOf(p *placement.Problem) time.Time {
	if p.AsOf.IsZero() {
		return p.Continuum.AsOf().UTC()
	}
	return p.AsOf.UTC()
}

func answerOf(r *placement.Result) (string, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// builtWith describes this program.
func builtWith() Engine {
	e := Engine{Module: "(unknown)", OPA: version.Version, Arch: runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return e
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == modulePath {
			e.Module = m.Version
		}
	}
	if info.Main.Path == modulePath {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				e.Revision = s.Value
			}
		}
	}
	return e
}

// Write writes the record as indented JSON; the same record gives the same bytes.
func (x *Record) Write(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(x)
}

// ReadRecord reads what Write wrote; file is only the name used in errors, which wrap [ErrInvalid].
func ReadRecord(file string, r io.Reader) (*Record, error) {
	text := io.LimitReader(r, maxRecordBytes)
	dec := json.NewDecoder(text)
	dec.DisallowUnknownFields()
	x := &Record{}
	if err := dec.Decode(x); err != nil {
		return nil, fmt.Errorf("%w: %s: no decision record of at most %d bytes: %w", ErrInvalid, file, maxRecordBytes, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("%w: %s: more behind the record", ErrInvalid, file)
	}
	switch {
	case x.APIVersion != recordVersion:
		return nil, fmt.Errorf("%w: %s: apiVersion: %q is not %s", ErrInvalid, file, x.APIVersion, recordVersion)
	case x.Kind != recordKind:
		return nil, fmt.Errorf("%w: %s: kind: %q is not %s", ErrInvalid, file, x.Kind, recordKind)
	}
	return x, nil
}
