package document

import (
	"strconv"
	"strings"
)

// Key extends a path by a key, Index one by an index: sites[3].capacity.cpu. A key that would make the path unreadable
// is quoted.
func Key(path, key string) string {
	if path == "" {
		return printable(key)
	}
	return path + "." + printable(key)
}

// Index extends a path by an index, from 0.
func Index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

func printable(key string) string {
	plain := key != "" && len(key) <= 64
	for _, r := range key {
		plain = plain && (r == '-' || r == '_' || r == '/' ||
			r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z')
	}
	if plain {
		return key
	}
	return strconv.Quote(clip(key))
}

// step takes the first key or index off a path; index is -1 for a key.
func step(path string) (key string, index int, rest string) {
	if number, ok := strings.CutPrefix(path, "["); ok {
		number, rest, _ = strings.Cut(number, "]")
		if i, err := strconv.Atoi(number); err == nil && i >= 0 {
			return "", i, strings.TrimPrefix(rest, ".")
		}
		panic("document: malformed path " + path)
	}
	if quoted, err := strconv.QuotedPrefix(path); err == nil {
		key, _ = strconv.Unquote(quoted)
		return key, -1, strings.TrimPrefix(path[len(quoted):], ".")
	}
	if end := strings.IndexAny(path, ".["); end >= 0 {
		return path[:end], -1, strings.TrimPrefix(path[end:], ".")
	}
	return path, -1, ""
}

// trail is the way from the root to a node, kept while a tree is built.
type trail struct {
	up    *trail
	key   string
	index int // -1: the key counts
	depth int
}

func (t *trail) down(key string, index int) *trail { return &trail{t, key, index, t.level() + 1} }

func (t *trail) level() int {
	if t == nil {
		return 0
	}
	return t.depth
}

func (t *trail) String() string {
	switch {
	case t == nil:
		return ""
	case t.index >= 0:
		return Index(t.up.String(), t.index)
	default:
		return Key(t.up.String(), t.key)
	}
}

// clip keeps an error readable whatever stands in a file.
func clip(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}
