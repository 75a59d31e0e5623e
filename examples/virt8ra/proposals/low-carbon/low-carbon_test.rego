package domicile.continuum.low_carbon_test

import data.domicile.continuum.low_carbon

test_clean if count(low_carbon.deny) == 0 with input as {"site": {"energy": {"intensity": 300}}}

test_coal if count(low_carbon.deny) == 1 with input as {"site": {"energy": {"intensity": 650}}}

test_silent if count(low_carbon.deny) == 1 with input as {"site": {"energy": {}}}
