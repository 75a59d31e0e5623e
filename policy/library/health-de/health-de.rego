# METADATA
# title: German health and social data in the cloud
# description: |
#   Conditions of section 393 SGB V under which German care providers and health insurers may process health and social data in a
#   cloud, for the classes that table health lists. Reads from the workload's attributes: c5CustomerControls. What the law asks beyond
#   stated facts (state of the art, contracts) is not checked.
package domicile.packs["health-de"]

import data.domicile.lib.geo
import data.domicile.lib.ladder

# METADATA
# title: Processed in Germany, the EU, an equated state or one with an adequacy decision
# custom:
#   code: HDE-001
#   basis: "section 393(2) SGB V; section 35(7) SGB I; GDPR Art. 45"
#   as_of: "2026-11"
deny contains {"country": country, "message": message} if {
	applies
	country := input.site.country
	not place(country)
	not geo.condition(country)
	message := sprintf("German health data may be processed in the EU, in states equated with its members and under an adequacy decision; the site is in %s", [country])
}

# METADATA
# title: The condition of the adequacy decision is met
# custom:
#   code: HDE-002
#   basis: "section 393(2) no. 3 SGB V; GDPR Art. 45"
#   as_of: "2026-11"
deny contains {"country": country, "condition": condition.covers, "message": message} if {
	applies
	country := input.site.country
	condition := geo.condition(country)
	not geo.met(country, input.provider.attributes)
	message := sprintf("the adequacy decision for %s covers only %s, and the provider does not state %s", [country, condition.covers, condition.attribute])
}

# METADATA
# title: The provider has an establishment in Germany
# custom:
#   code: HDE-003
#   basis: "section 393(2) SGB V, last half-sentence"
#   as_of: "2026-11"
deny contains {"seat": input.provider.country, "message": message} if {
	applies
	not established
	message := sprintf("the processing body needs an establishment in Germany; its seat is in %s and it states no establishment in DE", [input.provider.country])
}

# METADATA
# title: A C5 attestation of type 2 is current
# custom:
#   code: HDE-004
#   basis: "section 393(3) no. 2 and (4) SGB V"
#   as_of: "2026-11"
deny contains {"scheme": wanted.scheme, "level": wanted.level, "held": held, "message": message} if {
	applies
	wanted := regime.attestation
	not ladder.holds(input.site.certifications, wanted.scheme, wanted.level)
	held := ladder.held(input.site.certifications, wanted.scheme)
	message := sprintf("since 1 July 2025 a current %s attestation is needed; held and valid: %s", [ladder.words(wanted.scheme, wanted.level), held])
}

# METADATA
# title: The criteria for customers of the C5 report are carried out
# custom:
#   code: HDE-005
#   basis: "section 393(3) no. 3 SGB V"
#   as_of: "2026-11"
deny contains {"attribute": "c5CustomerControls", "message": message} if {
	applies
	not input.workload.attributes.c5CustomerControls == true
	message := "the workload does not state c5CustomerControls: true, that its owner carries out the criteria for customers in the C5 report"
}

regime := data.domicile.tables.health.values.DE

applies if input.workload.data in regime.classes

place(country) if geo.inside("eu", country)

place(country) if country in data.domicile.tables.equated.values.countries

place(country) if country in data.domicile.tables.adequacy.values.unconditional

established if input.provider.country == regime.establishment

established if regime.establishment in input.provider.attributes.establishments
