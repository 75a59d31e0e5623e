// Program render prints the manifests of a chart, as helm template would, for those who have no helm at hand.
//
//	go run ./render [-name NAME] [-namespace NAMESPACE] [-values FILE]... CHART
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "render:", err)
			os.Exit(2)
		}
	}
}

func run(args []string, out, errs io.Writer) error {
	flags := flag.NewFlagSet("render", flag.ContinueOnError)
	flags.SetOutput(errs)
	name := flags.String("name", "domicile", "name of the release")
	namespace := flags.String("namespace", "domicile-system", "namespace of the release")
	var files []string
	flags.Func("values", "file of values; later ones win (may be given often)", func(s string) error { files = append(files, s); return nil })
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New("one chart is wanted: render [flags] CHART")
	}
	values := chartutil.Values{}
	for _, f := range files {
		more, err := chartutil.ReadValuesFile(f)
		if err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
		values = chartutil.CoalesceTables(more, values)
	}
	text, err := Render(flags.Arg(0), *name, *namespace, values)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, text)
	return err
}

// Render returns the manifests of the chart in folder dir, in the order of their file names, separated as YAML documents.
// Values are checked against the chart's schema.
func Render(dir, name, namespace string, values map[string]any) (string, error) {
	c, err := loader.Load(dir)
	if err != nil {
		return "", err
	}
	release := chartutil.ReleaseOptions{Name: name, Namespace: namespace, Revision: 1, IsInstall: true}
	all, err := chartutil.ToRenderValues(c, values, release, chartutil.DefaultCapabilities)
	if err != nil {
		return "", err
	}
	rendered, err := engine.Render(c, all)
	if err != nil {
		return "", err
	}
	var paths []string
	for path := range rendered {
		if filepath.Ext(path) == ".yaml" {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	var b strings.Builder
	for _, path := range paths {
		if strings.TrimSpace(rendered[path]) == "" {
			continue
		}
		fmt.Fprintf(&b, "---\n# Source: %s\n%s\n", path, strings.TrimSpace(rendered[path]))
	}
	return b.String(), nil
}
