# METADATA
# title: French health data
# description: |
#   Hosting of personal health data under Art. L. 1111-8 of the Code de la santé publique: certified host (HDS), storage in the EEA, openness
#   about access from outside of it, for the classes that table health lists.
package domicile.packs["health-fr"]

import data.domicile.lib.geo
import data.domicile.lib.ladder

# METADATA
# title: Stored in the EEA
# custom:
#   code: HFR-001
#   basis: "HDS reference of 2024 (order of 26 April 2024): physical hosting only in the EEA"
#   as_of: "2026-11"
deny contains {"country": country, "group": regime.storage, "message": message} if {
	applies
	country := input.site.country
	not geo.inside(regime.storage, country)
	message := sprintf("French health data must be hosted in %s; the site is in %s", [geo.words(regime.storage), country])
}

# METADATA
# title: The host is certified HDS, version 2
# custom:
#   code: HFR-002
#   basis: "Code de la santé publique Art. L. 1111-8; order of 26 April 2024, version 1 ended on 16 May 2026"
#   as_of: "2026-11"
deny contains {"scheme": wanted.scheme, "level": wanted.level, "held": held, "message": message} if {
	applies
	wanted := regime.attestation
	not ladder.holds(input.site.certifications, wanted.scheme, wanted.level)
	held := ladder.held(input.site.certifications, wanted.scheme)
	message := sprintf("the host must be certified %s; held and valid: %s", [ladder.words(wanted.scheme, wanted.level), held])
}

# METADATA
# title: The host publishes which data go outside the EEA
# custom:
#   code: HFR-003
#   basis: "HDS reference of 2024, sovereignty requirements 28 to 31: public map of transfers"
#   as_of: "2026-11"
deny contains {"attribute": "publishesTransfers", "message": message} if {
	applies
	not input.provider.attributes.publishesTransfers == true
	message := "the provider does not state publishesTransfers: true, that it publishes a map of transfers to outside the EEA"
}

# METADATA
# title: It is stated from which countries data can be reached
# custom:
#   code: HFR-004
#   basis: "HDS reference of 2024, sovereignty requirements 28 to 31: remote access from third countries must be disclosed"
#   as_of: "2026-11"
deny contains {"attribute": "supportFrom", "message": message} if {
	applies
	not access_stated
	message := "the provider does not list in supportFrom the countries from which its staff can reach data"
}

regime := data.domicile.tables.health.values.FR

applies if input.workload.data in regime.classes

access_stated if {
	is_array(input.provider.attributes.supportFrom)
	count(input.provider.attributes.supportFrom) > 0
}
