package opennebula

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

const (
	// maxID is what oned's 32-bit IDs reach.
	maxID = math.MaxInt32
	// maxAmount of any number, in the document's units: with 2^20 of them at most for each base unit, sums over all entries of
	// a document stay within an int64.
	maxAmount = 1 << 36
	// maxDefects are told, the rest is counted only by what is missing.
	maxDefects = 200
)

// fields reads the values of one entry and notes what is wrong with it.
type fields struct {
	*element
	what    string
	id      int
	bad     string
	defects *[]string
}

func (f *fields) defect(path, message string) {
	text := path + ": " + message
	if f.bad == "" {
		f.bad = text
	}
	if len(*f.defects) < maxDefects {
		*f.defects = append(*f.defects, fmt.Sprintf("%s %d: %s", f.what, f.id, text))
	}
}

// clip shortens what others wrote, and takes what could steer a terminal or end a line out of it.
func clip(text string) string {
	if len(text) > 40 {
		text = text[:40] + "..."
	}
	return strconv.QuoteToASCII(text)
}

// integer returns the whole number at path, def where there is none.
func (f *fields) integer(def, most int, path ...string) int {
	return f.integerOf(f.element, def, most, path...)
}

func (f *fields) integerOf(e *element, def, most int, path ...string) int {
	text := e.value(path...)
	if text == "" {
		return def
	}
	v, err := strconv.Atoi(text)
	if err != nil || v > most || v < -most {
		f.defect(strings.Join(path, "/"), clip(text)+" is no whole number within reach")
		return def
	}
	return v
}

// amount returns the number at path, which may have decimals, times unit and rounded up; 0 where there is none. A negative one
// is a defect. Some agents measure -1 for "unknown": see measured.
func (f *fields) amount(e *element, unit int64, path ...string) int64 {
	text := e.value(path...)
	if text == "" {
		return 0
	}
	v, ok := scaled(text, unit)
	if !ok || v < 0 {
		f.defect(strings.Join(path, "/"), clip(text)+" is no amount")
		return 0
	}
	return v
}

// measured is an amount of which nothing hangs but quality: what cannot be read is 0.
func measured(e *element, unit int64, path ...string) int64 {
	v, ok := scaled(e.value(path...), unit)
	if !ok || v < 0 {
		return 0
	}
	return v
}

// scaled reads a decimal number, times unit, rounded up.
func scaled(text string, unit int64) (int64, bool) {
	if whole, err := strconv.ParseInt(text, 10, 64); err == nil {
		if whole > maxAmount || whole < -maxAmount {
			return 0, false
		}
		return whole * unit, true
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.Abs(v) > maxAmount || strings.ContainsAny(text, "xXpP_") {
		return 0, false
	}
	// Decimals are meant: 0.1 cores are 100 milli-CPU, not what the nearest float makes of it, rounded up.
	return int64(math.Ceil(v*float64(unit) - 1e-6)), true
}

// ids returns the IDs below path, in order.
func (f *fields) ids(e *element, path string) []int {
	at := e
	if path != "" {
		at = e.child(path)
	}
	if at == nil {
		return nil
	}
	out := make([]int, 0, len(at.kids))
	at.all("ID", func(id *element) {
		v, err := strconv.Atoi(strings.TrimSpace(id.text))
		if err != nil || v < 0 || v > maxID {
			f.defect(path+"/ID", clip(id.text)+" is no ID")
			return
		}
		out = append(out, v)
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// idList reads "3, 4,5".
func (f *fields) idList(path, text string) []int {
	var out []int
	for _, part := range words(text) {
		v, err := strconv.Atoi(part)
		if err != nil || v < 0 || v > maxID {
			f.defect(path, clip(part)+" is no ID")
			continue
		}
		out = append(out, v)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// words splits a list at commas, with or without blanks.
func words(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// attributes returns the single values below e, over what base holds.
func attributes(e *element, base map[string]string) map[string]string {
	if e == nil || len(e.kids) == 0 {
		return base
	}
	out := make(map[string]string, len(base)+len(e.kids))
	for k, v := range base {
		out[k] = v
	}
	for i := range e.kids {
		if k := &e.kids[i]; len(k.kids) == 0 {
			out[k.name] = strings.TrimSpace(k.text)
		}
	}
	return out
}

func trimmed(b []byte) []byte { return bytes.TrimSpace(b) }
