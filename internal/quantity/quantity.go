// Package quantity reads and writes the quantities of Domicile's files: "500m" cores, "256Gi", "10Gbit/s", "12.5ms".
//
// A quantity is an int64 of its unit's base unit. All arithmetic is exact: a text that is finer than the base unit, or
// larger than an int64 holds, is an error and never a rounded value.
package quantity

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strings"
)

// ErrQuantity is wrapped by every error of Parse.
var ErrQuantity = errors.New("malformed quantity")

// Parse reads a text as an amount of a unit and returns base units, at least 0. A text is decimal digits, optionally a
// point and more digits, and one of the unit's suffixes, without blanks, sign, leading zeros or exponent. It is an error if the amount
// is negative, is no whole number of base units, or exceeds math.MaxInt64.
func Parse(s string, u Unit) (int64, error) {
	def := units[u]
	digits := len(s)
	if i := strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }); i >= 0 {
		digits = i
	}
	number, text := s[:digits], s[digits:]
	switch whole, fraction, point := strings.Cut(number, "."); {
	case strings.HasPrefix(s, "-"):
		return 0, fmt.Errorf("%w: %q is negative", ErrQuantity, clip(s))
	case whole == "" || point && fraction == "" || strings.Contains(fraction, "."):
		return 0, fmt.Errorf("%w: %q is not %s", ErrQuantity, clip(s), def.what)
	case len(whole) > 1 && whole[0] == '0': // octal to some
		return 0, fmt.Errorf("%w: %q has a leading zero", ErrQuantity, clip(s))
	default:
		for _, x := range def.suffixes {
			if x.text == text {
				return exact(s, whole, strings.TrimRight(fraction, "0"), x, def)
			}
		}
		if strings.Trim(number, "0.") == "" && text == "" {
			return 0, nil // nothing needs no unit
		}
		return 0, fmt.Errorf("%w: %q is not %s", ErrQuantity, clip(s), def.what)
	}
}

// exact returns whole.fraction of a suffix in base units.
func exact(s, whole, fraction string, x suffix, def unit) (int64, error) {
	// den * 10^18 still fits 64 bits, and no base unit has a use for more decimals.
	if len(fraction) > 18 {
		return 0, fmt.Errorf("%w: %q is finer than %s", ErrQuantity, clip(s), def.finest)
	}
	tooLarge := fmt.Errorf("%w: %q is too large", ErrQuantity, clip(s))
	var mantissa uint64
	for _, digit := range whole + fraction {
		hi, lo := bits.Mul64(mantissa, 10)
		sum, carry := bits.Add64(lo, uint64(digit-'0'), 0)
		if hi != 0 || carry != 0 {
			return 0, tooLarge
		}
		mantissa = sum
	}
	divisor := x.den
	for range fraction {
		divisor *= 10
	}
	hi, lo := bits.Mul64(mantissa, x.num)
	if hi >= divisor {
		return 0, tooLarge
	}
	q, rest := bits.Div64(hi, lo, divisor)
	switch {
	case q > math.MaxInt64:
		return 0, tooLarge
	case rest != 0:
		return 0, fmt.Errorf("%w: %q is finer than %s", ErrQuantity, clip(s), def.finest)
	}
	return int64(q), nil
}

// clip keeps an error readable whatever stands in a file.
func clip(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}
