package domicile.packs.transit_test

import data.domicile.packs.transit

carriers := {"nordnetz": "DE", "alpenlink": "CH", "oceanic": "US", "nameless": ""}

country(class, code) := {"date": "2026-11-23", "data": class, "jurisdiction": code}

operator(class, name) := {"date": "2026-11-23", "data": class, "operator": name}

test_open_data_crosses_any_country if {
	count(transit.transit) == 0 with input as country("", "US")
}

test_strict_data_stays_in_its_group if {
	found := transit.transit with input as country("health-fr", "CH")
	count(found) == 1
	some d in found
	d.jurisdiction == "CH"
	d.group == "eea"
	d.message == `"health-fr" data may cross the EEA, not CH`
	count(transit.transit) == 0 with input as country("health-fr", "BE")
}

test_an_adequate_country_is_open_to_personal_data if {
	count(transit.transit) == 0 with input as country("personal", "CH")
}

test_a_conditional_decision_does_not_open_a_country if {
	count(transit.transit) == 1 with input as country("personal", "US")
}

test_an_undeclared_class_is_held_to_the_strictest_group if {
	count(transit.transit) == 1 with input as country("secret", "NO")
	count(transit.transit) == 0 with input as country("secret", "SE")
}

test_an_unknown_country_is_closed_to_all_but_open_data if {
	count(transit.transit) == 0 with input as country("", "")
	count(transit.transit) == 1 with input as country("telemetry", "")
}

test_open_data_crosses_any_network if {
	count(transit.transit) == 0 with input as operator("", "oceanic") with data.domicile.tables.operators.values.control as carriers
	count(transit.transit) == 0 with input as operator("", "") with data.domicile.tables.operators.values.control as carriers
}

test_strict_data_crosses_no_unknown_network if {
	every name in ["", "stranger"] {
		found := transit.transit with input as operator("health-de", name) with data.domicile.tables.operators.values.control as carriers
		count(found) == 1
		some d in found
		d.operator == name
	}
}

test_the_librarys_own_table_knows_nobody if {
	count(transit.transit) == 1 with input as operator("health-de", "nordnetz") with data.domicile.tables.operators.values.control as {}
}

test_strict_data_crosses_no_exposed_network if {
	found := transit.transit with input as operator("health-de", "oceanic") with data.domicile.tables.operators.values.control as carriers
	count(found) == 1
	some d in found
	d.country == "US"
	d.carriers == "listed-not-exposed"
}

test_control_from_an_unlisted_country_is_not_trusted if {
	count(transit.transit) == 1 with input as operator("health-de", "nameless") with data.domicile.tables.operators.values.control as carriers
}

test_strict_data_crosses_networks_that_are_not_exposed if {
	every name in ["nordnetz", "alpenlink"] {
		count(transit.transit) == 0 with input as operator("health-de", name) with data.domicile.tables.operators.values.control as carriers
	}
}

test_the_strictest_data_crosses_only_networks_of_the_eea if {
	count(transit.transit) == 0 with input as operator("public-pl", "nordnetz") with data.domicile.tables.operators.values.control as carriers
	found := transit.transit with input as operator("public-pl", "alpenlink") with data.domicile.tables.operators.values.control as carriers
	{d.carriers | some d in found} == {"listed-eea"}
}

test_a_demand_that_it_does_not_know_trusts_nobody if {
	count(transit.transit) == 1 with input as operator("odd", "nordnetz")
		with data.domicile.tables.operators.values.control as carriers
		with data.domicile.tables["data-classes"].values as {"unknown": {}, "classes": {"odd": {}}}
}
