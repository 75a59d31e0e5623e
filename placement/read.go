package placement

import (
	"bytes"
	_ "embed"
	"io"
	"regexp"

	"github.com/domicile-eu/domicile/internal/document"
)

//go:embed applications.schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of applications files. It says what a file may look like; that what it
// says fits together, only [ReadApplications] knows.
func Schema() []byte { return bytes.Clone(schema) }

// mostWorkloads is how many workloads one file may describe: ten times the largest problem that this package is made
// for. A slip in "replicas" should be an error and not a full memory.
const mostWorkloads = 1_000_000

// ReadApplications reads a YAML or JSON document of kind Applications; file is only the name used in errors. What the
// applications name in a continuum (access points, sites) is not known here and is judged by whatever takes a [Problem].
// The error lists all defects, each as FILE:LINE: path: message, and wraps [ErrInvalid].
//
// A component with n replicas becomes n workloads, "application/component-1" to "-n"; one with a single replica becomes
// "application/component". The reader fills in what the format leaves to defaults: replicas 1, priority 1, the data class
// of the application for its components.
func ReadApplications(file string, r io.Reader) ([]Application, error) {
	o, err := document.Parse(file, "Applications", r, ErrInvalid)
	if err != nil {
		return nil, err
	}
	o.Known("applications")
	read := &applicationsReader{names: make(map[string]int), ids: make(map[WorkloadID]string)}
	var apps []Application
	for i, entry := range o.Objects("applications") {
		apps = append(apps, read.application(i, entry))
	}
	if err := o.Err(); err != nil {
		return nil, err
	}
	return apps, nil
}

// applicationsReader is what the applications of one file share.
type applicationsReader struct {
	names     map[string]int        // applications by name
	ids       map[WorkloadID]string // component that a workload belongs to
	workloads int64
}

func (r *applicationsReader) application(i int, o *document.Object) Application {
	o.Known("name", "tenant", "data", "components", "flows", "constraints")
	o.Required("name", "components")
	app := Application{Name: name(o, "name"), Tenant: name(o, "tenant")}
	if first, ok := r.names[app.Name]; ok && app.Name != "" {
		o.Defect("name", "%s is also the name of applications[%d]", app.Name, first)
	} else {
		r.names[app.Name] = i
	}
	data := DataClass(name(o, "data"))
	var component []int // that each workload is a replica of
	names := make(map[string]int)
	for k, entry := range o.Objects("components") {
		w := readComponent(entry, &app, data)
		if first, ok := names[w.Component]; ok && w.Component != "" {
			entry.Defect("name", "%s is also the name of components[%d]", w.Component, first)
			continue
		}
		names[w.Component] = k
		for _, replica := range r.replicas(entry, w) {
			app.Workloads = append(app.Workloads, replica)
			component = append(component, k)
		}
	}
	for _, entry := range o.Objects("flows") {
		app.Flows = append(app.Flows, readFlow(entry))
	}
	constraints := o.Objects("constraints")
	for _, entry := range constraints {
		app.Constraints = append(app.Constraints, readConstraint(entry))
	}
	r.judge(o, &app, component)
	return app
}

// judge notes the defects that problems made by programs can have, too, where they stand in the file: those of replicas at
// their component, where the document tells them once. What could not be read is not judged again.
func (r *applicationsReader) judge(o *document.Object, app *Application, component []int) {
	judgeApplication(app, func(at spot, format string, args ...any) {
		switch {
		case at.Part == "":
			o.DefectAt(at.Field, format, args...)
			return
		case at.Part == "workloads":
			k := component[at.Index]
			if at.Field == "id" || at.Field == "component" {
				return // that the name is missing was noted when it was read
			}
			at.Part, at.Index = "components", k
		case at.Part == "constraints" && app.Constraints[at.Index] == nil:
			return // noted when it was read
		}
		o.DefectAt(at.String()[1:], format, args...)
	})
}

// namePattern is what identifiers look like.
var namePattern = regexp.MustCompile(`^[a-z0-9._-]+$`)

// name reads an identifier.
func name(o *document.Object, key string) string {
	text := o.String(key)
	if text != "" && !namePattern.MatchString(text) {
		o.Defect(key, "%q may only have lower case letters, digits, '-', '.' and '_'", text)
	}
	return text
}
