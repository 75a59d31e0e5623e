package extender

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkRequest is what one request of 5,000 names costs beside HTTP.
func BenchmarkRequest(b *testing.B) {
	h := New(testCluster(b, nil), nil)
	names := []string{"berlin", "milan", "frankfurt"}
	for k := len(names); k < 5000; k++ {
		names = append(names, fmt.Sprintf("node-%05d", k))
	}
	body, out := request(b, testPod("p", "1"), names...), make([]byte, 0, 1<<20)
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := parseArgs(body, 10_000)
			require.NoError(b, err)
		}
	})
	b.Run("filter", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := h.filter(b.Context(), body, out)
			require.NoError(b, err)
		}
	})
	b.Run("prioritize", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := h.prioritize(b.Context(), body, out)
			require.NoError(b, err)
		}
	})
}
