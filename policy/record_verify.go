package policy

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/domicile-eu/domicile/placement"
)

// Verify checks the signature, where a key is given, and comes to the decision again: it solves the problem as the record says
// and compares the whole record. It returns the result. The error, which wraps [ErrRecord], names every part that differs: another
// input, another engine, another answer. It costs what the solve did.
func (x *Record) Verify(ctx context.Context, p *placement.Problem, key ed25519.PublicKey) (*placement.Result, error) {
	if key != nil {
		if err := x.CheckSignature(key); err != nil {
			return nil, err
		}
	}
	o := &placement.Options{Seed: x.Seed, MaxSteps: x.MaxSteps, Workers: x.Workers}
	// What was read of the input is compared first: to solve another problem proves nothing.
	now, err := NewRecord(p, o, &placement.Result{})
	if err != nil {
		return nil, err
	}
	if err := x.differs(now, false); err != nil {
		return nil, err
	}
	r, err := placement.Solve(ctx, p, o)
	if err != nil {
		return nil, err
	}
	if now, err = NewRecord(p, o, r); err != nil {
		return nil, err
	}
	return r, x.differs(now, true)
}

// differs names the fields in which two records differ, down to the digests of the inputs.
func (x *Record) differs(now *Record, answer bool) error {
	a, b := *x, *now
	a.Signature, b.Signature = nil, nil
	if !answer {
		// Another engine may come to the same answer; it is named where it does not.
		a.Answer, b.Answer, a.Engine, b.Engine = "", "", Engine{}, Engine{}
	} else if a.Answer == b.Answer {
		a.Engine, b.Engine = Engine{}, Engine{}
	}
	var errs []error
	note := func(name string, was, is any) {
		if !reflect.DeepEqual(was, is) {
			errs = append(errs, fmt.Errorf("%w: %s was %s and is %s", ErrRecord, name, inJSON(was), inJSON(is)))
		}
	}
	fields(reflect.ValueOf(a), reflect.ValueOf(b), "", note)
	return errors.Join(errs...)
}

// fields compares two structs of one type field by field, and structs in them likewise.
func fields(a, b reflect.Value, under string, note func(name string, was, is any)) {
	for k := range a.NumField() {
		name := under + a.Type().Field(k).Name
		if a.Field(k).Kind() == reflect.Struct {
			fields(a.Field(k), b.Field(k), name+".", note)
			continue
		}
		note(name, a.Field(k).Interface(), b.Field(k).Interface())
	}
}

func inJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
