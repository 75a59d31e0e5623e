package domicile.continuum.ownership

import rego.v1

# METADATA
# title: Personal data stays out of reach of control from outside the EU
# custom: {code: OWN-T1, basis: "GDPR Art. 48", as_of: "2026-11"}
deny contains {"owner": h.owner, "country": h.country, "message": sprintf("%s (%s) controls %s", [h.owner, h.country, input.provider.id])} if {
	input.workload.data == "personal"
	some h in input.provider.control
	h.controls
	not h.country in data.domicile.tables.home.values.countries
}
