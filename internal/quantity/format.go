package quantity

import (
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Format writes an amount as the shortest text that Parse reads as the same amount. Amounts of less than one of a
// suffix are written in a finer suffix where there is one ("500m", not "0.5"). A negative amount, which Parse refuses,
// is written with a minus sign.
func Format(v int64, u Unit) string {
	sign, n := magnitude(v)
	best := ""
	for _, x := range units[u].suffixes {
		if !x.written {
			continue
		}
		text, ok := decimal(n, x, len(units[u].suffixes) == 1 || u == Share)
		if ok && (best == "" || utf8.RuneCountInString(text) < utf8.RuneCountInString(best)) {
			best = text
		}
	}
	return sign + best
}

// decimal writes n base units in a suffix, if that is exact with few decimals and, unless only is set, the number is at
// least 1 or the suffix is the base unit.
func decimal(n uint64, x suffix, only bool) (string, bool) {
	most := 3 // more digits behind the point than that are worse to read than a finer suffix
	if only {
		most = 6
	} else if n < x.num && x.num > 1 && n != 0 {
		return "", false
	}
	whole, rest := n/x.num, n%x.num
	text := strconv.FormatUint(whole, 10)
	if rest == 0 {
		return text + x.text, true
	}
	fraction := ""
	for rest != 0 && len(fraction) < most {
		hi, lo := bits.Mul64(rest, 10)
		var digit uint64
		digit, rest = bits.Div64(hi, lo, x.num)
		fraction += strconv.FormatUint(digit, 10)
	}
	return text + "." + fraction + x.text, rest == 0
}

// Human writes an amount for people, rounded half away from zero to three significant digits, or to whole numbers from
// 100 on: "12.5 ms", "9.00 EUR", "256 GiB". Where little is left of a small price, its digits are kept: "0.004 EUR".
func Human(v int64, u Unit) string {
	def := units[u]
	sign, n := magnitude(v)
	for i, s := range def.scales {
		text := rounded(n, s.num, def.decimals)
		if i+1 < len(def.scales) {
			// What rounds up to one of the next scale is written in that.
			whole, _, _ := strings.Cut(text, ".")
			if n, err := strconv.ParseUint(whole, 10, 64); err != nil || n >= def.scales[i+1].num/s.num {
				continue
			}
		}
		if text == "1" && u == Cores {
			return sign + "1 core"
		}
		return sign + text + s.text
	}
	panic("quantity: unit without scales")
}

// rounded writes n/num with three significant digits, without trailing zeros but for so many decimals.
func rounded(n, num uint64, decimals int) string {
	places := max(decimals, significant(n, num))
	pow := uint64(1)
	for range places {
		pow *= 10
	}
	hi, lo := bits.Mul64(n, pow)
	lo, carry := bits.Add64(lo, num/2, 0)
	q, _ := bits.Div64(hi+carry, lo, num) // fits: either n/num is below 100 or places is small against num
	text := strconv.FormatUint(q/pow, 10)
	if places == 0 {
		return text
	}
	fraction := strconv.FormatUint(q%pow, 10)
	fraction = strings.Repeat("0", places-len(fraction)) + fraction
	for len(fraction) > decimals && fraction[len(fraction)-1] == '0' {
		fraction = fraction[:len(fraction)-1]
	}
	if fraction == "" {
		return text
	}
	return text + "." + fraction
}

// significant returns how many decimals show three significant digits of n/num.
func significant(n, num uint64) int {
	switch whole := n / num; {
	case whole >= 100 || n == 0:
		return 0
	case whole >= 10:
		return 1
	case whole >= 1:
		return 2
	}
	places := 3
	for ; n < num/10; n *= 10 {
		places++
	}
	return places
}

func magnitude(v int64) (sign string, n uint64) {
	if v < 0 {
		return "-", -uint64(v)
	}
	return "", uint64(v)
}
