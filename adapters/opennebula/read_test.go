package opennebula

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// captured opens a document of the outside data, or skips the test.
func captured(t testing.TB, name string) []byte {
	t.Helper()
	dir := os.Getenv("DOMICILE_DATA")
	if dir == "" {
		dir = "../../../shared/data"
	}
	b, err := os.ReadFile(filepath.Join(dir, "opennebula", name))
	if err != nil {
		t.Skipf("outside data not at hand: %v", err)
	}
	if filepath.Ext(name) == ".gz" {
		z, err := gzip.NewReader(bytes.NewReader(b))
		require.NoError(t, err)
		b, err = io.ReadAll(z)
		require.NoError(t, err)
	}
	return b
}

func TestRead_capturedBothWays(t *testing.T) {
	d, err := Read(bytes.NewReader(captured(t, "place_10vms_5hosts.stdin.b64.gz")))
	require.NoError(t, err)
	x, err := Read(bytes.NewReader(captured(t, "place_10vms_5hosts.xml")))
	require.NoError(t, err)
	require.Equal(t, d, x)
	require.Empty(t, d.Defects)
	require.Len(t, d.VMs, 10)
	require.Len(t, d.Hosts, 5)
	// Line breaks every 76 characters, as other encoders write them.
	raw := captured(t, "place_10vms_5hosts.xml")
	var lines bytes.Buffer
	text := base64.StdEncoding.EncodeToString(raw)
	for len(text) > 0 {
		n := min(76, len(text))
		lines.WriteString(text[:n] + "\r\n")
		text = text[n:]
	}
	x, err = Read(&lines)
	require.NoError(t, err)
	require.Equal(t, d, x)
}

func BenchmarkRead(b *testing.B) {
	text := captured(b, "bench_optimize.1000x200.b64.gz")
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		_, err := Read(bytes.NewReader(text))
		require.NoError(b, err)
	}
}
