package extender

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	v1 "k8s.io/api/core/v1"
)

// errRequest is wrapped by errors about requests that are malformed or too large.
var errRequest = errors.New("domicile: malformed request")

// args is what filter and prioritize are asked.
type args struct {
	pod   *v1.Pod
	names []string
}

// mostDepth is how deep values may be nested. A pod needs a dozen.
const mostDepth = 64

// parseArgs reads ExtenderArgs. The pod is decoded as usual; names are cut out of one copy of their text, because there may
// be thousands. Keys match whatever their case, unknown ones are skipped, and of a key that stands there twice the last
// counts, as with encoding/json.
func parseArgs(body []byte, mostNames int) (*args, error) {
	s := scanner{text: body}
	out := &args{}
	var pod, nodes []byte
	err := s.object(func(key string) error {
		start := s.skipSpace()
		switch {
		case strings.EqualFold(key, "NodeNames"):
			names, err := s.names(mostNames)
			out.names = names
			return err
		case strings.EqualFold(key, "Pod"):
			err := s.skip(0)
			pod = body[start:s.at]
			return err
		case strings.EqualFold(key, "Nodes"):
			err := s.skip(0)
			nodes = body[start:s.at]
			return err
		}
		if err := s.skip(0); err != nil {
			return err
		}
		if !json.Valid(body[start:s.at]) {
			return s.fault("the value of an unknown key is no JSON")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if s.skipSpace(); s.at != len(body) {
		return nil, s.fault("something stands behind the end")
	}
	if len(nodes) > 0 && string(nodes) != "null" {
		return nil, fmt.Errorf("%w: whole nodes were sent: the scheduler's configuration must say nodeCacheCapable: true", errRequest)
	}
	if len(pod) == 0 || string(pod) == "null" {
		return nil, fmt.Errorf("%w: no pod", errRequest)
	}
	if err := json.Unmarshal(pod, &out.pod); err != nil {
		return nil, fmt.Errorf("%w: pod: %w", errRequest, err)
	}
	return out, nil
}

// scanner reads one JSON text.
type scanner struct {
	text []byte
	at   int
}

func (s *scanner) fault(text string) error {
	return fmt.Errorf("%w: byte %d: %s", errRequest, s.at, text)
}

// skipSpace goes to the next thing and returns where it stands.
func (s *scanner) skipSpace() int {
	for s.at < len(s.text) && (s.text[s.at] == ' ' || s.text[s.at] == '\n' || s.text[s.at] == '\t' || s.text[s.at] == '\r') {
		s.at++
	}
	return s.at
}

// take goes over a byte that has to come next.
func (s *scanner) take(b byte) bool {
	if s.skipSpace(); s.at < len(s.text) && s.text[s.at] == b {
		s.at++
		return true
	}
	return false
}

// object calls value for every key, which has to go over the value.
func (s *scanner) object(value func(key string) error) error {
	if !s.take('{') {
		return s.fault("no object")
	}
	if s.take('}') {
		return nil
	}
	for {
		s.skipSpace()
		key, err := s.str()
		if err != nil {
			return err
		}
		if !s.take(':') {
			return s.fault("no colon behind a key")
		}
		if err := value(key); err != nil {
			return err
		}
		if s.take('}') {
			return nil
		}
		if !s.take(',') {
			return s.fault("neither comma nor end of object")
		}
	}
}

// names reads a list of texts, or null.
func (s *scanner) names(most int) ([]string, error) {
	if bytes.HasPrefix(s.text[s.at:], []byte("null")) {
		s.at += 4
		return nil, nil
	}
	rest := s.text[s.at:]
	whole, off := string(rest), s.at // one copy, because the body's buffer serves the next request
	if !s.take('[') {
		return nil, s.fault("NodeNames is no list")
	}
	out := make([]string, 0, min(most, bytes.Count(rest, []byte(","))+1))
	if s.take(']') {
		return out, nil
	}
	for {
		from := s.skipSpace()
		plain, err := s.quoted()
		if err != nil {
			return nil, err
		}
		if len(out) == most {
			return nil, fmt.Errorf("%w: more than %d nodes", errRequest, most)
		}
		if plain {
			out = append(out, whole[from-off+1:s.at-off-1])
		} else {
			var name string // here, so that plain ones allocate nothing
			if err := json.Unmarshal(s.text[from:s.at], &name); err != nil {
				return nil, fmt.Errorf("%w: NodeNames: %w", errRequest, err)
			}
			out = append(out, name)
		}
		if s.take(']') {
			return out, nil
		}
		if !s.take(',') {
			return nil, s.fault("NodeNames: neither comma nor end of list")
		}
	}
}

// str reads a text.
func (s *scanner) str() (string, error) {
	start := s.at
	plain, err := s.quoted()
	if err != nil || plain {
		return string(s.text[start+min(1, s.at-start) : max(start+1, s.at-1)]), err
	}
	var out string
	if err := json.Unmarshal(s.text[start:s.at], &out); err != nil {
		return "", fmt.Errorf("%w: %w", errRequest, err)
	}
	return out, nil
}

// quoted goes over a text, and says whether it stands there as it is meant.
func (s *scanner) quoted() (plain bool, err error) {
	if s.at >= len(s.text) || s.text[s.at] != '"' {
		return false, s.fault("no text")
	}
	plain = true
	for s.at++; s.at < len(s.text); s.at++ {
		switch b := s.text[s.at]; {
		case b == '"':
			s.at++
			return plain, nil
		case b == '\\':
			plain = false
			s.at++
		case b < ' ' || b >= 0x80:
			plain = false
		}
	}
	s.at = min(s.at, len(s.text))
	return false, s.fault("a text does not end")
}

// skip goes over a value by its brackets and texts alone; whoever uses it decodes it. Like this the nesting is limited
// before anything recursive sees it.
func (s *scanner) skip(depth int) error {
	s.skipSpace()
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case '"':
			if _, err := s.quoted(); err != nil {
				return err
			}
		case '{', '[':
			if depth++; depth > mostDepth {
				return s.fault("nested too deep")
			}
			s.at++
			continue
		case '}', ']':
			if depth == 0 {
				return s.fault("no value")
			}
			depth--
			s.at++
		case ',', ':', ' ', '\n', '\t', '\r':
			if depth == 0 {
				return s.fault("no value")
			}
			s.at++
			continue
		default:
			for s.at < len(s.text) && !bytes.ContainsRune([]byte(",:]} \n\t\r{[\""), rune(s.text[s.at])) {
				s.at++
			}
		}
		if depth == 0 {
			return nil
		}
	}
	return s.fault("the text ends too early")
}
