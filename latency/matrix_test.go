package latency

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

func ExampleReadMatrix() {
	m, err := ReadMatrix("rtt.csv", strings.NewReader(`city,lat,lon,Berlin,Ljubljana,Zagreb
Berlin,52.52,13.405,0,24.6,
Ljubljana,46.0569,14.5058,24.8,0,30.2
Zagreb,,,-1,30.2,0
`))
	if err != nil {
		panic(err)
	}
	for _, o := range m.Observations("pings") {
		fmt.Println(o.A, o.B, o.RTT.P50)
	}
	fmt.Println(*m.Where[0], m.Where[2])
	// Output:
	// Berlin Ljubljana 24.8 ms
	// Ljubljana Zagreb 30.2 ms
	// {52.52 13.405} <nil>
}

func TestReadMatrix_cells(t *testing.T) {
	m, err := ReadMatrix("m", strings.NewReader("\ufeff,a,b,c\r\na,7,0.0001, 2.5 \r\nb,0,nonsense,-0\r\nc,3600000,,\r\n"))
	require.NoError(t, err)
	assert.Equal(t, []topology.NodeID{"a", "b", "c"}, m.Names)
	assert.Equal(t, [][]topology.Micros{{0, 1, 2500}, {0, 0, 0}, {3600e6, 0, 0}}, m.RTT)
	assert.Equal(t, []*topology.Location{nil, nil, nil}, m.Where)
}

func TestReadMatrix_defects(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":    {"", "m: is empty"},
		"one":      {"x,a\na,0\n", "m: a matrix needs two places"},
		"names":    {"x,a,a,\n", `m:1: column 3: the name "a" is there twice` + "\n" + `m:1: column 4: the name is empty` + "\nm: has 0 rows for 3 places"},
		"few rows": {"x,a,b\na,0,1\n", "m: has 1 rows for 2 places"},
		"many":     {"x,a,b\na,0,1\nb,1,0\nc,1,1\n", "m:4: column 1: the header names only 2 places"},
		"order":    {"x,a,b\nb,0,1\na,1,0\n", `m:2: column 1: the row is "b", but the header's place 1 is "a"` + "\n" + `m:3: column 1: the row is "a", but the header's place 2 is "b"`},
		"cells":    {"x,a,b\na,0\nb,1,0\n", "m:2: column 1: the row has 2 cells, the header 3"},
		"numbers": {"x,a,b,c,d\na,0,NaN,Inf,1h\nb,0,0,0,3600001\nc,0,0,0,1e400\nd,0,0,0,0\n", `m:2: b: "NaN" is no number of milliseconds
m:2: c: "Inf" is no number of milliseconds
m:2: d: "1h" is no number of milliseconds
m:3: d: 3.600001e+06 ms are more than an hour
m:4: d: "1e400" is no number of milliseconds`},
		"coordinates": {"x,LAT,Lon,a,b\na,91,,0,1\nb,NaN,181,1,0\n", `m:2: column 2: "91" is no number of degrees from -90 to 90
m:2: column 3: "" is no number of degrees from -180 to 180
m:3: column 2: "NaN" is no number of degrees from -90 to 90
m:3: column 3: "181" is no number of degrees from -180 to 180`},
		"quotes": {"x,a,b\na,\"0,1\n", `m: parse error on line 2, column 8: extraneous or missing " in quoted-field`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadMatrix("m", strings.NewReader(c.text))
			require.ErrorIs(t, err, ErrInvalid)
			assert.Equal(t, c.want, strings.ReplaceAll(err.Error(), ErrInvalid.Error()+": ", ""))
		})
	}
}

func TestReadMatrix_limits(t *testing.T) {
	_, err := ReadMatrix("m", strings.NewReader(strings.Repeat("x,", mostMatrixPlaces+2)+"\n"))
	assert.ErrorContains(t, err, "m: 4098 places are more than 4096")
	_, err = readMatrix("m", io.MultiReader(strings.NewReader("x,a,b\n"), endless{}), 1<<20)
	assert.ErrorContains(t, err, "m: is larger than 1 MiB")
	var text strings.Builder
	text.WriteString("x")
	for i := range 15 {
		fmt.Fprintf(&text, ",n%d", i)
	}
	for i := range 15 {
		fmt.Fprintf(&text, "\nn%d%s", i, strings.Repeat(",x", 15))
	}
	_, err = ReadMatrix("m", strings.NewReader(text.String()))
	assert.ErrorContains(t, err, "m: and 110 more")
	_, err = ReadMatrix("m", io.MultiReader(strings.NewReader("x,a,b\n"), broken{}))
	assert.ErrorContains(t, err, "m: cable cut")
}

// endless is blank lines, which a reader of CSV skips without end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '\n'
	}
	return len(p), nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("cable cut") }

func FuzzReadMatrix(f *testing.F) {
	f.Add([]byte("city,lat,lon,a,b\na,52,13,0,24.6\nb,,,-1,0\n"))
	f.Add([]byte("\ufeffx,a,b\r\na,0,1e3\r\n\"b\",1,\"0\"\r\n"))
	f.Add([]byte("x,a,b\na,NaN,+Inf\nb,0x1p-2,_1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ReadMatrix("m", bytes.NewReader(text))
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		if len(m.RTT) != len(m.Names) || len(m.Where) != len(m.Names) {
			t.Fatal("sizes differ")
		}
		for i, l := range m.Where {
			if l != nil && !(math.Abs(l.Lat) <= 90 && math.Abs(l.Lon) <= 180) || m.RTT[i][i] != 0 {
				t.Fatal(l, m.RTT[i][i])
			}
		}
		for _, o := range m.Observations("") {
			if o.RTT.Check() != nil || o.A == o.B {
				t.Fatal(o)
			}
		}
	})
}
