package topology

import (
	_ "embed"
	"sort"
)

// countries lists the officially assigned codes of ISO 3166-1 alpha-2 in alphabetical order, three bytes a line.
// Source: iso3166.tab of the IANA time zone database.
//
//go:embed countries.txt
var countries string

// known says whether j is a country. The European Union, for one, is a group of them.
func (j Jurisdiction) known() bool {
	const line = 3
	n := len(countries) / line
	code := func(i int) string { return countries[i*line : i*line+2] }
	i := sort.Search(n, func(i int) bool { return code(i) >= string(j) })
	return i < n && code(i) == string(j)
}

// meant returns the code that a usual mistake stands for, empty where there is none.
func (j Jurisdiction) meant() Jurisdiction {
	switch j {
	case "UK":
		return "GB"
	case "EL":
		return "GR"
	}
	upper := []byte(j)
	for i, b := range upper {
		if b >= 'a' && b <= 'z' {
			upper[i] = b - 'a' + 'A'
		}
	}
	if k := Jurisdiction(upper); k != j && k.known() {
		return k
	}
	return ""
}
