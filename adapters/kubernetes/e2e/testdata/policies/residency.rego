package domicile.continuum.e2e

import data.domicile.lib.geo

# METADATA
# title: Personal data stay in the EU
# custom: {code: E2E-001}
deny contains {"country": input.site.country} if {
	not input.workload.data == "public"
	not geo.inside("eu", input.site.country)
}

# METADATA
# title: Secrets stay in Germany with a provider of Germany
# custom: {code: E2E-002}
deny contains {"country": input.site.country, "provider": input.provider.country} if {
	input.workload.data in {"secret", "vault"}
	not german
}

german if {
	input.site.country == "DE"
	input.provider.country == "DE"
}

# METADATA
# title: What belongs in the vault is in the vault
# custom: {code: E2E-003}
deny contains {"site": input.site.id} if {
	input.workload.data == "vault"
	not input.site.id == "vault"
}
