package domicile.packs["health-de_test"]

import data.domicile.lib.fixture
import data.domicile.packs["health-de"] as pack

records(changes) := object.union(
	fixture.patched({"workload": {"data": "health-de", "attributes": {"c5CustomerControls": true}}}),
	changes,
)

test_admits_a_german_provider_with_c5_type_2 if {
	count(pack.deny) == 0 with input as records({})
}

test_is_silent_on_other_data if {
	count(pack.deny) == 0 with input as fixture.patched({"site": {"country": "IN", "certifications": []}, "provider": {"country": "IN"}})
	count(pack.deny) == 0 with input as fixture.patched({"site": {"country": "US"}})
}

test_admits_equated_and_adequate_states if {
	every country in ["FR", "NO", "CH", "GB", "JP"] {
		count(pack.deny) == 0 with input as records({"site": {"country": country}})
	}
}

test_refuses_a_country_outside if {
	found := pack.deny with input as records({"site": {"country": "IN"}})
	count(found) == 1
	some d in found
	d.country == "IN"
}

test_refuses_an_unknown_country if {
	count(pack.deny) == 1 with input as records({"site": {"country": ""}})
}

test_refuses_a_conditional_country_without_the_condition if {
	found := pack.deny with input as records({"site": {"country": "US"}})
	count(found) == 1
	some d in found
	d.condition
	contains(d.message, "dpfCertified")
}

test_admits_a_conditional_country_with_the_condition if {
	count(pack.deny) == 0 with input as records({"site": {"country": "US"}, "provider": {"attributes": {"dpfCertified": true}}})
}

test_refuses_a_provider_without_an_establishment_in_germany if {
	found := pack.deny with input as records({"provider": {"country": "FR"}})
	count(found) == 1
	some d in found
	d.seat == "FR"
}

test_refuses_an_establishment_elsewhere if {
	count(pack.deny) == 1 with input as records({"provider": {"country": "FR", "attributes": {"establishments": ["FR", "PL"]}}})
}

test_admits_an_establishment_in_germany if {
	count(pack.deny) == 0 with input as records({"provider": {"country": "FR", "attributes": {"establishments": ["FR", "DE"]}}})
}

test_refuses_a_type_1_attestation if {
	found := pack.deny with input as records({"site": {"certifications": [{"scheme": "BSI-C5", "level": "type1"}]}})
	count(found) == 1
	some d in found
	d.held == "BSI-C5 type1"
	d.level == "type2"
}

test_refuses_no_attestation if {
	found := pack.deny with input as records({"site": {"certifications": [{"scheme": "ISO-27001", "level": ""}]}})
	{d.held | some d in found} == {"none"}
}

test_refuses_customer_criteria_that_are_not_stated if {
	found := pack.deny with input as fixture.patched({"workload": {"data": "health-de"}})
	count(found) == 1
	some d in found
	d.attribute == "c5CustomerControls"
}

test_refuses_customer_criteria_that_are_not_carried_out if {
	count(pack.deny) == 1 with input as records({"workload": {"attributes": {"c5CustomerControls": false}}})
	count(pack.deny) == 1 with input as records({"workload": {"attributes": {"c5CustomerControls": "yes"}}})
}
