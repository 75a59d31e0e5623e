package domicile.tenant.warenhaus.rivals_test

import data.domicile.lib.fixture
import data.domicile.tenant.warenhaus.rivals

test_admits_other_providers if {
	count(rivals.deny) == 0 with input as fixture.base
	count(rivals.deny) == 0 with input as fixture.owned([fixture.parent("alphabet", "US")], {})
}

test_admits_a_rival_without_control if {
	count(rivals.deny) == 0 with input as fixture.owned([{"owner": "amazon", "country": "US", "share": 400, "controls": false}], {})
}

test_refuses_the_rivals_provider if {
	found := rivals.deny with input as fixture.owned([fixture.parent("amazon", "US")], {})
	{d.rival | some d in found} == {"amazon"}
}
