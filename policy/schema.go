package policy

import (
	"bytes"
	_ "embed" // for the schemas
	"encoding/json"
)

//go:embed table.schema.json
var tableSchema []byte

//go:embed packs.schema.json
var packsSchema []byte

//go:embed input.schema.json
var inputSchemaText []byte

// TableSchema returns the JSON Schema (draft 2020-12) of tables, kind PolicyTable.
func TableSchema() []byte { return bytes.Clone(tableSchema) }

// PacksSchema returns the JSON Schema (draft 2020-12) of lists of packs, kind PolicyPacks.
func PacksSchema() []byte { return bytes.Clone(packsSchema) }

// InputSchema returns the JSON Schema (draft 2020-12) of what rules see as input. Modules are compiled against it, so
// that a misspelt path is an error and not a rule that never holds. Editors that know Rego take it as well.
func InputSchema() []byte { return bytes.Clone(inputSchemaText) }

// inputSchema returns the schema of the input as OPA's compiler takes it.
func inputSchema() any {
	var schema map[string]any
	if err := json.Unmarshal(inputSchemaText, &schema); err != nil {
		panic("policy: input.schema.json: " + err.Error()) // unreachable: a test reads it
	}
	// OPA's compiler knows drafts up to 7, which share all that is used here.
	delete(schema, "$schema")
	delete(schema, "$id")
	return schema
}
