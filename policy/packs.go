package policy

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/domicile-eu/domicile/internal/document"
)

// parsePacks reads which packs are in force. The packs there are must be known.
func parsePacks(f *file, known []string, bad *defects) []string {
	o, err := document.Parse(f.name, "PolicyPacks", bytes.NewReader(f.text), ErrInvalid)
	if err != nil {
		bad.other = append(bad.other, err)
		return nil
	}
	o.Known("packs")
	o.Required("packs")
	packs := o.Strings("packs")
	for i, p := range packs {
		at := fmt.Sprintf("packs[%d]", i)
		switch {
		case !slices.Contains(known, p):
			o.DefectAt(at, "there is no pack %q%s", p, suggest(p, known))
		case slices.Contains(packs[:i], p):
			o.DefectAt(at, "pack %s stands here already", p)
		}
	}
	if err := o.Err(); err != nil {
		bad.other = append(bad.other, err)
	}
	return packs
}
