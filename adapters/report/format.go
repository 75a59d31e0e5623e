package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/domicile-eu/domicile/internal/quantity"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// euros writes an amount with a fixed number of decimals, rounded half away from zero: "0.3812". At most 6 decimals.
func euros(m topology.MicroEUR, decimals int) string {
	unit := int64(1)
	for i := decimals; i < 6; i++ {
		unit *= 10
	}
	v, sign := int64(m), ""
	if v < 0 {
		v, sign = -v, "-"
	}
	v = (v + unit/2) / unit
	if v == 0 {
		sign = ""
	}
	digits := strconv.FormatInt(v, 10)
	for len(digits) <= decimals {
		digits = "0" + digits
	}
	if decimals == 0 {
		return sign + digits
	}
	return sign + digits[:len(digits)-decimals] + "." + digits[len(digits)-decimals:]
}

// signed puts a plus before what is not negative.
func signed(s string) string {
	if strings.HasPrefix(s, "-") {
		return s
	}
	return "+" + s
}

// millis writes a latency in milliseconds with two decimals, so that columns line up; "unknown" where negative. It rounds
// up: what is above its bound must not look as if it were on it.
func millis(us topology.Micros) string {
	if us < 0 {
		return "unknown"
	}
	us = (us + 9) / 10
	return fmt.Sprintf("%d.%02d", us/100, us%100)
}

// percent writes a fraction as a percentage with as many digits as matter.
func percent(f float64) string {
	switch p := 100 * f; {
	case p == 0:
		return "0 %"
	case p < 0.01:
		return "< 0.01 %"
	case p < 1:
		return fmt.Sprintf("%.2f %%", p)
	default:
		return fmt.Sprintf("%.1f %%", p)
	}
}

// bytesize writes a size, "1.5 GiB".
func bytesize(n int64) string { return quantity.Human(n, quantity.Bytes) }

// bitrate writes a rate, "2.5 Gbit/s".
func bitrate(n int64) string { return quantity.Human(n, quantity.BitsPerSecond) }

// duration writes a time span for a plan, rounded down: "1.2 s", "12 min 05 s", "3 h 07 min", "31 d 6 h".
func duration(us topology.Micros) string {
	sign := ""
	if us < 0 {
		us, sign = -us, "-"
	}
	s := int64(us) / 1_000_000
	switch {
	case us < 1_000_000:
		return sign + millis(us) + " ms"
	case s < 60:
		return fmt.Sprintf("%s%d.%d s", sign, s, int64(us)%1_000_000/100_000)
	case s < 3600:
		return fmt.Sprintf("%s%d min %02d s", sign, s/60, s%60)
	case s < 48*3600:
		return fmt.Sprintf("%s%d h %02d min", sign, s/3600, s%3600/60)
	default:
		return fmt.Sprintf("%s%d d %d h", sign, s/86400, s%86400/3600)
	}
}

// tierAmount writes the value of a tier in the unit that its terms have: money, latency by rate, or plain numbers.
func tierAmount(o placement.Objective, tier string, v int64) string {
	for _, t := range objective(o) {
		if t.Name != tier {
			continue
		}
		money, latencies := len(t.Terms) > 0, len(t.Terms) > 0
		for _, term := range t.Terms {
			money = money && term.Kind != placement.Unplaced && term.Kind != placement.UserLatency && term.Kind != placement.Load
			latencies = latencies && term.Kind == placement.UserLatency && term.Weight == 1
		}
		switch {
		case money:
			return euros(topology.MicroEUR(v), 4) + " EUR/h"
		case latencies:
			return strconv.FormatInt(v, 10) + " ms x Mbit/s"
		}
	}
	return strconv.FormatInt(v, 10)
}

// objective returns the objective in force.
func objective(o placement.Objective) placement.Objective {
	if o == nil {
		return placement.DefaultObjective
	}
	return o
}

// grams writes milligrams as grams, or as kilograms from one on: "820.5 g", "16.2 kg".
func grams(mg int64) string {
	if mg >= 1_000_000 || mg <= -1_000_000 {
		return euros(topology.MicroEUR(mg), 1) + " kg"
	}
	return euros(topology.MicroEUR(mg)*1000, 1) + " g"
}

// Day writes the only now of an answer: a date, or date and time in UTC where it is not midnight.
func Day(t time.Time) string {
	t = t.UTC()
	if t.Equal(t.Truncate(24 * time.Hour)) {
		return t.Format(time.DateOnly)
	}
	return t.Format(time.RFC3339)
}
