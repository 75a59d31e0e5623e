package domicile.packs["health-fr_test"]

import data.domicile.lib.fixture
import data.domicile.packs["health-fr"] as pack

dossier(changes) := object.union(fixture.patched({"workload": {"data": "health-fr"}}), changes)

test_admits_a_certified_host_in_the_eea if {
	count(pack.deny) == 0 with input as dossier({"site": {"country": "FR"}})
	count(pack.deny) == 0 with input as dossier({"site": {"country": "NO"}})
}

test_is_silent_on_other_data if {
	count(pack.deny) == 0 with input as fixture.without(
		["provider/attributes/publishesTransfers", "provider/attributes/supportFrom"],
		{"site": {"country": "IN", "certifications": []}},
	)
}

test_refuses_an_adequate_country_outside_the_eea if {
	found := pack.deny with input as dossier({"site": {"country": "CH"}})
	count(found) == 1
	some d in found
	d.country == "CH"
	d.group == "eea"
}

test_refuses_the_first_version_of_the_certificate if {
	found := pack.deny with input as dossier({"site": {"certifications": [{"scheme": "HDS", "level": "v1"}]}})
	count(found) == 1
	some d in found
	d.held == "HDS v1"
}

test_refuses_a_host_without_a_certificate if {
	found := pack.deny with input as dossier({"site": {"certifications": []}})
	{d.scheme | some d in found} == {"HDS"}
}

test_refuses_a_host_that_publishes_nothing if {
	found := pack.deny with input as json.remove(dossier({}), ["provider/attributes/publishesTransfers"])
	{d.attribute | some d in found} == {"publishesTransfers"}
	count(pack.deny) == 1 with input as dossier({"provider": {"attributes": {"publishesTransfers": false}}})
}

test_refuses_access_from_places_that_are_not_stated if {
	found := pack.deny with input as json.remove(dossier({}), ["provider/attributes/supportFrom"])
	{d.attribute | some d in found} == {"supportFrom"}
	count(pack.deny) == 1 with input as dossier({"provider": {"attributes": {"supportFrom": []}}})
	count(pack.deny) == 1 with input as dossier({"provider": {"attributes": {"supportFrom": "FR"}}})
}
