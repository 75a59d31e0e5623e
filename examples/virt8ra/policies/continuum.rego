# METADATA
# title: What all members of the continuum agreed on
package domicile.continuum.agreement

# METADATA
# title: Towers are for work that asks for them
# description: A cell tower has a few dozen cores. Work that does not name the far edge among its tiers is not worth one.
# custom:
#   code: VIRT-001
#   basis: "agreement of the members"
#   as_of: "2026-11"
deny contains {"tier": input.site.tier, "tiers": input.workload.tiers, "message": message} if {
	input.site.tier == "far-edge"
	not "far-edge" in input.workload.tiers
	message := sprintf("a tower takes only work that names the tier far-edge; the workload's tiers are %v", [input.workload.tiers])
}

# METADATA
# title: A member before a guest
# description: The hyperscalers' regions are guests of the continuum; between equals, a member gets the work.
# custom:
#   code: VIRT-101
#   basis: "agreement of the members"
#   as_of: "2026-11"
prefer contains {"points": 5, "because": "the provider is a member of the continuum"} if {
	not input.provider.id in {"aws", "azure", "google"}
}
