package migrate

import (
	"bytes"
	_ "embed"
	"fmt"
	"time"

	"github.com/domicile-eu/domicile/internal/document"
)

//go:embed data/eu-data-act.yaml
var dataAct []byte

// law is the data that clock and bill rest on.
type law struct {
	name    string
	asOf    time.Time
	periods []period
	charges []tariff
	duties  []Duty
}

// period is a stretch of time that begins with the notice or after another period.
type period struct {
	id, name, after           string
	days, months, workingDays int
	provenance
}

// tariff is what may be charged for something at some time.
type tariff struct {
	id, name    string
	from, until time.Time // zero: open
	free        bool
	provenance
}

// provenance says where something was read.
type provenance struct {
	basis, source, hand string
	read                time.Time
}

func (p provenance) String() string {
	return fmt.Sprintf("%s, %s hand, read %s", p.source, p.hand, p.read.Format(time.DateOnly))
}

// readLaw reads the embedded data.
func readLaw() (*law, error) { return parseLaw("migrate/data/eu-data-act.yaml", dataAct) }

// parseLaw reads a file of kind ExitLaw and names all its defects.
func parseLaw(file string, text []byte) (*law, error) {
	doc, err := document.Parse(file, "ExitLaw", bytes.NewReader(text), ErrInvalid)
	if err != nil {
		return nil, err
	}
	doc.Known("apiVersion", "kind", "name", "asOf", "periods", "charges", "duties")
	doc.Required("name", "asOf", "periods", "charges")
	l := &law{name: doc.String("name"), asOf: doc.Time("asOf")}
	known := map[string]bool{"": true}
	for _, o := range doc.Objects("periods") {
		o.Known("id", "name", "after", "days", "months", "workingDays", "basis", "source", "hand", "read")
		o.Required("id", "name")
		p := period{id: o.String("id"), name: o.String("name"), after: o.String("after"), provenance: readProvenance(o)}
		p.days, p.months, p.workingDays = length(o, "days"), length(o, "months"), length(o, "workingDays")
		if !known[p.after] {
			o.Defect("after", "there is no period %q above", p.after)
		}
		if known[p.id] {
			o.Defect("id", "%q is used twice", p.id)
		}
		known[p.id] = true
		l.periods = append(l.periods, p)
	}
	if !known["transition"] {
		doc.Defect("periods", "none has the id transition")
	}
	for _, o := range doc.Objects("charges") {
		o.Known("id", "name", "from", "until", "at", "basis", "source", "hand", "read")
		o.Required("id", "name", "at")
		t := tariff{id: o.String("id"), name: o.String("name"), from: o.Time("from"), until: o.Time("until"), provenance: readProvenance(o)}
		switch at := o.String("at"); at {
		case "cost", "none":
			t.free = at == "none"
		default:
			o.Defect("at", "%q is neither cost nor none", at)
		}
		if t.id != "switching" && t.id != "parallel" {
			o.Defect("id", "%q is neither switching nor parallel", t.id)
		}
		l.charges = append(l.charges, t)
	}
	for _, o := range doc.Objects("duties") {
		o.Known("name", "basis", "source", "hand", "read")
		o.Required("name")
		from := readProvenance(o)
		l.duties = append(l.duties, Duty{Name: o.String("name"), Basis: from.basis, Source: from.String()})
	}
	return l, doc.Err()
}

func readProvenance(o *document.Object) provenance {
	o.Required("basis", "source", "hand", "read")
	p := provenance{basis: o.String("basis"), source: o.String("source"), hand: o.String("hand"), read: o.Time("read")}
	if p.hand != "" && p.hand != "first" && p.hand != "second" {
		o.Defect("hand", "%q is neither first nor second", p.hand)
	}
	return p
}

func length(o *document.Object, key string) int {
	const century = 36525
	n := o.Int(key)
	if n < 0 || n > century {
		o.Defect(key, "%d is not between 0 and %d", n, century)
		return 0
	}
	return int(n)
}

func (l *law) title() string {
	return fmt.Sprintf("%s; data of %s", l.name, l.asOf.Format(time.DateOnly))
}
