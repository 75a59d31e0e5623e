package domicile.packs.sovereignty_test

import data.domicile.lib.fixture
import data.domicile.packs.sovereignty

asks(seal) := fixture.patched({"workload": {"attributes": {"seal": seal}}})

test_admits_a_provider_without_levels_for_open_data if {
	count(sovereignty.deny) == 0 with input as fixture.without(["provider/sovereignty/SOV-2", "provider/attributes/supportFrom"], {})
}

test_admits_a_class_whose_levels_are_reached if {
	count(sovereignty.deny) == 0 with input as fixture.patched({"workload": {"data": "sovereign"}})
}

test_refuses_a_class_whose_level_is_not_reached if {
	found := sovereignty.deny with input as fixture.patched({"workload": {"data": "health-de"}, "provider": {"sovereignty": {"SOV-2": 1}}})
	count(found) == 1
	some d in found
	d.objective == "SOV-2"
	d.least == 2
	d.level == 1
	d.class == "health-de"
}

test_refuses_a_class_whose_level_is_unknown if {
	found := sovereignty.deny with input as fixture.without(["provider/sovereignty/SOV-2"], {"workload": {"data": "health-de"}})
	{d.level | some d in found} == {"unknown"}
}

test_admits_a_workload_whose_level_is_reached if {
	count(sovereignty.deny) == 0 with input as asks({"SOV-5": 2})
}

test_refuses_a_workload_whose_level_is_not_reached if {
	found := sovereignty.deny with input as asks({"SOV-5": 3})
	count(found) == 1
	some d in found
	d.least == 3
	d.level == 2
	contains(d.message, "SEAL-3 in SOV-5 (supply chain sovereignty); the provider's level: 2")
}

test_refuses_an_unknown_objective if {
	found := sovereignty.deny with input as asks({"SOV-9": 0})
	count([d | some d in found; d.demand == {"SOV-9": 0}]) == 1
}

test_refuses_a_level_that_does_not_exist if {
	every level in [5, -1, "3", null] {
		found := sovereignty.deny with input as asks({"SOV-1": level})
		count([d | some d in found; d.demand]) == 1
	}
}

test_admits_the_ends_of_the_scale if {
	count(sovereignty.deny) == 0 with input as asks({"SOV-1": 0, "SOV-7": 4})
}

test_refuses_a_demand_that_is_no_mapping if {
	found := sovereignty.deny with input as asks("SOV-1")
	{d.demand | some d in found} == {"SOV-1"}
	count(sovereignty.deny) == 1 with input as asks([])
}

test_refuses_a_table_without_levels if {
	found := sovereignty.deny with input as fixture.patched({"workload": {"data": "odd"}})
		with data.domicile.tables["data-classes"].values as {"unknown": {}, "classes": {"odd": {"support": "any"}}}
	{d.demand | some d in found} == {"unstated"}
}

test_refuses_access_from_outside_the_group if {
	found := sovereignty.deny with input as fixture.patched({
		"workload": {"data": "personal"},
		"provider": {"attributes": {"supportFrom": ["DE", "IN"]}},
	})
	count(found) == 1
	some d in found
	d.supportFrom == ["DE", "IN"]
	d.group == "eea-adequate"
}

test_refuses_access_from_places_that_are_not_stated if {
	found := sovereignty.deny with input as fixture.without(["provider/attributes/supportFrom"], {"workload": {"data": "personal"}})
	{d.supportFrom | some d in found} == {"not stated"}
	count(sovereignty.deny) == 1 with input as fixture.patched({"workload": {"data": "personal"}, "provider": {"attributes": {"supportFrom": []}}})
	count(sovereignty.deny) == 1 with input as fixture.patched({"workload": {"data": "personal"}, "provider": {"attributes": {"supportFrom": "DE"}}})
}

test_admits_access_from_inside_the_group if {
	count(sovereignty.deny) == 0 with input as fixture.patched({"workload": {"data": "personal"}, "provider": {"attributes": {"supportFrom": ["GB"]}}})
}

test_prefers_a_higher_score if {
	# 45 + 30 + 30 + 45 + 40 + 45 + 40 + 10 = 285 of 400.
	sovereignty.prefer == {{"points": 14, "because": "weighted sovereignty score 71 %"}} with input as fixture.base
}

test_an_unknown_level_scores_nothing if {
	found := sovereignty.prefer with input as fixture.without(["provider/sovereignty/SOV-5"], {})
	{p.points | some p in found} == {12}
}

test_gives_no_points_without_levels if {
	levels := ["provider/sovereignty"]
	count(sovereignty.prefer) == 0 with input as object.union(fixture.without(levels, {}), {"provider": {"sovereignty": {}}})
}
