package e2e

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestImage runs the Dockerfile's build command, as it stands there but for where the program goes, and holds the program
// to being one that an empty image can run.
func TestImage(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles everything once more, static")
	}
	text, err := os.ReadFile("../Dockerfile")
	require.NoError(t, err)
	m := regexp.MustCompile(`(?m)^RUN (CGO_ENABLED=0 go build .*)$`).FindSubmatch(text)
	require.NotNil(t, m)
	out := filepath.Join(t.TempDir(), "domicile-extender")
	cmd := exec.Command("sh", "-c", regexp.MustCompile(`/out/domicile-extender`).ReplaceAllString(string(m[1]), out))
	cmd.Dir = "../../.."
	words, err := cmd.CombinedOutput()
	require.NoError(t, err, string(words))
	f, err := elf.Open(out)
	require.NoError(t, err)
	defer f.Close()
	for _, p := range f.Progs {
		assert.NotEqual(t, elf.PT_INTERP, p.Type, "the program asks for a loader")
	}
	assert.Regexp(t, `(?m)^USER 65532`, string(text))
	assert.Error(t, exec.Command(out).Run(), "without a configuration it must not start")
}
