# METADATA
# title: Public sector of Poland and Spain
# description: |
#   Polish Cloud Computing Cybersecurity Standards (SCCO) and the Spanish Esquema Nacional de Seguridad (ENS), for the classes that
#   table public-sector lists. Reads from the workload's attributes: scco (scco1 to scco4), polandOnly; ensCategory (basic, medium, high), euRegister.
package domicile.packs["public-sector"]

import data.domicile.lib.geo
import data.domicile.lib.ladder

# METADATA
# title: The SCCO level of the information is met
# custom:
#   code: PUB-001
#   basis: "PL: Cloud Computing Cybersecurity Standards (SCCO 2025), resolution on the Common State IT Infrastructure (WIIP)"
#   as_of: "2026-11"
deny contains {"level": level, "held": held, "message": message} if {
	polish
	level := object.get(input.workload.attributes, "scco", "not stated")
	not ladder.holds(input.site.certifications, poland.scheme, level)
	held := ladder.held(input.site.certifications, poland.scheme)
	message := sprintf("the information's SCCO level is %v; attested and valid: %s", [level, held])
}

# METADATA
# title: Sensitive information stays in the government cloud
# custom:
#   code: PUB-002
#   basis: "PL: SCCO levels 3 and 4 (as summarised for the edition of 2020)"
#   as_of: "2026-11"
deny contains {"level": input.workload.attributes.scco, "message": message} if {
	polish
	ladder.reaches(ladder.scheme(poland.scheme), input.workload.attributes.scco, poland.governmentCloudFrom)
	not input.provider.attributes.governmentCloud == true
	message := sprintf("information of level %s belongs into the government cloud, which the provider does not state to be", [input.workload.attributes.scco])
}

# METADATA
# title: Polish public information stays in the EEA, or in Poland where its owner says so
# custom:
#   code: PUB-003
#   basis: "PL: SCCO, location of data centres"
#   as_of: "2026-11"
deny contains {"country": country, "message": message} if {
	polish
	country := input.site.country
	not polish_place(country)
	message := sprintf("the information must stay in %s; the site is in %s", [polish_limit, country])
}

# METADATA
# title: The system's ENS category is certified
# custom:
#   code: PUB-004
#   basis: "ES: Real Decreto 311/2022 Art. 2(3) and 38 to 40"
#   as_of: "2026-11"
deny contains {"category": category, "held": held, "message": message} if {
	spanish
	category := object.get(input.workload.attributes, "ensCategory", "not stated")
	not ladder.holds(input.site.certifications, spain.scheme, category)
	held := ladder.held(input.site.certifications, spain.scheme)
	message := sprintf("the system's ENS category is %v; certified and valid: %s", [category, held])
}

# METADATA
# title: Spanish registers stay in the EU
# custom:
#   code: PUB-005
#   basis: "ES: Ley 40/2015 Art. 46 bis (Real Decreto-ley 14/2019)"
#   as_of: "2026-11"
deny contains {"country": country, "message": message} if {
	spanish
	not input.workload.attributes.euRegister == false
	country := input.site.country
	not geo.inside(spain.registers, country)
	message := sprintf("the workload does not state euRegister: false, so it must stay in %s; the site is in %s", [geo.words(spain.registers), country])
}

poland := data.domicile.tables["public-sector"].values.PL

spain := data.domicile.tables["public-sector"].values.ES

polish if input.workload.data in poland.classes

spanish if input.workload.data in spain.classes

polish_place("PL")

polish_place(country) if {
	geo.inside(poland.storage, country)
	input.workload.attributes.polandOnly == false
}

polish_limit := geo.words(poland.storage) if {
	input.workload.attributes.polandOnly == false
} else := "Poland, since the workload does not state polandOnly: false"
