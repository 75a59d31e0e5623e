# METADATA
# title: Who controls a provider
# description: |
#   Judges the seat of a provider and the chains of majority holdings above it (input.provider.control): a law reaches a
#   company through whoever can give it orders, wherever its machines stand.
package domicile.lib.control

import data.domicile.lib.geo

# seats lists {name, country} of the provider itself and of everybody who controls it.
seats(country, holdings) := {{"name": "its own seat", "country": country}} | {{"name": h.owner, "country": h.country} |
	some h in holdings
	h.controls
}

# exposed lists the seats in countries whose law reaches data abroad.
exposed(country, holdings) := {seat |
	some seat in seats(country, holdings)
	data.domicile.tables.extraterritorial.values.laws[seat.country]
}

# laws lists the laws by which the seats are exposed.
laws(some_seats) := sort({law |
	some seat in some_seats
	some law in data.domicile.tables.extraterritorial.values.laws[seat.country]
})

# unknown lists the seats of which the country is not known.
unknown(country, holdings) := {seat | some seat in seats(country, holdings); seat.country == ""}

# outside lists the seats that are not in a group of countries; an unknown country is in none.
outside(group, country, holdings) := {seat |
	some seat in seats(country, holdings)
	not geo.inside(group, seat.country)
}

# words lists seats for people: "amazon (US)".
words(some_seats) := concat(", ", sort([sprintf("%s (%s)", [seat.name, country]) |
	some seat in some_seats
	country := {true: "country unknown", false: seat.country}[seat.country == ""]
]))
