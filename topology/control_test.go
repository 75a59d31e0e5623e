package topology_test

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/internal/quantity"
	"github.com/domicile-eu/domicile/internal/scenario"
	"github.com/domicile-eu/domicile/topology"
)

func TestControl(t *testing.T) {
	scenario.Run(t, "testdata/control.txt", func(t *testing.T, c scenario.Case) string {
		var spec topology.Spec
		var questions []topology.ProviderID
		provider := func(id string) *topology.Provider {
			for i := range spec.Providers {
				if string(spec.Providers[i].ID) == id {
					return &spec.Providers[i]
				}
			}
			spec.Providers = append(spec.Providers, topology.Provider{ID: topology.ProviderID(id), Country: "DE"})
			return &spec.Providers[len(spec.Providers)-1]
		}
		for line := range strings.Lines(c.Input) {
			switch words := strings.Fields(line); {
			case words[0] == "?":
				questions = append(questions, topology.ProviderID(words[1]))
			case words[2] == "-":
				provider(words[0])
			default:
				share, err := quantity.Parse(words[3], quantity.Share)
				require.NoError(t, err)
				provider(words[2])
				p := provider(words[0])
				p.Owners = append(p.Owners, topology.Stake{Owner: topology.ProviderID(words[2]), Share: share})
			}
		}
		continuum := build(t, spec)
		var b strings.Builder
		for _, id := range questions {
			fmt.Fprintf(&b, "%s:\n", id)
			for _, h := range continuum.Control(id) {
				controls := ""
				if h.Controls {
					controls = " controls"
				}
				fmt.Fprintf(&b, "  %s %s%s %s\n", h.Owner, quantity.Format(h.Share, quantity.Share), controls, h.Chain)
			}
		}
		return b.String()
	})
}

// TestControlAgainstChains compares with a walk along every single chain in rational numbers.
func TestControlAgainstChains(t *testing.T) {
	for seed := range uint64(300) {
		m := random(seed)
		var spec topology.Spec
		var ids []topology.ProviderID
		for i := range 2 + m.IntN(9) {
			p := topology.Provider{ID: topology.ProviderID("p" + strconv.Itoa(i)), Country: m.country()}
			left := int64(10_000)
			for _, owner := range ids {
				share := pick(m, 5_001, 5_000, 1, 1+m.Int64N(10_000))
				if share <= left && m.IntN(2) == 0 {
					p.Owners = append(p.Owners, topology.Stake{Owner: owner, Share: share})
					left -= share
				}
			}
			ids, spec.Providers = append(ids, p.ID), append(spec.Providers, p)
		}
		c := build(t, spec)
		for _, id := range ids {
			w := chains{c: c, share: map[topology.ProviderID]*big.Rat{}, best: map[topology.ProviderID]*big.Rat{},
				control: map[topology.ProviderID][]topology.ProviderID{}}
			w.walk([]topology.ProviderID{id}, big.NewRat(10_000, 1), true)
			w.compare(t, id)
		}
	}
}

type chains struct {
	c           *topology.Continuum
	share, best map[topology.ProviderID]*big.Rat
	control     map[topology.ProviderID][]topology.ProviderID
}

// walk goes up from the last of chain, which reads from the provider upwards.
func (w *chains) walk(chain []topology.ProviderID, strength *big.Rat, majority bool) {
	p, _ := w.c.Provider(chain[len(chain)-1])
	for _, stake := range p.Owners {
		up := append(slices.Clone(chain), stake.Owner)
		s := new(big.Rat).Mul(strength, big.NewRat(stake.Share, 10_000))
		m := majority && stake.Share > 5_000
		if w.share[stake.Owner] == nil {
			w.share[stake.Owner], w.best[stake.Owner] = new(big.Rat), new(big.Rat)
		}
		w.share[stake.Owner].Add(w.share[stake.Owner], s)
		if w.best[stake.Owner].Cmp(s) < 0 {
			w.best[stake.Owner] = s
		}
		if m {
			w.control[stake.Owner] = up
		}
		w.walk(up, s, m)
	}
}

func (w *chains) compare(t *testing.T, id topology.ProviderID) {
	holdings := w.c.Control(id)
	require.Len(t, holdings, len(w.share))
	require.True(t, slices.IsSortedFunc(holdings, func(a, b topology.Holding) int {
		if a.Share != b.Share {
			return int(b.Share - a.Share)
		}
		return strings.Compare(string(a.Owner), string(b.Owner))
	}))
	for _, h := range holdings {
		exact := w.share[h.Owner]
		up := new(big.Int).Div(new(big.Int).Add(exact.Num(), new(big.Int).Sub(exact.Denom(), big.NewInt(1))), exact.Denom())
		require.Equal(t, up.Int64(), h.Share)
		owner, _ := w.c.Provider(h.Owner)
		require.Equal(t, owner.Country, h.Country)

		reversed := slices.Clone(h.Chain)
		slices.Reverse(reversed)
		majority, controls := w.control[h.Owner]
		require.Equal(t, controls, h.Controls)
		if controls {
			require.Equal(t, majority, reversed)
			continue
		}
		strength := big.NewRat(10_000, 1)
		for i, below := range reversed[:len(reversed)-1] {
			p, _ := w.c.Provider(below)
			j := slices.IndexFunc(p.Owners, func(s topology.Stake) bool { return s.Owner == reversed[i+1] })
			strength.Mul(strength, big.NewRat(p.Owners[j].Share, 10_000))
		}
		require.Zero(t, w.best[h.Owner].Cmp(strength))
	}
}

// TestControlOfManyWays has 50^31 chains.
func TestControlOfManyWays(t *testing.T) {
	spec := topology.Spec{Providers: []topology.Provider{{ID: "top", Country: "DE"}}}
	owners := []topology.Stake{{Owner: "top", Share: 10_000}}
	for layer := range 31 {
		var next []topology.Stake
		for i := range 50 {
			id := topology.ProviderID(fmt.Sprintf("layer-%d-%d", layer, i))
			spec.Providers = append(spec.Providers, topology.Provider{ID: id, Country: "DE", Owners: owners})
			next = append(next, topology.Stake{Owner: id, Share: 200})
		}
		owners = next
	}
	spec.Providers = append(spec.Providers, topology.Provider{ID: "p", Country: "DE", Owners: owners})
	holdings := build(t, spec).Control("p")
	require.Len(t, holdings, 31*50+1)
	require.Equal(t, int64(10_000), holdings[0].Share)
	require.Equal(t, topology.ProviderID("top"), holdings[0].Owner)
	require.Len(t, holdings[0].Chain, 33)
}

// row makes providers p0 ... of which each owns the next.
func row(from, to int) []topology.Provider {
	var list []topology.Provider
	for i := from; i < to; i++ {
		p := topology.Provider{ID: topology.ProviderID(fmt.Sprintf("p%d", i)), Country: "DE"}
		if i > 0 {
			p.Owners = []topology.Stake{{Owner: topology.ProviderID(fmt.Sprintf("p%d", i-1)), Share: 10_000}}
		}
		list = append(list, p)
	}
	return list
}

// TestLongChains: chains of 32 stakes are the longest; one that is longer is told once, however it comes about.
func TestLongChains(t *testing.T) {
	c := build(t, topology.Spec{Providers: row(0, 33)})
	for _, n := range []int{34, 100_000} {
		for _, reverse := range []bool{false, true} {
			list := row(0, n)
			at := 33
			if reverse {
				slices.Reverse(list)
				at = n - 1 - at
			}
			_, err := topology.New(topology.Spec{Providers: list})
			require.EqualError(t, err, fmt.Sprintf(
				"invalid topology: providers[%d].owners: the chain of owners that starts at p33 is longer than 32", at))
		}
	}
	_, err := c.Update(topology.Changes{Put: topology.Spec{Providers: row(33, 34)}})
	require.EqualError(t, err, "invalid topology: providers[0].owners: the chain of owners that starts at p33 is longer than 32")

	top := topology.Provider{ID: "p0", Country: "DE", Owners: []topology.Stake{{Owner: "above", Share: 1}}}
	_, err = c.Update(topology.Changes{Put: topology.Spec{Providers: []topology.Provider{top, {ID: "above", Country: "DE"}}}})
	require.EqualError(t, err, "invalid topology: providers: the chain of owners that starts at p32 is longer than 32")
}

// TestManyCycles at the end of a long chain: each is told, and looked at once.
func TestManyCycles(t *testing.T) {
	const n = 50_000
	list := row(0, n)
	for i := range n {
		id := topology.ProviderID(fmt.Sprintf("self-%d", i))
		list[0].Owners = append(list[0].Owners, topology.Stake{Owner: id, Share: 1})
		list = append(list, topology.Provider{ID: id, Country: "DE", Owners: []topology.Stake{{Owner: id, Share: 1}}})
	}
	slices.Reverse(list[:n])
	_, err := topology.New(topology.Spec{Providers: list})
	require.ErrorContains(t, err, "ownership goes round: self-0, owned by self-0")

	list = row(0, n)
	list[0].Owners = []topology.Stake{{Owner: list[n-1].ID, Share: 1}}
	_, err = topology.New(topology.Spec{Providers: list})
	require.ErrorContains(t, err, "invalid topology: providers[0].owners: ownership goes round: p0, owned by p49999, owned by p49998")
	require.Less(t, len(err.Error()), 1000)
}
