package domicile.continuum.agreement_test

import data.domicile.continuum.agreement
import data.domicile.lib.fixture

test_refuses_work_on_a_tower_that_does_not_ask_for_one if {
	found := agreement.deny with input as fixture.patched({"site": {"tier": "far-edge"}, "workload": {"tiers": ["edge"]}})
	{d.tier | some d in found} == {"far-edge"}
	count(agreement.deny) == 1 with input as fixture.patched({"site": {"tier": "far-edge"}})
}

test_admits_work_on_a_tower_that_asks_for_one if {
	count(agreement.deny) == 0 with input as fixture.patched({"site": {"tier": "far-edge"}, "workload": {"tiers": ["far-edge", "edge"]}})
}

test_admits_anything_elsewhere if {
	count(agreement.deny) == 0 with input as fixture.base
}

test_prefers_members if {
	{p.points | some p in agreement.prefer} == {5} with input as fixture.base
	count(agreement.prefer) == 0 with input as fixture.patched({"provider": {"id": "aws"}})
}
