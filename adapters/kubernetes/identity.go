package kubernetes

import (
	"strings"

	v1 "k8s.io/api/core/v1"

	"github.com/domicile-eu/domicile/topology"
)

// identity is what a node says of where it is, by labels that kubelets must not set. It is comparable: nodes of one
// identity are of one place.
type identity struct {
	site, country, provider, tier string
}

// identityOf reads a node's labels. Topology labels are not looked at, because kubelets set them.
func identityOf(n *v1.Node) identity {
	id := identity{n.Labels[SiteLabel], strings.ToUpper(n.Labels[CountryLabel]), n.Labels[ProviderLabel], n.Labels[TierLabel]}
	if id == (identity{}) {
		id.site = n.Name // the continuum's file may list the node itself
	}
	return id
}

// Reasons why a node is of no place.
const (
	reasonUnknownNode = "domicile: node is not known"
	reasonNoIdentity  = "domicile: node has no identity (no site of the continuum, or no country and provider)"
	reasonBadIdentity = "domicile: node's identity labels contradict the continuum"
	reasonCordoned    = "domicile: node is cordoned"
)

// site returns the site of the continuum that an identity stands for, made up of labels where it names none, and why there
// is none.
func (id identity) of(c *topology.Continuum) (site topology.Site, made bool, reason string) {
	if id.site != "" {
		s, ok := c.Site(topology.SiteID(id.site))
		switch {
		case !ok:
			return site, false, reasonNoIdentity
		case id.country != "" && id.country != string(s.Country), id.provider != "" && id.provider != string(s.Provider),
			id.tier != "" && id.tier != s.Tier.String():
			return site, false, reasonBadIdentity
		}
		return *s, false, ""
	}
	if id.country == "" || id.provider == "" {
		return site, false, reasonNoIdentity
	}
	if _, ok := c.Provider(topology.ProviderID(id.provider)); !ok {
		return site, false, reasonNoIdentity
	}
	tier := topology.Regional
	for id.tier != "" && tier.String() != id.tier {
		if tier = tier%topology.Cloud + 1; tier == topology.Regional {
			return site, false, reasonBadIdentity
		}
	}
	site = topology.Site{
		ID:       topology.SiteID(strings.ToLower("node." + id.country + "." + tier.String() + "." + id.provider)),
		Provider: topology.ProviderID(id.provider), Country: topology.Jurisdiction(id.country), Tier: tier,
		Runtimes: []topology.Runtime{topology.Kubernetes},
	}
	if _, _, taken := c.Place(site.ID.Node()); taken {
		return site, false, reasonBadIdentity
	}
	return site, true, ""
}
