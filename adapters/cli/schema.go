package cli

import _ "embed"

//go:embed report.schema.json
var reportSchema []byte

// Schema returns the JSON Schema (draft 2020-12) of what -json prints. A test holds it to the types that are printed.
func Schema() []byte { return reportSchema }
