package topology

import "strconv"

// tierWords and stateWords are the words of files, indexed by value.
var (
	tierWords  = [...]string{FarEdge: "far-edge", Edge: "edge", Regional: "regional", Cloud: "cloud"}
	stateWords = [...]string{Up: "up", Cordoned: "cordoned", Down: "down"}
	runtimes   = [...]Runtime{VM, BareMetal, Kubernetes}
)

// String returns the word used in files: "far-edge", "edge", "regional", "cloud".
func (t Tier) String() string {
	if t.known() {
		return tierWords[t]
	}
	return "tier(" + strconv.Itoa(int(t)) + ")"
}

// String returns the word used in files: "up", "cordoned", "down".
func (s State) String() string {
	if s.known() {
		return stateWords[s]
	}
	return "state(" + strconv.Itoa(int(s)) + ")"
}

func (t Tier) known() bool { return t >= FarEdge && t <= Cloud }

func (s State) known() bool { return s <= Down }
