package domicile.owner.gut.admission_test

import data.domicile.lib.fixture
import data.domicile.owner.gut.admission

test_admits_research if {
	count(admission.deny) == 0 with input as fixture.patched({"workload": {"attributes": {"purpose": "research"}}})
}

test_refuses_everything_else if {
	found := admission.deny with input as fixture.patched({"workload": {"attributes": {"purpose": "advertising"}}})
	{d.purpose | some d in found} == {"advertising"}
	count(admission.deny) == 1 with input as fixture.base
}
