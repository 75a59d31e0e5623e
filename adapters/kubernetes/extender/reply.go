package extender

import (
	"encoding/json"
	"strconv"

	adapter "github.com/domicile-eu/domicile/adapters/kubernetes"
)

// appendText appends a text as JSON.
func appendText(b []byte, s string) []byte {
	for k := range len(s) {
		if c := s[k]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			text, err := json.Marshal(s)
			if err != nil {
				return append(b, `""`...) // not for texts
			}
			return append(b, text...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// appendFiltered appends an ExtenderFilterResult with every name in one of its lists.
func appendFiltered(b []byte, names []string, j *adapter.Judged) []byte {
	b = append(b, `{"Nodes":null,"NodeNames":[`...)
	first := true
	for k, name := range names {
		if j.Reasons[k] == "" {
			if !first {
				b = append(b, ',')
			}
			first = false
			b = appendText(b, name)
		}
	}
	b = append(b, `],"FailedNodes":`...)
	b = appendRefused(b, names, j, true)
	b = append(b, `,"FailedAndUnresolvableNodes":`...)
	b = appendRefused(b, names, j, false)
	return append(b, `,"Error":""}`...)
}

func appendRefused(b []byte, names []string, j *adapter.Judged, soft bool) []byte {
	b = append(b, '{')
	first := true
	last, text := "", []byte(nil) // neighbours are mostly refused alike
	for k, name := range names {
		if j.Reasons[k] == "" || j.Soft[k] != soft {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(appendText(b, name), ':')
		if reason := j.Reasons[k]; reason != last {
			last, text = reason, appendText(text[:0], reason)
		}
		b = append(b, text...)
	}
	return append(b, '}')
}

// appendError appends an ExtenderFilterResult of which nothing may be bound.
func appendError(b []byte, text string) []byte {
	b = append(b, `{"Nodes":null,"NodeNames":null,"FailedNodes":null,"FailedAndUnresolvableNodes":null,"Error":`...)
	return append(appendText(b, text), '}')
}

// appendScores appends a HostPriorityList.
func appendScores(b []byte, names []string, scores []int64) []byte {
	b = append(b, '[')
	for k, name := range names {
		if k > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"Host":`...)
		b = appendText(b, name)
		b = append(b, `,"Score":`...)
		b = strconv.AppendInt(b, scores[k]/10, 10)
		b = append(b, '}')
	}
	return append(b, ']')
}
