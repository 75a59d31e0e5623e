package cli

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// writeKeys writes a pair of keys as openssl genpkey -algorithm ed25519 does.
func writeKeys(t *testing.T, dir string, seed byte) (private, public string) {
	t.Helper()
	pub, priv, err := ed25519.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{seed}, 64)))
	require.NoError(t, err)
	write := func(name, kind string, der []byte, err error) string {
		require.NoError(t, err)
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
		return file
	}
	der, err := x509.MarshalPKCS8PrivateKey(priv)
	private = write(string('a'+seed)+".key", "PRIVATE KEY", der, err)
	der, err = x509.MarshalPKIXPublicKey(pub)
	public = write(string('a'+seed)+".pub", "PUBLIC KEY", der, err)
	return private, public
}

func TestRecordIsVerified(t *testing.T) {
	dir := t.TempDir()
	private, public := writeKeys(t, dir, 0)
	_, stranger := writeKeys(t, dir, 1)
	record := filepath.Join(dir, "record.json")
	status, stdout, stderr := run(t, append([]string{"place", "-seed", "3", "-record", record, "-sign", private}, small...)...)
	require.Equal(t, exitOK, status, stderr)
	assert.Contains(t, stdout, "record written to "+record)

	status, stdout, stderr = run(t, append([]string{"verify", record, "-key", public}, small...)...)
	require.Equal(t, exitOK, status, stderr)
	assert.Contains(t, stdout, "seed 3")
	assert.Contains(t, stdout, "signature valid")

	text, err := os.ReadFile(record)
	require.NoError(t, err)
	tampered := filepath.Join(dir, "tampered.json")
	require.NoError(t, os.WriteFile(tampered, bytes.Replace(text, []byte(`"seed": 3`), []byte(`"seed": 4`), 1), 0o600))
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"another key":     {[]string{"verify", record, "-key", stranger}, "not of this key"},
		"a private key":   {[]string{"verify", record, "-key", private}, "no PEM block of type PUBLIC KEY"},
		"tampered":        {[]string{"verify", tampered, "-key", public}, "was changed"},
		"another answer":  {[]string{"verify", tampered}, "Answer was"},
		"other policies":  {[]string{"verify", record, "-policies", "testdata/none"}, "Policies was"},
		"no record":       {[]string{"verify", public}, "no decision record"},
		"not there":       {[]string{"verify", filepath.Join(dir, "none")}, "no such file"},
		"sign nothing":    {[]string{"place", "-sign", private}, "-record"},
		"sign with what?": {[]string{"place", "-record", tampered, "-sign", public}, "no PEM block of type PRIVATE KEY"},
	} {
		t.Run(name, func(t *testing.T) {
			args := c.args
			if !strings.Contains(strings.Join(args, " "), "-policies") {
				args = append(args, small...)
			} else {
				args = append(args, small[:4]...)
			}
			status, _, stderr := run(t, args...)
			assert.Equal(t, exitBadInput, status, stderr)
			assert.Contains(t, stderr, c.want)
		})
	}
}
