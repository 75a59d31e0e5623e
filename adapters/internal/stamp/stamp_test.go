package stamp

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOf(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "folder/file")
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
	seen := map[uint64]bool{Of(dir): true}
	fresh := func(what string) {
		t.Helper()
		now := Of(dir)
		assert.False(t, seen[now], what)
		assert.Equal(t, now, Of(dir), what)
		seen[now] = true
	}
	require.NoError(t, os.WriteFile(name, []byte("a"), 0o644))
	fresh("new")
	require.NoError(t, os.WriteFile(name, []byte("ab"), 0o644))
	fresh("longer")
	require.NoError(t, os.Chtimes(name, time.Time{}, time.Unix(1, 0)))
	fresh("other time")
	require.NoError(t, os.Rename(name, name+"2"))
	fresh("other name")
	require.NoError(t, os.Symlink(name+"2", name))
	fresh("link")
	assert.NotEqual(t, Of(name), Of(name+"3"))
	assert.Equal(t, Of(name+"3"), Of(name+"3"), "what is not there is that, too")
}
