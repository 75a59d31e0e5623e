package synthetic

// policies are rules of the four kinds that continua have: where data may live, who may control the provider, what must
// be certified, which way data may travel; and one wish.
func policies() map[string]string {
	return map[string]string{"bench.rego": benchRules, "bench-eea.yaml": benchTable}
}

const benchRules = `# METADATA
# title: Rules of the synthetic continuum
package domicile.continuum.synthetic

eea := {c | some c in data.domicile.tables["bench-eea"].values.countries}

sensitive := {"personal", "health"}

# METADATA
# title: Data stays in the countries that its owner names
# custom:
#   code: SYN-001
#   basis: "made up for measuring"
#   as_of: "2026-01"
deny contains {"country": input.site.country, "residency": residency, "message": message} if {
	residency := input.workload.attributes.residency
	count(residency) > 0
	not input.site.country in residency
	message := sprintf("may only live in %v, not in %v", [residency, input.site.country])
}

# METADATA
# title: Sensitive data stays with providers under European control
# custom:
#   code: SYN-002
#   basis: "made up for measuring"
#   as_of: "2026-01"
deny contains {"owner": holder.owner, "country": holder.country} if {
	input.workload.data in sensitive
	some holder in input.provider.control
	holder.controls
	not holder.country in eea
}

# METADATA
# title: Sensitive data stays in the EEA
# custom:
#   code: SYN-003
#   basis: "made up for measuring"
#   as_of: "2026-01"
deny contains {"country": input.site.country} if {
	input.workload.data in sensitive
	not input.site.country in eea
}

# METADATA
# title: Health data needs a certified provider
# custom:
#   code: SYN-004
#   basis: "made up for measuring"
#   as_of: "2026-01"
deny contains {"have": schemes} if {
	input.workload.data == "health"
	schemes := {c.scheme | some c in input.site.certifications}
	not "ISO-27001" in schemes
}

# METADATA
# title: Low-carbon electricity is welcome
# custom:
#   code: SYN-101
#   basis: "made up for measuring"
#   as_of: "2026-01"
prefer contains {"points": 3, "because": "electricity below 100 g CO2e/kWh"} if {
	input.site.energy.intensity < 100
}

# METADATA
# title: Health data does not leave the EEA on its way
# custom:
#   code: SYN-201
#   basis: "made up for measuring"
#   as_of: "2026-01"
transit contains {"jurisdiction": input.jurisdiction} if {
	input.data == "health"
	not input.jurisdiction in eea
}
`

const benchTable = `apiVersion: domicile.eu/v1alpha1
kind: PolicyTable
name: bench-eea
asOf: 2026-01-01
source: "members of the EEA among the countries of the synthetic continuum"
validUntil: 2030-12-31
values:
  countries: [AT, BE, BG, CZ, DE, DK, EE, ES, FI, FR, GR, HR, HU, IE, IT, LT, LV, NL, PL, PT, RO, SE, SI, SK]
`

// outsideEEA are the countries of the map that the table leaves out.
func outsideEEA(country string) bool { return country == "GB" || country == "CH" }
