package policy

import "sync"

// failed keeps the least of the messages with which a rule failed, so that it does not matter who asked first.
type failed struct {
	mu      sync.Mutex
	message string
}

func (f *failed) note(message string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.message == "" || message < f.message {
		f.message = message
	}
}

// Failures lists the rules that could not be judged in any question asked so far, in the order of [Set.Rules]. Each of
// them refused what it was asked about; a program that would rather not answer at all on such ground looks here after
// it has asked.
func (s *Set) Failures() []Finding {
	var found []Finding
	for _, r := range s.rules {
		r.failed.mu.Lock()
		message := r.failed.message
		r.failed.mu.Unlock()
		if message != "" {
			found = append(found, Finding{Location: r.Location, Code: codeError, Message: message})
		}
	}
	return found
}
