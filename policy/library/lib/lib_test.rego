package domicile.lib_test

import data.domicile.lib.control
import data.domicile.lib.demand
import data.domicile.lib.geo
import data.domicile.lib.ladder

test_the_eea_is_the_eu_and_three_more if {
	eu := {c | some c in data.domicile.tables.eu.values.countries}
	eea := {c | some c in data.domicile.tables.eea.values.countries}
	count(eu) == 27
	eea - eu == {"IS", "LI", "NO"}
	eu - eea == set()
}

test_no_member_has_an_adequacy_decision if {
	adequacy := data.domicile.tables.adequacy.values
	adequate := {c | some c in adequacy.unconditional} | object.keys(adequacy.conditional)
	adequate & {c | some c in data.domicile.tables.eea.values.countries} == set()
	count(adequate) == 16
}

test_every_class_states_every_key if {
	values := data.domicile.tables["data-classes"].values
	every row in values.classes {
		object.keys(row) == object.keys(values.unknown)
	}
}

test_the_unknown_class_is_as_strict_as_any if {
	values := data.domicile.tables["data-classes"].values
	every row in values.classes {
		ladder.reaches(["any", "eea-adequate", "eea", "eu"], values.unknown.location, row.location)
		ladder.reaches(["any", "eea-adequate", "eea", "eu"], values.unknown.transit, row.transit)
		ladder.reaches(["any", "not-exposed", "eea"], values.unknown.control, row.control)
		ladder.reaches(["any", "listed-not-exposed", "listed-eea"], values.unknown.carriers, row.carriers)
		ladder.reaches(data.domicile.tables.encryption.values.ladder, values.unknown.keys, row.keys)
		ladder.reaches(data.domicile.tables.facilities.values.access, values.unknown.access, row.access)
	}
}

test_a_demand_falls_back_to_the_strictest if {
	demand.want("odd", "location") == "eu" with data.domicile.tables["data-classes"].values as {"unknown": {"location": "eu"}, "classes": {"odd": {}}}
	demand.want("odd", "keys") == "unstated" with data.domicile.tables["data-classes"].values as {"unknown": {"location": "eu"}, "classes": {"odd": {}}}
	demand.want("", "location") == "any"
	demand.want("payments", "location") == "eea"
}

test_an_undefined_group_is_empty if {
	not geo.inside("europe", "DE")
	geo.words("europe") == `the group "europe", which is not defined`
}

test_groups_have_words if {
	geo.words("any") == "any country"
	geo.words("eu") == "the EU"
}

test_a_list_of_countries_is_inside_as_a_whole if {
	geo.all_inside("eu", ["DE", "FR"])
	not geo.all_inside("eu", ["DE", "NO"])
	not geo.all_inside("eu", [])
	not geo.all_inside("eu", "DE")
	not geo.all_inside("eu", {"seat": "DE"})
}

test_rungs_are_compared_by_their_place if {
	ladder.reaches(["a", "b", "c"], "b", "b")
	ladder.reaches(["a", "b", "c"], "c", "a")
	not ladder.reaches(["a", "b", "c"], "a", "b")
	not ladder.reaches(["a", "b", "c"], "z", "a")
	not ladder.reaches(["a", "b", "c"], "a", "z")
}

test_certificates_are_held_by_scheme_and_level if {
	held := [{"scheme": "ENS", "level": "medium"}, {"scheme": "ISO-27001", "level": ""}]
	ladder.holds(held, "ENS", "basic")
	not ladder.holds(held, "ENS", "high")
	ladder.holds(held, "ISO-27001", "")
	not ladder.holds(held, "HDS", "v1")
	not ladder.holds([{"scheme": "TISAX", "level": "high"}], "ENS", "high")
	ladder.held(held, "ENS") == "ENS medium"
	ladder.held(held, "ISO-27001") == "ISO-27001"
	ladder.held(held, "HDS") == "none"
}

test_control_is_the_seat_and_the_chains_of_majorities if {
	holdings := [
		{"owner": "mother", "country": "LU", "share": 10000, "controls": true},
		{"owner": "grandmother", "country": "US", "share": 10000, "controls": true},
		{"owner": "fund", "country": "CN", "share": 300, "controls": false},
	]
	{s.name | some s in control.seats("DE", holdings)} == {"its own seat", "mother", "grandmother"}
	control.words(control.exposed("DE", holdings)) == "grandmother (US)"
	control.words(control.outside("eu", "CH", holdings)) == "grandmother (US), its own seat (CH)"
	control.words(control.unknown("", holdings)) == "its own seat (country unknown)"
	count(control.laws(control.exposed("DE", holdings))) == 2
}
