package document

import "slices"

// Known notes a defect for every key of o that is not among keys, and names the known one that it resembles.
// The keys apiVersion and kind of the document itself are always known.
func (o *Object) Known(keys ...string) {
	if o.node == nil {
		return
	}
	for i := range o.node.kids {
		n := &o.node.kids[i]
		if slices.Contains(keys, n.key) || o.up == nil && (n.key == "apiVersion" || n.key == "kind") {
			continue
		}
		if o.doc.full() {
			o.note(n, "is unknown")
		} else if near := Nearest(n.key, keys); near != "" {
			o.note(n, "is unknown; did you mean %s?", near)
		} else {
			o.note(n, "is unknown")
		}
	}
}

// Nearest returns the known word that a misspelt one most likely meant: at most two edits away, in at most half of its
// letters; the first such of the fewest edits. It is empty where none is that near.
func Nearest(word string, known []string) string {
	const most = 2
	best, fewest := "", most+1
	for _, k := range known {
		if len(word) > len(k)+most {
			continue
		}
		if d := edits(word, k); d < fewest && 2*d <= len(k) {
			best, fewest = k, d
		}
	}
	return best
}

// edits is the Levenshtein distance of two short words in bytes, letters of either case being the same.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := 1
			if a[i]|0x20 == b[j]|0x20 {
				change = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+change)
		}
	}
	return row[len(b)]
}
