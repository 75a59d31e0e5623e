package knapsack

import (
	"os"
	"strconv"
)

func envf(k string, d float64) float64 {
	if x, err := strconv.ParseFloat(os.Getenv(k), 64); err == nil {
		return x
	}
	return d
}
