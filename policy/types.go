package policy

// Rule describes one rule of a set.
type Rule struct {
	Kind     string `json:"kind"` // deny, prefer or transit
	Code     string `json:"code"`
	Title    string `json:"title"`
	Basis    string `json:"basis,omitempty"`
	AsOf     string `json:"asOf,omitempty"`
	Side     string `json:"side"`     // continuum, tenant:NAME, owner:PROVIDER
	Location string `json:"location"` // file:line
}

// Table describes one data document of a set.
type Table struct {
	Path       string `json:"path"` // in data, "domicile.tables.eea"
	File       string `json:"file"`
	AsOf       string `json:"asOf"`
	Source     string `json:"source"`
	ValidUntil string `json:"validUntil"`
}

// Finding is something a lint noticed.
type Finding struct {
	Location string `json:"location"`
	Code     string `json:"code"`
	Message  string `json:"message"`
}

// TestResult is the outcome of one Rego unit test.
type TestResult struct {
	Package  string `json:"package"`
	Name     string `json:"name"`
	Location string `json:"location"`
	Failed   bool   `json:"failed"`
	Message  string `json:"message,omitempty"`
}

// TestReport is the outcome of all tests of a set of modules.
type TestReport struct {
	Results []TestResult `json:"results"`
	// Coverage is the share of rule lines that the tests evaluated, per file, in percent.
	Coverage map[string]float64 `json:"coverage"`
}
