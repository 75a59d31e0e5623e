package migrate

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

// take takes an amount that is there, what was given back first first, and adds the givers to after.
func (p *pool) take(amount int64, after []int32) []int32 {
	p.free -= amount
	for amount > 0 {
		front := &p.pieces[p.head]
		part := min(amount, front.amount)
		if part > 0 && front.giver >= 0 {
			after = append(after, front.giver)
		}
		amount -= part
		if front.amount -= part; front.amount == 0 {
			p.head++
		}
	}
	return after
}
