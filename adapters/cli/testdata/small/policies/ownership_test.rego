package domicile.continuum.ownership_test

import rego.v1

import data.domicile.continuum.ownership

pair(country) := {
	"workload": {"data": "personal"},
	"provider": {"id": "p", "control": [{"owner": "o", "country": country, "controls": true}]},
}

test_control_from_abroad_is_refused if count(ownership.deny) == 1 with input as pair("US")

test_control_from_home_is_not if count(ownership.deny) == 0 with input as pair("FR")
