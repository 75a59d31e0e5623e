# METADATA
# title: Ownership
# description: |
#   Whose orders a provider must follow. Exposure to laws such as the CLOUD Act and FISA 702 follows control, not the address
#   of the data centre: the provider's seat and every chain of majority holdings above it count.
package domicile.packs.ownership

import data.domicile.lib.control
import data.domicile.lib.demand
import data.domicile.lib.geo

# METADATA
# title: Nobody in control is subject to a law that reaches data abroad
# custom:
#   code: OWN-001
#   basis: "EU Data Act Art. 32; GDPR Art. 48; CJEU C-311/18"
#   as_of: "2026-11"
deny contains {"class": class, "control": exposed, "laws": laws, "message": message} if {
	class := input.workload.data
	level in {"not-exposed", "eea"}
	exposed := control.exposed(input.provider.country, input.provider.control)
	count(exposed) > 0
	laws := control.laws(exposed)
	message := sprintf("the provider is controlled by %s, subject to %s, which %q data must not be exposed to", [control.words(exposed), concat(" and ", laws), class])
}

# METADATA
# title: Control lies inside the EEA
# custom:
#   code: OWN-002
#   basis: "Commission Cloud Sovereignty Framework, SOV-1 and SOV-2; chosen per class of data"
#   as_of: "2026-11"
deny contains {"class": class, "control": outside, "message": message} if {
	class := input.workload.data
	level == "eea"
	outside := control.outside("eea", input.provider.country, input.provider.control)
	count(outside) > 0
	message := sprintf("%q data demands a provider controlled inside the EEA; control lies with %s", [class, control.words(outside)])
}

# METADATA
# title: It is known in which country control lies
# custom:
#   code: OWN-003
#   basis: "EU Data Act Art. 32: who cannot name the controlling party cannot rule out unlawful access"
#   as_of: "2026-11"
deny contains {"class": class, "control": unknown, "message": message} if {
	class := input.workload.data
	level != "any"
	unknown := control.unknown(input.provider.country, input.provider.control)
	count(unknown) > 0
	message := sprintf("%q data demands to know who controls the provider; the country of %s is unknown", [class, control.words(unknown)])
}

# METADATA
# title: The majority of the owners is known
# custom:
#   code: OWN-004
#   basis: "EU Data Act Art. 32: who cannot name the controlling party cannot rule out unlawful access"
#   as_of: "2026-11"
deny contains {"class": class, "knownPercent": known, "message": message} if {
	class := input.workload.data
	level != "any"
	not disclosed
	known := input.provider.ownersKnown / 100
	message := sprintf("owners are named for only %v %% of the provider, which states no form of ownership for the rest; %q data demands to know the majority", [known, class])
}

# METADATA
# title: The control that the class of data demands is one that this pack knows
# custom:
#   code: OWN-005
#   basis: "table data-classes"
#   as_of: "2026-11"
deny contains {"class": class, "demand": level, "message": message} if {
	class := input.workload.data
	not level in {"any", "not-exposed", "eea"}
	message := sprintf("the table of data classes demands control %q for %q data, which is not any, not-exposed or eea", [level, class])
}

# METADATA
# title: No single holding from outside the EU above the limit
# custom:
#   code: OWN-006
#   basis: "ANSSI SecNumCloud 3.2, section 19.6 b"
#   as_of: "2026-11"
deny contains {"owner": holding.owner, "country": holding.country, "sharePercent": holding.share / 100, "limitPercent": limit / 100, "message": message} if {
	capital_limited
	limit := data.domicile.tables.capital.values.single
	some holding in foreign
	holding.share > limit
	message := sprintf("%s (%s) holds %v %% of the provider, more than the %v %% that one holder from outside the EU may", [holding.owner, holding.country, holding.share / 100, limit / 100])
}

# METADATA
# title: Holdings from outside the EU together are not above the limit
# description: |
#   Holdings along one chain are all counted, so a chain of two companies from outside the EU counts twice: too strict
#   rather than too lax, where only the sums over chains are known.
# custom:
#   code: OWN-007
#   basis: "ANSSI SecNumCloud 3.2, section 19.6 b"
#   as_of: "2026-11"
deny contains {"sharePercent": joint / 100, "limitPercent": limit / 100, "message": message} if {
	capital_limited
	limit := data.domicile.tables.capital.values.joint
	joint := min([10000, sum([holding.share | some holding in foreign])])
	joint > limit
	message := sprintf("holders from outside the EU have %v %% of the provider, more than the %v %% that they may together", [joint / 100, limit / 100])
}

# METADATA
# title: What is not known of the capital could not break the limits
# custom:
#   code: OWN-008
#   basis: "ANSSI SecNumCloud 3.2, section 19.6 b"
#   as_of: "2026-11"
deny contains {"unknownPercent": unknown / 100, "limitPercent": limit / 100, "message": message} if {
	capital_limited
	limit := data.domicile.tables.capital.values.single
	unknown := 10000 - input.provider.ownersKnown
	unknown > limit
	not form_stated
	message := sprintf("no owner is named for %v %% of the provider, enough for a holder from outside the EU above %v %%", [unknown / 100, limit / 100])
}

# METADATA
# title: The provider has its seat in the EU
# custom:
#   code: OWN-009
#   basis: "ANSSI SecNumCloud 3.2, section 19.6 a"
#   as_of: "2026-11"
deny contains {"country": input.provider.country, "message": message} if {
	capital_limited
	not geo.inside("eu", input.provider.country)
	message := sprintf("the provider's seat is in %s; it must be in the EU", [input.provider.country])
}

# METADATA
# title: Owned inside the EU throughout
# custom:
#   code: OWN-101
#   basis: "Commission Cloud Sovereignty Framework, SOV-1"
#   as_of: "2026-11"
prefer contains {"points": 5, "because": "the provider's seat and all its known owners are in the EU"} if {
	geo.inside("eu", input.provider.country)
	disclosed
	count(foreign) == 0
}

level := demand.want(input.workload.data, "control")

capital_limited if demand.want(input.workload.data, "capital") != "any"

foreign := {holding |
	some holding in input.provider.control
	not geo.inside("eu", holding.country)
}

disclosed if input.provider.ownersKnown > 5000

disclosed if form_stated

form_stated if input.provider.attributes.ownershipForm in data.domicile.tables.capital.values.forms
