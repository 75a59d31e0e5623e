package quantity_test

import (
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/internal/quantity"
)

var all = []quantity.Unit{
	quantity.Cores, quantity.Bytes, quantity.BitsPerSecond, quantity.BytesPerSecond, quantity.Duration, quantity.Euro,
	quantity.Watt, quantity.Share, quantity.Factor, quantity.Count,
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		unit quantity.Unit
		text string
		want int64
	}{
		{quantity.Cores, "64", 64_000},
		{quantity.Cores, "500m", 500},
		{quantity.Cores, "0.5", 500},
		{quantity.Cores, "1.500", 1500},
		{quantity.Cores, "0", 0},
		{quantity.Bytes, "256Gi", 256 << 30},
		{quantity.Bytes, "10G", 10_000_000_000},
		{quantity.Bytes, "1Ti", 1 << 40},
		{quantity.Bytes, "0.5Ki", 512},
		{quantity.Bytes, "16MiB", 16 << 20},
		{quantity.Bytes, "1048576", 1 << 20},
		{quantity.Bytes, "9223372036854775807", math.MaxInt64},
		{quantity.Bytes, "1.00000000000000000000000000000", 1},
		{quantity.BitsPerSecond, "10Gbit/s", 10_000_000_000},
		{quantity.BitsPerSecond, "500Mbit/s", 500_000_000},
		{quantity.BitsPerSecond, "1kbit/s", 1000},
		{quantity.BitsPerSecond, "9600", 9600},
		{quantity.BytesPerSecond, "64Mi/s", 64 << 20},
		{quantity.BytesPerSecond, "5MB/s", 5_000_000},
		{quantity.BytesPerSecond, "40Mbit/s", 5_000_000},
		{quantity.Duration, "12.5ms", 12_500},
		{quantity.Duration, "300us", 300},
		{quantity.Duration, "300µs", 300},
		{quantity.Duration, "300μs", 300},
		{quantity.Duration, "2s", 2_000_000},
		{quantity.Duration, "1m", 60_000_000},
		{quantity.Duration, "1h", 3_600_000_000},
		{quantity.Duration, "0", 0},
		{quantity.Euro, "0.012", 12_000},
		{quantity.Watt, "6W", 6000},
		{quantity.Watt, "0.3W", 300},
		{quantity.Watt, "1.2kW", 1_200_000},
		{quantity.Share, "63.8%", 6380},
		{quantity.Share, "0.24", 2400},
		{quantity.Share, "1", 10_000},
		{quantity.Factor, "1.3", 1300},
		{quantity.Count, "4", 4},
	} {
		got, err := quantity.Parse(c.text, c.unit)
		require.NoError(t, err, c.text)
		assert.Equal(t, c.want, got, c.text)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		unit quantity.Unit
		text string
		want string
	}{
		{quantity.Cores, "", `"" is not a number of cores such as 4, 0.5 or 500m`},
		{quantity.Cores, "-4", `"-4" is negative`},
		{quantity.Cores, "+4", `"+4" is not a number of cores such as 4, 0.5 or 500m`},
		{quantity.Cores, "4 ", `"4 " is not a number of cores such as 4, 0.5 or 500m`},
		{quantity.Cores, ".5", `".5" is not a number of cores such as 4, 0.5 or 500m`},
		{quantity.Cores, "5.", `"5." is not a number of cores such as 4, 0.5 or 500m`},
		{quantity.Cores, "1.2.3", `"1.2.3" is not a number of cores such as 4, 0.5 or 500m`},
		{quantity.Cores, "1e3", `"1e3" is not a number of cores such as 4, 0.5 or 500m`},
		{quantity.Cores, "04", `"04" has a leading zero`},
		{quantity.Cores, "00.5", `"00.5" has a leading zero`},
		{quantity.Bytes, "016Gi", `"016Gi" has a leading zero`},
		{quantity.Duration, "00", `"00" has a leading zero`},
		{quantity.Cores, "0.0005", `"0.0005" is finer than a milli-core`},
		{quantity.Cores, "0.5m", `"0.5m" is finer than a milli-core`},
		{quantity.Cores, "0.0000000000000000001", `"0.0000000000000000001" is finer than a milli-core`},
		{quantity.Cores, "9223372036854776", `"9223372036854776" is too large`},
		{quantity.Bytes, "1.5", `"1.5" is finer than a byte`},
		{quantity.Bytes, "8Ei", `"8Ei" is too large`},
		{quantity.Bytes, "9223372036854775808", `"9223372036854775808" is too large`},
		{quantity.Bytes, "184467440737095516160", `"184467440737095516160" is too large`},
		{quantity.Bytes, "18446744073709551616", `"18446744073709551616" is too large`},
		{quantity.Bytes, "18446744073709551615Ei", `"18446744073709551615Ei" is too large`},
		{quantity.Bytes, "16Gb", `"16Gb" is not an amount of memory such as 256Gi, 10G or 1048576`},
		{quantity.Bytes, "٣", `"٣" is not an amount of memory such as 256Gi, 10G or 1048576`},
		{quantity.BitsPerSecond, "10Gbps", `"10Gbps" is not a bandwidth such as 10Gbit/s or 500Mbit/s`},
		{quantity.BytesPerSecond, "1bit/s", `"1bit/s" is finer than a byte per second`},
		{quantity.Duration, "12", `"12" is not a duration such as 12.5ms, 300us or 2s`},
		{quantity.Duration, "0.1us", `"0.1us" is finer than a microsecond`},
		{quantity.Euro, "0.0000001", `"0.0000001" is finer than a millionth of a euro`},
		{quantity.Share, "0.001%", `"0.001%" is finer than a hundredth of a percent`},
		{quantity.Count, "1.5", `"1.5" is finer than one`},
		{quantity.Count, strings.Repeat("x", 100), `"` + strings.Repeat("x", 64) + `..." is not a whole number`},
	} {
		_, err := quantity.Parse(c.text, c.unit)
		require.ErrorIs(t, err, quantity.ErrQuantity, c.text)
		assert.EqualError(t, err, "malformed quantity: "+c.want)
	}
}

func TestFormat(t *testing.T) {
	for _, c := range []struct {
		unit quantity.Unit
		v    int64
		want string
	}{
		{quantity.Cores, 64_000, "64"},
		{quantity.Cores, 500, "500m"},
		{quantity.Cores, 1500, "1.5"},
		{quantity.Bytes, 0, "0"},
		{quantity.Bytes, 256 << 30, "256Gi"},
		{quantity.Bytes, 1536 << 20, "1.5Gi"},
		{quantity.Bytes, 10_000_000_000, "10G"},
		{quantity.Bytes, 1025, "1025"},
		{quantity.BitsPerSecond, 10_000_000_000, "10Gbit/s"},
		{quantity.BytesPerSecond, 5_000_000, "5MB/s"},
		{quantity.BytesPerSecond, 64 << 20, "64Mi/s"},
		{quantity.Duration, 12_500, "12.5ms"},
		{quantity.Duration, 500_000, "500ms"},
		{quantity.Duration, 90_000_000, "90s"},
		{quantity.Duration, 3_600_000_000, "1h"},
		{quantity.Euro, 12_000, "0.012"},
		{quantity.Euro, 1, "0.000001"},
		{quantity.Watt, 300, "300mW"},
		{quantity.Share, 6380, "63.8%"},
		{quantity.Share, 1, "0.01%"},
		{quantity.Factor, 1300, "1.3"},
		{quantity.Count, -4, "-4"},
		{quantity.Euro, math.MinInt64, "-9223372036854.775808"},
	} {
		assert.Equal(t, c.want, quantity.Format(c.v, c.unit))
	}
}

func TestHuman(t *testing.T) {
	for _, c := range []struct {
		unit quantity.Unit
		v    int64
		want string
	}{
		{quantity.Cores, 4000, "4 cores"},
		{quantity.Cores, 1000, "1 core"},
		{quantity.Cores, 500, "0.5 cores"},
		{quantity.Cores, 1, "0.001 cores"},
		{quantity.Bytes, 0, "0 B"},
		{quantity.Bytes, 256 << 30, "256 GiB"},
		{quantity.Bytes, 1<<40 + 1<<39, "1.5 TiB"},
		{quantity.Bytes, 1<<30 - 1, "1 GiB"},
		{quantity.Bytes, 1023 << 20, "1023 MiB"},
		{quantity.Bytes, math.MaxInt64, "8 EiB"},
		{quantity.BitsPerSecond, 2_500_000_000, "2.5 Gbit/s"},
		{quantity.BytesPerSecond, 5 << 20, "5 MiB/s"},
		{quantity.Duration, 12_500, "12.5 ms"},
		{quantity.Duration, 12_549, "12.5 ms"},
		{quantity.Duration, 12_550, "12.6 ms"},
		{quantity.Duration, 999, "999 µs"},
		{quantity.Duration, 999_600, "1 s"},
		{quantity.Duration, 5_400_000_000, "1.5 h"},
		{quantity.Euro, 9_000_000, "9.00 EUR"},
		{quantity.Euro, 500_000, "0.50 EUR"},
		{quantity.Euro, 4_000, "0.004 EUR"},
		{quantity.Euro, 4_125, "0.00413 EUR"},
		{quantity.Euro, 1, "0.000001 EUR"},
		{quantity.Euro, 0, "0.00 EUR"},
		{quantity.Euro, 1_234_567_890_000, "1234567.89 EUR"},
		{quantity.Euro, -1_230_000, "-1.23 EUR"},
		{quantity.Watt, 300_000, "300 W"},
		{quantity.Share, 6380, "63.8 %"},
		{quantity.Factor, 1300, "1.3"},
		{quantity.Count, 123456, "123456"},
	} {
		assert.Equal(t, c.want, quantity.Human(c.v, c.unit))
	}
	for _, u := range all {
		for _, v := range []int64{math.MinInt64, math.MaxInt64, 0, 1, -1} {
			assert.NotEmpty(t, quantity.Human(v, u))
		}
	}
}

// TestFormatRoundTrip: whatever is written is read as the same amount.
func TestFormatRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, u := range all {
		for range 20_000 {
			v := rng.Int64() >> rng.IntN(63)
			if rng.IntN(2) == 0 { // round amounts, which find the suffixes
				for p := rng.IntN(7); p > 0 && v < math.MaxInt64/1024; p-- {
					v *= []int64{10, 60, 1000, 1024}[rng.IntN(4)]
					v = max(v, 0)
				}
			}
			text := quantity.Format(v, u)
			got, err := quantity.Parse(text, u)
			require.NoError(t, err)
			require.Equal(t, v, got, text)
		}
	}
}

// FuzzParse compares with rational arithmetic: a text that is read is read exactly.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"64", "500m", "256Gi", "40Mbit/s", "12.5ms", "1h", "24%", "0.012", "8Ei", "-1", "1e9", "µs"} {
		for _, u := range all {
			f.Add(s, uint8(u))
		}
	}
	f.Fuzz(func(t *testing.T, s string, which uint8) {
		u := all[int(which)%len(all)]
		v, err := quantity.Parse(s, u)
		if err != nil {
			require.True(t, errors.Is(err, quantity.ErrQuantity))
			require.Zero(t, v)
			return
		}
		require.GreaterOrEqual(t, v, int64(0))
		again, err := quantity.Parse(quantity.Format(v, u), u)
		require.NoError(t, err)
		require.Equal(t, v, again)

		end := strings.LastIndexAny(s, "0123456789") + 1
		number, ok := new(big.Rat).SetString(s[:end])
		require.True(t, ok, s)
		if number.Sign() == 0 {
			require.Zero(t, v)
			return
		}
		one, err := quantity.Parse("8"+s[end:], u) // 8 of any suffix is exact, bits in bytes too
		if err == nil {
			require.Zero(t, new(big.Rat).Mul(number, big.NewRat(one, 8)).Cmp(new(big.Rat).SetInt64(v)), s)
		}
	})
}
