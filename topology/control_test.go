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

// TestControlOfManyDiamonds has 2^200 chains.
func TestControlOfManyDiamonds(t *testing.T) {
	spec := topology.Spec{Providers: []topology.Provider{{ID: "top-0", Country: "DE"}}}
	for i := range 200 {
		top := topology.ProviderID(fmt.Sprintf("top-%d", i))
		l, r := topology.ProviderID(fmt.Sprintf("left-%d", i)), topology.ProviderID(fmt.Sprintf("right-%d", i))
		whole := []topology.Stake{{Owner: top, Share: 10_000}}
		spec.Providers = append(spec.Providers, topology.Provider{ID: l, Country: "DE", Owners: whole},
			topology.Provider{ID: r, Country: "DE", Owners: whole},
			topology.Provider{ID: topology.ProviderID(fmt.Sprintf("top-%d", i+1)), Country: "DE",
				Owners: []topology.Stake{{Owner: l, Share: 5_000}, {Owner: r, Share: 5_000}}})
	}
	holdings := build(t, spec).Control("top-200")
	require.Len(t, holdings, 600)
	require.Equal(t, int64(10_000), holdings[0].Share)
	require.Equal(t, topology.ProviderID("top-0"), holdings[0].Owner)
	require.Len(t, holdings[0].Chain, 401)
}
