# METADATA
# title: Residency
# description: |
#   In which countries a class of data may be processed. Reads from the workload's attributes: residency and notIn (lists of country
#   codes), home (one code, a wish).
package domicile.packs.residency

import data.domicile.lib.demand
import data.domicile.lib.geo

# METADATA
# title: The class of data is declared
# custom:
#   code: RES-001
#   basis: "GDPR Art. 24 and 32: measures follow the risk, so the risk must be known"
#   as_of: "2026-11"
deny contains {"class": class, "message": message} if {
	class := input.workload.data
	not demand.declared(class)
	message := sprintf("the class of data %q is in no table, so no place is known to be allowed for it", [class])
}

# METADATA
# title: The country is in the group that the class of data may live in
# custom:
#   code: RES-002
#   basis: "GDPR Art. 44 to 46"
#   as_of: "2026-11"
deny contains {"country": country, "group": group, "class": class, "message": message} if {
	class := input.workload.data
	country := input.site.country
	group := demand.want(class, "location")
	not geo.inside(group, country)
	not conditional
	message := sprintf("%q data may be processed in %s; the site is in %s", [class, geo.words(group), country])
}

# METADATA
# title: The condition of the country's adequacy decision is met
# custom:
#   code: RES-003
#   basis: "GDPR Art. 45; the adequacy decision of the country covers only some recipients"
#   as_of: "2026-11"
deny contains {"country": country, "condition": condition.covers, "attribute": condition.attribute, "message": message} if {
	conditional
	country := input.site.country
	condition := geo.condition(country)
	not geo.met(country, input.provider.attributes)
	message := sprintf("the adequacy decision for %s covers only %s, and the provider does not state %s", [country, condition.covers, condition.attribute])
}

# METADATA
# title: The country is one that the workload names
# custom:
#   code: RES-004
#   basis: "demand of the workload's owner"
#   as_of: "2026-11"
deny contains {"country": country, "allowed": allowed, "message": message} if {
	country := input.site.country
	allowed := input.workload.attributes.residency
	not listed(country, allowed)
	message := sprintf("the workload must stay in %v; the site is in %s", [allowed, country])
}

# METADATA
# title: The country is none that the workload rules out
# custom:
#   code: RES-005
#   basis: "demand of the workload's owner"
#   as_of: "2026-11"
deny contains {"country": country, "refused": refused, "message": message} if {
	country := input.site.country
	refused := input.workload.attributes.notIn
	not unlisted(country, refused)
	message := sprintf("the workload must not be in %v; the site is in %s", [refused, country])
}

# METADATA
# title: At home
# custom:
#   code: RES-101
#   basis: "wish of the workload's owner"
#   as_of: "2026-11"
prefer contains {"points": 10, "because": because} if {
	input.site.country == input.workload.attributes.home
	because := sprintf("the site is in %s, where the workload is at home", [input.site.country])
}

# A country with a conditional decision is judged by the condition and not by membership.
conditional if {
	demand.want(input.workload.data, "location") == "eea-adequate"
	geo.condition(input.site.country)
}

listed(country, countries) if {
	is_array(countries)
	country in countries
}

unlisted(country, countries) if {
	is_array(countries)
	not country in countries
}
