package outline

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEuropeHoldsItsCapitals(t *testing.T) {
	countries, err := Europe()
	require.NoError(t, err)
	for _, city := range []struct {
		code     string
		lon, lat float64
	}{
		{"DE", 13.405, 52.52}, {"FR", 2.3522, 48.8566}, {"ES", -3.7038, 40.4168}, {"PL", 21.0122, 52.2297}, {"NL", 5.6649, 52.0404},
		{"SI", 14.5058, 46.0569}, {"HR", 15.9819, 45.815}, {"CH", 8.5417, 47.3769}, {"GB", -0.1276, 51.5072}, {"SE", 15.0, 59.3},
		{"HR", 13.8508, 44.9594}, {"IT", 12.3155, 45.4408}, {"PT", -9.1393, 38.7223}, // on the coast
	} {
		assert.Equal(t, city.code, At(countries, city.lon, city.lat))
	}
	assert.Empty(t, At(countries, -20, 45), "the Atlantic is nobody's")
}

func TestProjectKeepsDistancesNearTheCentre(t *testing.T) {
	x, y := Project(10, 52)
	assert.InDelta(t, 0, x, 1e-9)
	assert.InDelta(t, 0, y, 1e-9)
	bx, by := Project(13.405, 52.52)
	fx, fy := Project(8.6821, 50.1109)
	assert.InDelta(t, 424, math.Hypot(bx-fx, by-fy), 5, "Berlin to Frankfurt is 424 km")
	assert.Greater(t, by, fy, "north is up")
}

func TestProjectHasAPlaceForEverything(t *testing.T) {
	x, y := Project(-170, -52)
	assert.False(t, math.IsNaN(x) || math.IsInf(x, 0) || math.IsNaN(y) || math.IsInf(y, 0), "the antipode: %v, %v", x, y)
}
