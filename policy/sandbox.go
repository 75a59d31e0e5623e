package policy

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// withheld are the deterministic builtins that rules may not use all the same.
var withheld = map[string]string{
	"net.cidr_expand":         "it takes memory without bound",
	"bits.lsh":                "it takes memory without bound",
	"graph.reachable_paths":   "it takes memory without bound",
	"strings.render_template": "it takes memory without bound",
	"json.match_schema":       "it may reach for the network",
	"json.verify_schema":      "it may reach for the network",
	"rego.metadata.chain":     "reasons carry the metadata already",
	"rego.metadata.rule":      "reasons carry the metadata already",
	// OPA takes these for deterministic, but certificates end, and the clock of the machine tells when.
	"crypto.x509.parse_and_verify_certificates":              "rules have no network, no clock and no chance",
	"crypto.x509.parse_and_verify_certificates_with_options": "rules have no network, no clock and no chance",
}

// sandbox returns what modules may use: no builtin that reads the network, the clock, the machine or chance.
func sandbox() *ast.Capabilities {
	c := ast.CapabilitiesForThisVersion()
	c.Builtins = slices.DeleteFunc(slices.Clone(c.Builtins), func(b *ast.Builtin) bool {
		return forbidden(b) != ""
	})
	c.AllowNet = []string{} // nil would allow every host
	return c
}

// forbidden says why a builtin is not there; empty where it is.
func forbidden(b *ast.Builtin) string {
	if b.IsNondeterministic() {
		return "rules have no network, no clock and no chance"
	}
	return withheld[b.Name]
}

// newCompiler returns a compiler for the sandbox, which knows the form of the input.
func newCompiler() *ast.Compiler {
	capabilities := sandbox()
	guards := newGuards().decls // so that one may stand for another function, see guardCalls
	for _, name := range sortedKeys(guards) {
		capabilities.Builtins = append(capabilities.Builtins, guards[name])
	}
	schemas := ast.NewSchemaSet()
	schemas.Put(ast.SchemaRootRef, inputSchema())
	return ast.NewCompiler().
		WithCapabilities(capabilities).
		WithStrict(true).
		WithSchemas(schemas).
		SetErrorLimit(2 * mostDefects)
}

// compile compiles modules in the sandbox and notes what is wrong with them. The compiler must not be used where it did.
func compile(modules map[string]*ast.Module, bad *defects) *ast.Compiler {
	c := newCompiler()
	func() {
		// A module that makes the compiler panic is one more defect, not the end of the process.
		defer func() {
			if r := recover(); r != nil {
				bad.add(strings.Join(slices.Sorted(maps.Keys(modules)), ", "), 0, "the compiler fails: %v", r)
			}
		}()
		c.Compile(modules)
	}()
	noteErrors(c.Errors, bad)
	return c
}

// noteErrors notes OPA's errors as defects, with the engine's own words where OPA's mislead.
func noteErrors(errs ast.Errors, bad *defects) {
	for _, e := range errs {
		bad.at(e.Location, "%s", message(e))
	}
}

var undefinedFunction = regexp.MustCompile(`^undefined function ([a-z0-9_.]+)$`)

func message(e *ast.Error) string {
	if m := undefinedFunction.FindStringSubmatch(e.Message); m != nil {
		for _, b := range ast.Builtins {
			if b.Name == m[1] && forbidden(b) != "" {
				return fmt.Sprintf("%s is not available to rules: %s", b.Name, forbidden(b))
			}
		}
	}
	var b strings.Builder
	b.WriteString(generated.ReplaceAllString(e.Message, "$1"))
	if e.Details != nil {
		// Parse errors repeat the line in their details, which a location says already, and others draw a caret.
		if e.Code != ast.ParseErr {
			for _, l := range e.Details.Lines() {
				if l = strings.Join(strings.Fields(l), " "); strings.Trim(l, "^") != "" {
					b.WriteString("; " + l)
				}
			}
		}
	}
	return b.String()
}

// generated matches the names that split rules compile under; see split.
var generated = regexp.MustCompile(`\b(deny|prefer|transit)__[0-9]+\b`)
