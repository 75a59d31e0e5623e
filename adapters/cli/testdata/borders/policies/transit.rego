package domicile.continuum.transit

import rego.v1

# METADATA
# title: Health data stays inside the Union on its way
# custom: {code: TRN-1, basis: "GDPR Art. 32", as_of: "2026-11"}
transit contains {"jurisdiction": input.jurisdiction, "message": sprintf("%s is outside", [input.jurisdiction])} if {
	input.data == "health"
	not input.jurisdiction in {"AT", "DE", "IT"}
}

# METADATA
# title: Health data goes through known networks only
# custom: {code: TRN-2, basis: "GDPR Art. 32", as_of: "2026-11"}
transit contains {"operator": input.operator, "message": sprintf("nobody vouches for %q", [input.operator])} if {
	input.data == "health"
	not input.operator in {"fibre", "radio"}
}
