package migrate

import (
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// Certificate is what Plan.Bound rests on, as data: no plan can make the moves of this one, by these methods and at these
// rates over these routes, in less time. Replay checks it.
type Certificate struct {
	// Kind is "nothing" where nothing moves, "move" where one move with what comes before and after it takes the time,
	// "lane" where several moves share something of which there is only so much, and "search" where they are few and none of
	// their timetables is shorter: whoever checks that has to look through them again.
	Kind string `json:"kind"`
	// Lane is that something.
	Lane *Lane `json:"lane,omitempty"`
	// Moves are the IDs of the moves. None can start before Head, and after each one Tail has to pass.
	Moves []int           `json:"moves,omitempty"`
	Head  topology.Micros `json:"headMicros,omitempty"`
	Tail  topology.Micros `json:"tailMicros,omitempty"`
	// Heads and Tails say of moves before when they cannot start and how long before the end they have ended; zero: not
	// listed. A site is not ready, the workload has another move to make, or room is lacking that other moves give back
	// (backwards in time for tails). Each follows from the others.
	Heads []MoveTime `json:"heads,omitempty"`
	Tails []MoveTime `json:"tails,omitempty"`
}

// Lane is a resource that moves use while they run. Kind is "link" for one direction of a link, entered at At; all others
// are counts of moves at once: "linkMoves", "siteOut", "siteIn", "providerOut", "providerIn" and "moves" for all.
type Lane struct {
	Kind string          `json:"kind"`
	Name string          `json:"name,omitempty"`
	At   topology.NodeID `json:"at,omitempty"`
}

// MoveTime is a time of a move.
type MoveTime struct {
	Move int             `json:"move"`
	Time topology.Micros `json:"timeMicros"`
}

// laneKinds are the kinds of lanes that a certificate can speak of.
var laneKinds = [...]string{
	linkRate: "link", linkMoves: "linkMoves", siteOut: "siteOut", siteIn: "siteIn",
	providerOut: "providerOut", providerIn: "providerIn", allMoves: "moves",
}

// certificate writes a limit down; ids are those of the hops.
func (s *scheduler) certificate(l limit, ends [2][]topology.Micros, ids []int) Certificate {
	if len(l.hops) == 0 {
		return Certificate{Kind: "nothing"}
	}
	c := Certificate{Kind: "move", Head: l.head, Tail: l.tail}
	if l.lane >= 0 {
		lane := s.net.lanes[l.lane]
		c.Kind, c.Lane = "lane", &Lane{laneKinds[lane.kind], lane.name, lane.at}
	}
	for _, hop := range l.hops {
		c.Moves = append(c.Moves, ids[hop])
	}
	slices.Sort(c.Moves)
	list := func(least topology.Micros, times []topology.Micros) []MoveTime {
		var out []MoveTime
		for hop, time := range times {
			if least > 0 && time > 0 {
				out = append(out, MoveTime{ids[hop], time})
			}
		}
		slices.SortFunc(out, func(a, b MoveTime) int { return a.Move - b.Move })
		return out
	}
	c.Heads, c.Tails = list(l.head, ends[0]), list(l.tail, ends[1])
	return c
}
