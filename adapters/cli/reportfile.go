package cli

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/domicile-eu/domicile/adapters/report"
	"github.com/domicile-eu/domicile/topology"
)

func reportFlags(e *env, f *flag.FlagSet) {
	f.StringVar(&e.exit, "exit", "", "show the exit from this `provider` too, with its timeline")
}

func runReport(ctx context.Context, e *env, args []string) error {
	file, err := one(args, "a file to write")
	if err != nil {
		return err
	}
	l, a, d, err := e.overview(ctx)
	if err != nil {
		return err
	}
	if e.exit != "" {
		if d.Exit, err = e.leave(ctx, l, a, topology.ProviderID(e.exit)); err != nil {
			return err
		}
	}
	return e.writeReport(d, file)
}

// writeReport renders first and writes then, so that a failure leaves no half page behind.
func (e *env) writeReport(d *report.Document, file string) error {
	var page bytes.Buffer
	if err := report.HTML(&page, d); err != nil {
		return err
	}
	return e.writeFile("report", page.Bytes(), file)
}

// writeFile writes a file that is there as a whole or not at all.
func (e *env) writeFile(what string, text []byte, file string) error {
	if st, err := os.Stat(file); err == nil && st.IsDir() {
		return badInput(fmt.Errorf("%s is a folder, expected a file to write", file))
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*")
	if err != nil {
		return badInput(fmt.Errorf("%s cannot be written: %w", file, errors.Unwrap(err)))
	}
	defer os.Remove(tmp.Name())
	if _, err := tmp.Write(text); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Chmod(0o644); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), file); err != nil {
		return badInput(err)
	}
	if !e.in.json {
		fmt.Fprintf(e.stdout, "%s written to %s\n", what, file)
	}
	return nil
}
