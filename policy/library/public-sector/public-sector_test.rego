package domicile.packs["public-sector_test"]

import data.domicile.lib.fixture
import data.domicile.packs["public-sector"] as pack

polish(changes) := object.union(
	fixture.patched({"workload": {"data": "public-pl", "attributes": {"scco": "scco2", "polandOnly": false}}}),
	changes,
)

spanish(changes) := object.union(
	fixture.patched({"workload": {"data": "public-es", "attributes": {"ensCategory": "high", "euRegister": true}}}),
	changes,
)

test_is_silent_on_other_data if {
	count(pack.deny) == 0 with input as fixture.patched({
		"workload": {"attributes": {"scco": "scco3"}},
		"site": {"country": "IN", "certifications": []},
	})
}

test_admits_polish_information_at_its_level if {
	count(pack.deny) == 0 with input as polish({})
	count(pack.deny) == 0 with input as polish({"workload": {"attributes": {"scco": "scco1"}}})
}

test_refuses_a_site_attested_for_less if {
	found := pack.deny with input as polish({"site": {"certifications": [{"scheme": "SCCO", "level": "scco1"}]}})
	count(found) == 1
	some d in found
	d.level == "scco2"
	d.held == "SCCO scco1"
}

test_refuses_information_without_a_level if {
	found := pack.deny with input as json.remove(polish({}), ["workload/attributes/scco"])
	count(found) == 1
	some d in found
	d.level == "not stated"
}

test_refuses_sensitive_information_outside_the_government_cloud if {
	found := pack.deny with input as polish({
		"workload": {"attributes": {"scco": "scco3"}},
		"site": {"certifications": [{"scheme": "SCCO", "level": "scco3"}]},
	})
	count(found) == 1
	some d in found
	contains(d.message, "level scco3 belongs into the government cloud")
}

test_admits_sensitive_information_in_the_government_cloud if {
	count(pack.deny) == 0 with input as polish({
		"workload": {"attributes": {"scco": "scco3"}},
		"site": {"certifications": [{"scheme": "SCCO", "level": "scco4"}]},
		"provider": {"attributes": {"governmentCloud": true}},
	})
}

test_refuses_polish_information_outside_the_eea if {
	found := pack.deny with input as polish({"site": {"country": "CH"}})
	count(found) == 1
	some d in found
	d.country == "CH"
	contains(d.message, "stay in the EEA; the site is in CH")
}

test_keeps_polish_information_in_poland_where_nothing_else_is_stated if {
	found := pack.deny with input as json.remove(polish({}), ["workload/attributes/polandOnly"])
	count(found) == 1
	some d in found
	d.country == "DE"
	contains(d.message, "does not state polandOnly: false")
}

test_admits_polish_information_in_poland if {
	count(pack.deny) == 0 with input as polish({"site": {"country": "PL"}, "workload": {"attributes": {"polandOnly": true}}})
}

test_admits_a_spanish_system_at_its_category if {
	count(pack.deny) == 0 with input as spanish({})
	count(pack.deny) == 0 with input as spanish({"workload": {"attributes": {"ensCategory": "basic"}}})
}

test_refuses_a_lower_category if {
	found := pack.deny with input as spanish({"site": {"certifications": [{"scheme": "ENS", "level": "medium"}]}})
	count(found) == 1
	some d in found
	d.category == "high"
	d.held == "ENS medium"
}

test_refuses_a_system_without_a_category if {
	found := pack.deny with input as json.remove(spanish({}), ["workload/attributes/ensCategory"])
	{d.category | some d in found} == {"not stated"}
}

test_refuses_a_register_outside_the_eu if {
	found := pack.deny with input as spanish({"site": {"country": "NO"}})
	count(found) == 1
	some d in found
	d.country == "NO"
}

test_takes_a_spanish_system_for_a_register_where_nothing_is_stated if {
	count(pack.deny) == 1 with input as json.remove(spanish({"site": {"country": "NO"}}), ["workload/attributes/euRegister"])
}

test_admits_other_spanish_systems_outside_the_eu if {
	count(pack.deny) == 0 with input as spanish({"site": {"country": "NO"}, "workload": {"attributes": {"euRegister": false}}})
}
