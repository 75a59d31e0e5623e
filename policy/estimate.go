package policy

import (
	"math"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// estimates bound from above the size of what builtins make that multiply what they are given, or the work they have with it. The
// operands are of no more than maxValue; those of a wrong type are left to the builtin.
var estimates = map[string]func(operands []*ast.Term) int64{
	"replace": func(o []*ast.Term) int64 {
		s := textOf(o[0])
		return int64(len(s)) + int64(strings.Count(s, textOf(o[1])))*int64(len(textOf(o[2])))
	},
	"strings.replace_n": func(o []*ast.Term) int64 {
		s := textOf(o[1])
		sum := int64(len(s))
		if patterns, ok := o[0].Value.(ast.Object); ok {
			patterns.Foreach(func(old, with *ast.Term) {
				sum += int64(strings.Count(s, textOf(old))) * int64(len(textOf(with)))
			})
		}
		return sum
	},
	"concat": func(o []*ast.Term) int64 {
		n := 0
		switch v := o[1].Value.(type) {
		case *ast.Array:
			n = v.Len()
		case ast.Set:
			n = v.Len()
		}
		return int64(n) * int64(len(textOf(o[0])))
	},
	"sprintf": formatted,
	"split": func(o []*ast.Term) int64 {
		return valueSize * int64(strings.Count(textOf(o[0]), textOf(o[1])))
	},
	"indexof_n": func(o []*ast.Term) int64 {
		return valueSize * int64(strings.Count(textOf(o[0]), textOf(o[1])))
	},
	"json.marshal_with_options": indented,
	"product": func(o []*ast.Term) int64 {
		size, _ := sizeOf(o[0])
		return size * size / (16 * valueSize)
	},
	"regex.replace": func(o []*ast.Term) int64 {
		return pattern(o[1]) + (int64(len(textOf(o[0])))+1)*(int64(len(textOf(o[2])))+1)
	},
	"regex.split":  func(o []*ast.Term) int64 { return pattern(o[0]) + valueSize*int64(len(textOf(o[1]))) },
	"regex.find_n": func(o []*ast.Term) int64 { return pattern(o[0]) + valueSize*int64(len(textOf(o[1]))) },
	"regex.find_all_string_submatch_n": func(o []*ast.Term) int64 {
		groups := int64(1 + strings.Count(textOf(o[0]), "("))
		return pattern(o[0]) + valueSize*groups*int64(len(textOf(o[1])))
	},
	"regex.match":          func(o []*ast.Term) int64 { return pattern(o[0]) },
	"regex.is_valid":       func(o []*ast.Term) int64 { return pattern(o[0]) },
	"regex.template_match": func(o []*ast.Term) int64 { return pattern(o[0]) },
	"regex.globs_match":    func(o []*ast.Term) int64 { return pattern(o[0]) + pattern(o[1]) },
	"glob.match":           func(o []*ast.Term) int64 { return pattern(o[0]) },
	"net.cidr_contains_matches": func(o []*ast.Term) int64 {
		a, _ := sizeOf(o[0])
		b, _ := sizeOf(o[1])
		return (a / valueSize) * (b / valueSize)
	},
	"object.subset": func(o []*ast.Term) int64 {
		a, _ := sizeOf(o[0])
		b, _ := sizeOf(o[1])
		return (a / valueSize) * (b / valueSize) / valueSize
	},
}

func textOf(t *ast.Term) string {
	s, _ := t.Value.(ast.String)
	return string(s)
}

// pattern is nothing, or too much where a pattern is too long.
func pattern(t *ast.Term) int64 {
	if len(textOf(t)) > maxPattern {
		return math.MaxInt32
	}
	return 0
}

// formatted bounds what sprintf makes: the widths and precisions in the format, those given by arguments, and the arguments
// themselves, each of which a format may name many times, in a notation of up to eight characters for one.
func formatted(o []*ast.Term) int64 {
	format := textOf(o[0])
	const large = maxValue + 1
	sum, width, verbs, stars := int64(len(format)), int64(0), int64(0), int64(0)
	for _, c := range format {
		if '0' <= c && c <= '9' {
			width = min(10*width+int64(c-'0'), large)
			continue
		}
		sum, width = min(sum+width, large), 0
		switch c {
		case '%':
			verbs++
		case '*':
			stars++
		}
	}
	sum += width
	args, ok := o[1].Value.(*ast.Array)
	if !ok {
		return sum
	}
	var all, longest, widest int64
	args.Foreach(func(t *ast.Term) {
		size, _ := sizeOf(t)
		all, longest = all+size-valueSize, max(longest, size-valueSize)
		if n, ok := t.Value.(ast.Number); ok {
			if i, whole := n.Int64(); whole {
				widest = max(widest, min(max(i, -i), large))
			}
		}
	})
	if strings.Contains(format, "[") {
		all = max(all, verbs*longest)
	}
	return sum + stars*widest + all
}

// indented bounds what a value takes where each part stands in a line of its own.
func indented(o []*ast.Term) int64 {
	options, ok := o[1].Value.(ast.Object)
	if !ok {
		return 0
	}
	s := sizer{left: maxValue}
	for key, to := range map[string]*int64{"prefix": &s.prefix, "indent": &s.perDeep} {
		if t := options.Get(ast.StringTerm(key)); t != nil {
			*to = int64(len(textOf(t)))
		}
	}
	s.add(o[0])
	return maxValue - s.left
}
