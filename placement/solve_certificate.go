package placement

import "github.com/domicile-eu/domicile/placement/internal/bound"

// certificate writes prices with the names of sites and dimensions; nil where nothing is priced.
func (c *compiled) certificate(tier int, y *bound.Prices) *Certificate {
	if y.IsZero() {
		return nil
	}
	cert := &Certificate{Joint: y.Joint}
	for _, m := range y.Earlier {
		if m != 0 {
			cert.Earlier = y.Earlier
		}
	}
	for k, price := range y.Capacity {
		if price != 0 {
			cert.Capacity = append(cert.Capacity, ShadowPrice{
				Site: c.sites[k/len(c.dims)].ID, Dimension: c.dims[k%len(c.dims)], Price: price,
			})
		}
	}
	slopes := bound.Slopes(c.out, tier)
	for k, price := range y.Terms {
		if price != 0 {
			cert.Terms = append(cert.Terms, c.termPrice(&slopes[k], price))
		}
	}
	return cert
}

func (c *compiled) termPrice(s *bound.Slope, price int64) TermPrice {
	t := TermPrice{Tier: c.tiers[s.Tier].Name, Site: c.sites[s.Site].ID, Dimension: c.dims[s.Dim], Price: price}
	switch s.Kind {
	case bound.Excess:
		t.Kind = Excess
	case bound.Balance:
		t.Kind, t.Against = Balance, c.dims[c.out.Balance[s.Term].Against]
	case bound.Load:
		t.Kind = Load
	}
	return t
}
