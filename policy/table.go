package policy

import (
	"bytes"
	"regexp"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"

	"github.com/domicile-eu/domicile/internal/document"
)

// table is one reference table.
type table struct {
	Table
	name    string
	values  map[string]any
	library bool
}

// tableName keeps names short to write in Rego and free of anything that would need escaping there.
var tableName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,63}$`)

// parseTable reads a table; nil where that is not possible, with the defects noted.
func parseTable(f *file, bad *defects) *table {
	o, err := document.Parse(f.name, "PolicyTable", bytes.NewReader(f.text), ErrInvalid)
	if err != nil {
		bad.other = append(bad.other, err)
		return nil
	}
	o.Known("name", "asOf", "source", "validUntil", "values")
	o.Required("name", "asOf", "source", "validUntil", "values")
	t := &table{name: o.String("name"), library: f.library}
	if t.name != "" && !tableName.MatchString(t.name) {
		o.Defect("name", "%q must be lower-case letters, digits, '-' and '_', and start with a letter", t.name)
	}
	asOf, until := o.Time("asOf"), o.Time("validUntil")
	if !asOf.IsZero() && !until.IsZero() && until.Before(asOf) {
		o.Defect("validUntil", "is before asOf, %s", asOf.Format(time.DateOnly))
	}
	t.Table = Table{
		Path: "domicile.tables." + t.name, File: f.name,
		AsOf: asOf.Format(time.DateOnly), Source: o.String("source"), ValidUntil: until.Format(time.DateOnly),
	}
	o.Object("values")
	t.values, _ = o.Any("values").(map[string]any)
	if err := o.Err(); err != nil {
		bad.other = append(bad.other, err)
		return nil
	}
	return t
}

// expired says whether the table may not be relied on any more on a day, YYYY-MM-DD.
func (t *table) expired(day string) bool { return day > t.ValidUntil }

// newStore holds the tables as rules read them.
func newStore(tables map[string]*table) (storage.Store, error) {
	shown := ast.NewObject()
	for _, name := range sortedKeys(tables) {
		t := tables[name]
		values, err := toValue(t.values)
		if err != nil {
			return nil, err
		}
		shown.Insert(ast.StringTerm(name), ast.ObjectTerm(
			pair("asOf", ast.String(t.AsOf)),
			pair("source", ast.String(t.Source)),
			pair("validUntil", ast.String(t.ValidUntil)),
			pair("values", values),
		))
	}
	return inmem.NewFromASTObject(ast.NewObject(pair("domicile", ast.NewObject(pair("tables", shown))))), nil
}
