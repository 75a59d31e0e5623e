# METADATA
# title: Groups of jurisdictions
# description: |
#   Membership of a country in the groups that tables of policies name: any, eu, eea, eea-adequate. A group that is not one of these has no
#   members, so whatever demands it is refused everywhere.
package domicile.lib.geo

# inside says that the country belongs to the group without any condition. Any country is in "any", an unknown one too.
inside("any", _)

inside("eu", country) if country in data.domicile.tables.eu.values.countries

inside("eea", country) if country in data.domicile.tables.eea.values.countries

inside("eea-adequate", country) if country in data.domicile.tables.eea.values.countries

inside("eea-adequate", country) if country in data.domicile.tables.adequacy.values.unconditional

# condition is what a recipient in the country must fulfil to be covered by the country's adequacy decision; undefined
# where there is no conditional decision.
condition(country) := data.domicile.tables.adequacy.values.conditional[country]

# met says that the attributes state the country's condition as true.
met(country, attributes) if attributes[condition(country).attribute] == true

# all_inside says that countries is a list, not empty, whose members all belong to the group.
all_inside(group, countries) if {
	is_array(countries)
	count(countries) > 0
	every country in countries {
		inside(group, country)
	}
}

# words names a group for people.
words(group) := object.get(
	{
		"any": "any country",
		"eu": "the EU",
		"eea": "the EEA",
		"eea-adequate": "the EEA and countries with an adequacy decision",
	},
	group,
	sprintf("the group %q, which is not defined", [group]),
)
