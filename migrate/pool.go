package migrate

import "slices"

// pool is the free part of one resource, in pieces that remember who gave them back. Whoever takes a piece waits for that
// move: so each unit of a resource passes from hand to hand, no unit is ever in two hands, and nothing is overdrawn
// however long the moves take (the chaining of Policella, Cesta, Oddi, Smith, "From precedence constraint posting to
// partial order schedules", AI Communications 2007).
type pool struct {
	free   int64 // sum of pieces, less debt
	debt   int64 // what is held beyond the capacity at the start; given back first, to nobody
	pieces []piece
	head   int
}

// piece is an amount and the move that gave it back, -1 where it was free from the start.
type piece struct {
	amount int64
	giver  int32
}

func newPool(free int64) pool {
	if free < 0 {
		return pool{free: free, debt: -free}
	}
	return pool{free: free, pieces: []piece{{free, -1}}}
}

// give puts an amount back.
func (p *pool) give(amount int64, giver int32) {
	p.free += amount
	pay := min(amount, p.debt)
	p.debt -= pay
	if amount > pay {
		p.pieces = append(p.pieces, piece{amount - pay, giver})
	}
}

// hold takes an amount whether it is there or not, from nobody in particular.
func (p *pool) hold(amount int64) {
	p.free -= amount
	for p.head < len(p.pieces) && amount > 0 {
		amount -= p.pieces[p.head].use(amount)
		if p.pieces[p.head].amount == 0 {
			p.head++
		}
	}
	p.debt += amount
}

// window is how many pieces are looked at for one that costs no further wait.
const window = 16

// take takes an amount that is there and adds the givers to after. Pieces that were free from the start or come from
// somebody in after already are taken first, then those given back first.
func (p *pool) take(amount int64, after []int32) []int32 {
	p.free -= amount
	front := p.pieces[p.head:]
	for i := range front[:min(window, len(front))] {
		if amount > 0 && (front[i].giver < 0 || slices.Contains(after, front[i].giver)) {
			amount -= front[i].use(amount)
		}
	}
	for ; amount > 0; p.head++ {
		next := &p.pieces[p.head]
		if part := next.use(amount); part > 0 {
			amount -= part
			after = append(after, next.giver)
		}
		if next.amount > 0 {
			break
		}
	}
	return after
}

// use takes up to an amount off a piece.
func (p *piece) use(amount int64) int64 {
	part := min(amount, p.amount)
	p.amount -= part
	return part
}
