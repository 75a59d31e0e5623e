# METADATA
# title: Transit
# description: |
#   Which countries and whose networks a class of data may cross on its way. No law forbids mere transit outright; these rules are an organisation's
#   measures against interception, driven by the table of data classes and by table operators, which an operator fills.
package domicile.packs.transit

import data.domicile.lib.demand
import data.domicile.lib.geo

# METADATA
# title: Traffic crosses only countries that its class of data allows
# custom:
#   code: TRA-001
#   basis: "GDPR Art. 5(1)(f) and 32 (security of transmission); chosen per class of data"
#   as_of: "2026-11"
transit contains {"class": input.data, "jurisdiction": input.jurisdiction, "group": group, "message": message} if {
	group := demand.want(input.data, "transit")
	not geo.inside(group, input.jurisdiction)
	message := sprintf("%q data may cross %s, not %s", [input.data, geo.words(group), input.jurisdiction])
}

# METADATA
# title: Traffic crosses only networks of known operators
# custom:
#   code: TRA-002
#   basis: "GDPR Art. 32 (security of transmission); chosen per class of data"
#   as_of: "2026-11"
transit contains {"class": input.data, "operator": input.operator, "message": message} if {
	demand.want(input.data, "carriers") != "any"
	not data.domicile.tables.operators.values.control[input.operator]
	message := sprintf("%q data may cross only networks of which it is known who controls them; nothing is known of %q", [input.data, input.operator])
}

# METADATA
# title: Traffic crosses only networks under control that its class of data allows
# custom:
#   code: TRA-003
#   basis: "GDPR Art. 32 and 48; EU Data Act Art. 32; chosen per class of data"
#   as_of: "2026-11"
transit contains {"class": input.data, "operator": input.operator, "country": country, "carriers": carriers, "message": message} if {
	carriers := demand.want(input.data, "carriers")
	carriers != "any"
	country := data.domicile.tables.operators.values.control[input.operator]
	not trusted(carriers, country)
	message := sprintf("%s is controlled from %s; %q data demands carriers %s", [input.operator, country, input.data, carriers])
}

trusted("listed-eea", country) if geo.inside("eea", country)

trusted("listed-not-exposed", country) if {
	country != ""
	not data.domicile.tables.extraterritorial.values.laws[country]
}
