package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
)

func TestResilienceOnATerminal(t *testing.T) {
	r := &placement.ResilienceReport{Already: 2, Examined: map[placement.FailureKind]int{placement.FailedLink: 60, placement.FailedSite: 1}}
	broken := []placement.BrokenPromise{
		{Kind: placement.ByTransit, Application: "shop", Promise: "web > db", Missed: 1, Of: 3, Have: -1, Unit: "us"},
		{Kind: placement.ByPath, Application: "shop", Promise: "order", Missed: 1, Of: 1, Have: 30_001, Want: 30_000, Unit: "us"},
		{Kind: placement.BySpread, Application: "shop", Promise: "web spread over 2 values of country", Missed: 1, Of: 1, Have: 1, Want: 2, Unit: "country"},
		{Kind: placement.ByAffinity, Application: "shop", Promise: "api with db on one site", Missed: 1, Of: 1},
	}
	for i := range 60 {
		r.Losses = append(r.Losses, placement.Loss{Kind: placement.FailedLink, ID: fmt.Sprintf("l%02d", i), Promises: broken, Applications: []string{"shop"}, Rate: 1e6})
	}
	r.Losses[1].Promises = append(append(append([]placement.BrokenPromise{}, broken...), broken...), broken...)
	r.Losses = append(r.Losses, placement.Loss{Kind: placement.FailedSite, ID: "far", Workloads: []placement.WorkloadID{"shop/web-1"}})
	var b strings.Builder
	require.NoError(t, Resilience(&b, &placement.Problem{}, r))
	text := b.String()
	for _, want := range []string{
		"of 61 single failures (1 site, 60 links) 60 break a promise, 1 more only",
		"charged to no failure: 2 promises",
		"and 21 that hurt less",
		"  shop: web > db: no way left, 1 of 3 pairs\n",
		"  shop: order: 30.01 ms of 30.00 ms\n",
		"  shop: web spread over 2 values of country: 1 of 2\n",
		"  shop: api with db on one site does not hold\n",
		"  and 4 promises more\n",
	} {
		assert.Contains(t, text, want)
	}
	assert.Equal(t, 40, strings.Count(text, "1 Mbit/s"))
	assert.Equal(t, mostLosses, strings.Count(text, "\nlink l"), "those of the table stand further right")
}
