# METADATA
# title: Encryption and confidential computing
# description: |
#   Who can read data at rest and in use. Reads from the workload's attributes: keys (a rung of table encryption),
#   confidentialComputing; from the site's: encryptionAtRest, confidentialComputing; from the provider's: keyManagement.
package domicile.packs.encryption

import data.domicile.lib.control
import data.domicile.lib.demand
import data.domicile.lib.ladder

# METADATA
# title: Keys of data at rest are in the hands that the class of data demands
# custom:
#   code: ENC-001
#   basis: "GDPR Art. 32(1)(a); EDPB Recommendations 01/2020, Annex 2"
#   as_of: "2026-11"
deny contains {"class": class, "least": least, "encryptionAtRest": have, "message": message} if {
	class := input.workload.data
	least := demand.want(class, "keys")
	least != "none"
	not keys_reach(least)
	have := object.get(input.site.attributes, "encryptionAtRest", "not stated")
	message := sprintf("%q data demands keys that are at least %s; the site's encryptionAtRest: %v", [class, least, have])
}

# METADATA
# title: Keys of data at rest are in the hands that the workload demands
# custom:
#   code: ENC-002
#   basis: "demand of the workload's owner"
#   as_of: "2026-11"
deny contains {"least": least, "encryptionAtRest": have, "message": message} if {
	least := input.workload.attributes.keys
	not keys_reach(least)
	have := object.get(input.site.attributes, "encryptionAtRest", "not stated")
	message := sprintf("the workload demands keys that are at least %v; the site's encryptionAtRest: %v", [least, have])
}

# METADATA
# title: Data in use are shielded from the provider where demanded
# custom:
#   code: ENC-003
#   basis: "GDPR Art. 32(1)(a); chosen per class of data or workload"
#   as_of: "2026-11"
deny contains {"attribute": "confidentialComputing", "message": message} if {
	confidential_demanded
	not input.site.attributes.confidentialComputing == true
	message := sprintf("%q data or its workload demands confidential computing, which the site does not state", [input.workload.data])
}

# METADATA
# title: On an exposed provider, keys and data in use are out of its reach
# custom:
#   code: ENC-004
#   basis: "EDPB Recommendations 01/2020, Annex 2, use cases 1 and 6; CJEU C-311/18"
#   as_of: "2026-11"
deny contains {"class": class, "control": exposed, "message": message} if {
	class := input.workload.data
	demand.want(class, "shielded") != false
	exposed := control.exposed(input.provider.country, input.provider.control)
	count(exposed) > 0
	not out_of_reach
	message := sprintf("the provider is controlled by %s; %q data may be there only with an external key service outside its group and confidential computing, not all of which are stated", [control.words(exposed), class])
}

keys_reach(least) if ladder.reaches(data.domicile.tables.encryption.values.ladder, input.site.attributes.encryptionAtRest, least)

confidential_demanded if demand.want(input.workload.data, "confidential") != false

confidential_demanded if input.workload.attributes.confidentialComputing != false

out_of_reach if {
	input.site.attributes.encryptionAtRest == "external-kms"
	input.provider.attributes.keyManagement in data.domicile.tables.encryption.values.outside
	input.site.attributes.confidentialComputing == true
}
