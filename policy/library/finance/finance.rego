# METADATA
# title: Financial entities
# description: |
#   What DORA asks of an arrangement with a provider and that can be read off a site, for the classes that table finance lists. Concentration
#   is a spread over providers in the application, not a rule. Reads from the workload's attributes: registeredLocations (country codes in the
#   register of arrangements), criticalFunction, exitPlan, cardholderData.
package domicile.packs.finance

import data.domicile.lib.geo
import data.domicile.lib.ladder

# METADATA
# title: The place of processing is named to the country and the city
# custom:
#   code: FIN-001
#   basis: "DORA Art. 30(2)(b)"
#   as_of: "2026-11"
deny contains {"country": input.site.country, "city": input.site.city, "message": message} if {
	applies
	not place_named
	message := sprintf("the contract must name where data are processed; the site's country is %q, its city %q", [input.site.country, input.site.city])
}

# METADATA
# title: The country stands in the register of arrangements
# custom:
#   code: FIN-002
#   basis: "DORA Art. 28(3) and 30(2)(b)"
#   as_of: "2026-11"
deny contains {"country": input.site.country, "message": message} if {
	applies
	not registered
	message := sprintf("%s is not among the workload's registeredLocations", [input.site.country])
}

# METADATA
# title: The provider grants audit and inspection
# custom:
#   code: FIN-003
#   basis: "DORA Art. 30(3)(e)"
#   as_of: "2026-11"
deny contains {"attribute": "auditRights", "message": message} if {
	applies
	not input.provider.attributes.auditRights == true
	message := "the provider does not state auditRights: true, that it grants audit and inspection"
}

# METADATA
# title: The provider can be left in time
# custom:
#   code: FIN-004
#   basis: "DORA Art. 28(8) and 30(3)(f); EU Data Act Art. 25(2)"
#   as_of: "2026-11"
deny contains {"exitNoticeDays": stated, "limitDays": limit, "message": message} if {
	applies
	limit := data.domicile.tables.finance.values.exitDays
	not leaves_in_time
	stated := object.get(input.provider.attributes, "exitNoticeDays", "not stated")
	message := sprintf("notice and transition may take at most %d days; the provider's exitNoticeDays: %v", [limit, stated])
}

# METADATA
# title: A provider from outside the EU has a subsidiary inside
# description: DORA asks it of providers designated as critical; who is one is not known here, so it is asked of all.
# custom:
#   code: FIN-005
#   basis: "DORA Art. 31(12)"
#   as_of: "2026-11"
deny contains {"seat": input.provider.country, "message": message} if {
	applies
	not geo.inside("eu", input.provider.country)
	not input.provider.attributes.euSubsidiary == true
	message := sprintf("the provider's seat is in %s and it does not state euSubsidiary: true", [input.provider.country])
}

# METADATA
# title: Cards are handled only under the card scheme's attestation
# custom:
#   code: FIN-006
#   basis: "PCI DSS, by contract with the card schemes"
#   as_of: "2026-11"
deny contains {"scheme": wanted.scheme, "level": wanted.level, "held": held, "message": message} if {
	applies
	not input.workload.attributes.cardholderData == false
	wanted := data.domicile.tables.finance.values.card
	not ladder.holds(input.site.certifications, wanted.scheme, wanted.level)
	held := ladder.held(input.site.certifications, wanted.scheme)
	message := sprintf("the workload does not state cardholderData: false, so the site needs %s; held and valid: %s", [ladder.words(wanted.scheme, wanted.level), held])
}

# METADATA
# title: A critical or important function has an exit plan
# custom:
#   code: FIN-007
#   basis: "DORA Art. 28(8)"
#   as_of: "2026-11"
deny contains {"attribute": "exitPlan", "message": message} if {
	applies
	not input.workload.attributes.criticalFunction == false
	not planned
	message := "the workload does not state criticalFunction: false, so it needs an exitPlan (the name of the document)"
}

applies if input.workload.data in data.domicile.tables.finance.values.classes

place_named if {
	input.site.country != ""
	input.site.city != ""
}

registered if {
	is_array(input.workload.attributes.registeredLocations)
	input.site.country in input.workload.attributes.registeredLocations
}

leaves_in_time if {
	is_number(input.provider.attributes.exitNoticeDays)
	input.provider.attributes.exitNoticeDays <= data.domicile.tables.finance.values.exitDays
}

planned if {
	is_string(input.workload.attributes.exitPlan)
	input.workload.attributes.exitPlan != ""
}
