package topology

import (
	"cmp"
	"math/bits"
	"slices"
)

// Holding is one organisation's effective hold over a provider through all chains of ownership.
type Holding struct {
	Owner   ProviderID
	Country Jurisdiction
	// Share is ten-thousandths: the stakes multiplied along each chain, summed over chains, rounded up.
	Share    int64
	Controls bool // a chain of majorities (each over 50 %) leads from Owner to the provider
	// Chain is the chain of majorities where there is one, else the strongest: Owner first, the provider last.
	Chain []ProviderID
}

// Control returns who holds a provider, directly or through others: the largest share first, then by ID. It is nil for
// an unknown provider and for one that nobody is known to own. Where several chains are equally strong, Chain is the
// shorter, then the one whose IDs come first.
//
// Chains have 32 stakes at most, so each Chain has up to 33 members. For o organisations above the provider that have s
// owners altogether, of n providers in all, it costs O(s log n + o log o) and memory for o chains, however many ways the
// stakes form.
func (c *Continuum) Control(id ProviderID) []Holding {
	order := c.above(id)
	if len(order) < 2 {
		return nil
	}
	holds := map[ProviderID]*hold{id: {share: whole, strongest: whole, controls: true}}
	for _, owned := range order { // before its owners, so what it passes on is complete
		p, _ := c.Provider(owned)
		for _, stake := range p.Owners {
			of := holds[stake.Owner]
			if of == nil {
				of = &hold{}
				holds[stake.Owner] = of
			}
			of.through(owned, holds[owned], stake.Share)
		}
	}
	holdings := make([]Holding, 0, len(order)-1)
	for _, owner := range order[1:] {
		h := holds[owner]
		p, _ := c.Provider(owner)
		holdings = append(holdings, Holding{
			Owner: owner, Country: p.Country, Share: int64((h.share + scale - 1) / scale),
			Controls: h.controls, Chain: chain(owner, id, holds, h.controls),
		})
	}
	slices.SortFunc(holdings, func(a, b Holding) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Owner, b.Owner))
	})
	return holdings
}

// Shares are reckoned in ten-thousandths times scale, so that rounding up at every step does not show in the end.
const (
	scale = 1_000_000_000_000
	whole = 10_000 * scale
)

// hold is what an organisation holds of the provider in question.
type hold struct {
	share     uint64     // sum over chains
	strongest uint64     // of its chains
	length    int        // of that chain
	next      ProviderID // on that chain
	controls  bool
	majority  ProviderID // next on the chain of majorities
}

// through adds the chains that go through owned, of which the organisation has a stake.
func (h *hold) through(owned ProviderID, of *hold, stake int64) {
	h.share = min(h.share+portion(of.share, stake), whole)
	if of.controls && stake > 5_000 {
		h.controls, h.majority = true, owned
	}
	strength, length := portion(of.strongest, stake), of.length+1
	if cmp.Or(cmp.Compare(h.strongest, strength), cmp.Compare(length, h.length), cmp.Compare(owned, h.next)) < 0 {
		h.strongest, h.length, h.next = strength, length, owned
	}
}

// portion is a stake of a share, rounded up.
func portion(share uint64, stake int64) uint64 {
	hi, lo := bits.Mul64(share, uint64(stake))
	lo, carry := bits.Add64(lo, 9_999, 0)
	q, _ := bits.Div64(hi+carry, lo, 10_000)
	return q
}

// chain follows the chain of majorities or the strongest one from an owner down to the provider.
func chain(owner, provider ProviderID, holds map[ProviderID]*hold, majority bool) []ProviderID {
	ids := []ProviderID{owner}
	for owner != provider {
		if h := holds[owner]; majority {
			owner = h.majority
		} else {
			owner = h.next
		}
		ids = append(ids, owner)
	}
	return ids
}

// above returns a provider and all organisations above it, each before its owners. No chain is longer than maxChain, so
// neither is the recursion.
func (c *Continuum) above(id ProviderID) []ProviderID {
	var order []ProviderID
	seen := map[ProviderID]bool{}
	var visit func(ProviderID)
	visit = func(id ProviderID) {
		p, ok := c.Provider(id)
		if !ok || seen[id] {
			return
		}
		seen[id] = true
		for _, stake := range p.Owners {
			visit(stake.Owner)
		}
		order = append(order, id)
	}
	visit(id)
	slices.Reverse(order)
	return order
}
