package policy

import "github.com/open-policy-agent/opa/v1/ast"

// The limits on nesting. OPA's parser and compiler recurse, and take exponential time in the depth of comprehensions:
// 14 in one another compile in a second, 48 not at all. In the length of a body it is quadratic. Each limit is several times
// what the library needs.
const (
	maxBrackets = 64   // brackets and template strings in one another
	maxTree     = 400  // nodes of the syntax tree above one another: long sums and else chains count too
	maxClosures = 8    // comprehensions, every and template strings in one another
	maxBody     = 1000 // expressions in one body
)

// tooDeep returns the line in which the brackets of a module are nested beyond the limit, 0 where they are not. It reads
// the text alone, so that it can stand before the parser.
func tooDeep(text []byte) int {
	var open []byte // brackets, and the quotes of template strings
	line := 1
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\n' {
			line++
		}
		if n := len(open); n > 0 && (open[n-1] == '"' || open[n-1] == '`') {
			switch {
			case c == '\\':
				i++
			case c == open[n-1]:
				open = open[:n-1]
			case c == '{':
				open = append(open, c)
			}
		} else {
			switch c {
			case '#':
				for i+1 < len(text) && text[i+1] != '\n' {
					i++
				}
			case '"', '`':
				i += quoted(text[i:], &line)
			case '$':
				if i+1 < len(text) && (text[i+1] == '"' || text[i+1] == '`') {
					i++
					open = append(open, text[i])
				}
			case '(', '[', '{':
				open = append(open, c)
			case ')', ']', '}':
				open = open[:max(n-1, 0)]
			}
		}
		if len(open) > maxBrackets {
			return line
		}
	}
	return 0
}

// quoted returns the length of the string that text starts with, less one. An unfinished one ends with its line.
func quoted(text []byte, line *int) int {
	quote := text[0]
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == quote:
			return i
		case quote == '"' && text[i] == '\\':
			i++
		case text[i] == '\n' && quote == '"':
			return i - 1
		case text[i] == '\n':
			*line++
		}
	}
	return len(text) - 1
}

// tooComplex returns where the syntax tree of a module is beyond the limits, nil where it is not.
func tooComplex(m *ast.Module) *ast.Location {
	var depth, closures int
	var last, bad *ast.Location
	closure := func(x any) bool {
		switch x.(type) {
		case *ast.ArrayComprehension, *ast.SetComprehension, *ast.ObjectComprehension, *ast.Every, *ast.TemplateString:
			return true
		}
		return false
	}
	var v *ast.BeforeAfterVisitor
	v = ast.NewBeforeAfterVisitor(func(x any) bool {
		depth++
		if closure(x) {
			closures++
		}
		if n, ok := x.(ast.Node); ok && n.Loc() != nil {
			last = n.Loc()
		}
		body, _ := x.(ast.Body)
		if bad == nil && (depth > maxTree || closures > maxClosures || len(body) > maxBody) {
			bad = last
		}
		// The visitor leaves out the keys of heads.
		if h, ok := x.(*ast.Head); ok && bad == nil && h.Key != nil && len(h.Reference) > 0 {
			v.Walk(h.Key)
		}
		return bad != nil
	}, func(x any) {
		depth--
		if closure(x) {
			closures--
		}
	})
	for _, r := range m.Rules {
		v.Walk(r)
	}
	return bad
}
