package domicile.continuum.cores

import rego.v1

# METADATA
# title: Databases stand in France
# custom: {code: HOME-T1, basis: "a proposal", as_of: "2026-11"}
deny contains {"country": input.site.country, "message": "the site is not in France"} if {
	input.workload.component == "db"
	not input.site.country == "FR"
}
