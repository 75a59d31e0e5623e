package migrate

import (
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// Certificate is what Plan.Bound rests on, as data: no plan can make the moves of this one, each by its method, in less
// time. Replay checks it.
type Certificate struct {
	// Kind is "nothing" where nothing moves, "move" where one move with what comes before and after it takes the time,
	// "lane" where several moves share something of which there is only so much, "prices" where all moves have to buy some of
	// several such things, and "search" where the moves are few and none of their timetables is shorter: whoever checks that
	// has to look through them again.
	Kind string `json:"kind"`
	// Holds says of which other plans with the same moves it is true as well: "routes" of all, whichever routes the data of
	// the moves may take, at the full rate of the route; "rates" of those too in which moves are slower; "chosen" of those
	// over the same routes at the same rates; "direct" of those over the same routes at the same rates in which what is
	// lacking at a site comes from these moves, which is so unless more workloads wait on stages. It is empty where nothing
	// moves. Where a move of the plan is slower than its route, "routes" says nothing about the plan and is not found.
	Holds string `json:"holds,omitempty"`
	// Prices are those of "prices"; what is not listed is free. A move pays for as long as it runs, in proportion to what it
	// holds of each lane. A microsecond of all lanes together is worth the sum of the prices, so the plan takes at least
	// what all moves pay, each on the cheapest route, over that sum. At whatever rate, a move pays for links as long as it
	// would copy at the full rate of its route, setups left out, since that many bits it has to send.
	Prices []Price `json:"prices,omitempty"`
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

// Price is that of the whole of a lane, a whole number up to 2^20. Beside the kinds of Lane there is "linkAlone", of which a
// move holds all if it needs more than half of that direction of the link, and else nothing: no two of these run at once.
type Price struct {
	Lane  Lane  `json:"lane"`
	Price int64 `json:"price"`
}

// MoveTime is a time of a move.
type MoveTime struct {
	Move int             `json:"move"`
	Time topology.Micros `json:"timeMicros"`
}

// What a certificate holds for.
const (
	holdsRoutes = "routes"
	holdsRates  = "rates"
	holdsChosen = "chosen"
	holdsDirect = "direct"
)

const aloneKind = "linkAlone"

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
	c := Certificate{Kind: "move", Holds: holdsChosen, Head: l.head, Tail: l.tail}
	if l.head > 0 || l.tail > 0 {
		c.Holds = holdsDirect
	}
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
