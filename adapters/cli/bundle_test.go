package cli

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bundleOf packs files, signed where sign is not nil. It is put together by hand: package policy's tests hold OPA's writer and
// signer to the same reader. JSON among the files must be compact and in order of keys, as OPA hashes it.
func bundleOf(t *testing.T, files [][2]string, alg string, sign func(text []byte) []byte) []byte {
	t.Helper()
	if sign != nil {
		var list []map[string]string
		for _, f := range files {
			list = append(list, map[string]string{"name": f[0], "hash": fmt.Sprintf("%x", sha256.Sum256([]byte(f[1]))), "algorithm": "SHA-256"})
		}
		payload, err := json.Marshal(map[string]any{"files": list, "scope": "edge"})
		require.NoError(t, err)
		token := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"alg":%q,"kid":"whatever"}`, alg)) + "." + base64.RawURLEncoding.EncodeToString(payload)
		token += "." + base64.RawURLEncoding.EncodeToString(sign([]byte(token)))
		files = append(files, [2]string{".signatures.json", fmt.Sprintf(`{"signatures":[%q]}`, token)})
	}
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	w := tar.NewWriter(zip)
	for _, f := range files {
		require.NoError(t, w.WriteHeader(&tar.Header{Name: "/" + f[0], Typeflag: tar.TypeReg, Mode: 0o600, Size: int64(len(f[1]))}))
		_, err := w.Write([]byte(f[1]))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, zip.Close())
	return b.Bytes()
}

// TestBundles: -policies takes a bundle, with -bundle-key only one that the key signed, and the answer says which it was.
func TestBundles(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, text []byte) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, text, 0o600))
		return file
	}
	module, err := os.ReadFile("testdata/small/policies/ownership.rego")
	require.NoError(t, err)
	files := [][2]string{
		{"ownership.rego", string(module)},
		{"data.json", `{"domicile":{"tables":{"home":{"asOf":"2026-11-01","source":"made for the tests","validUntil":"2027-06-30","values":{"countries":["DE","FR","IE"]}}}}}`},
		{".manifest", `{"revision":"2026-11-24.7"}`},
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	armour := func(kind string, der []byte, err error) []byte {
		require.NoError(t, err)
		return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	public := write("public.pem", armour("PUBLIC KEY", der, err))
	der, err = x509.MarshalPKCS8PrivateKey(key)
	private := write("private.pem", armour("PRIVATE KEY", der, err))
	secret := []byte("a secret of thirty-two bytes or more\n")
	shared, other := write("secret", secret), write("other", append([]byte("no "), secret...))
	signed := write("signed.tar.gz", bundleOf(t, files, "ES256", func(text []byte) []byte {
		sum := sha256.Sum256(text)
		r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
		require.NoError(t, err)
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}))
	hs256 := write("hs256.tar.gz", bundleOf(t, files, "HS256", func(text []byte) []byte {
		h := hmac.New(sha256.New, secret)
		h.Write(text)
		return h.Sum(nil)
	}))
	unsigned := write("unsigned.tar.gz", bundleOf(t, files, "", nil))

	on := func(verb string, args ...string) []string { return append(append([]string{verb}, small...), args...) }
	edge := []string{"-bundle-scope", "edge"}
	for name, args := range map[string][]string{
		"unsigned": {"-policies", unsigned},
		"ES256":    append([]string{"-policies", signed, "-bundle-key", public}, edge...),
		"HS256":    append([]string{"-policies", hs256, "-bundle-key", shared}, edge...),
	} {
		status, stdout, stderr := run(t, on("validate", args...)...)
		require.Equal(t, exitOK, status, "%s: %s", name, stderr)
		assert.Contains(t, stdout, "rules 1, tables 1\npolicies are revision 2026-11-24.7, digest ")
	}
	_, stdout, _ := run(t, on("place", "-policies", unsigned)...)
	assert.Contains(t, stdout, "\npolicies of revision 2026-11-24.7, digest ")

	// The same rules give the same answer, and it says whose it is.
	var bundled, folder output
	_, stdout, _ = run(t, on("place", "-json", "-policies", unsigned)...)
	require.NoError(t, json.Unmarshal([]byte(stdout), &bundled))
	_, stdout, _ = run(t, on("place", "-json")...)
	require.NoError(t, json.Unmarshal([]byte(stdout), &folder))
	assert.Equal(t, folder.Result.Assignment, bundled.Result.Assignment)
	assert.Equal(t, "2026-11-24.7", bundled.Revision)
	assert.Empty(t, folder.Revision)
	assert.NotEqual(t, folder.Policies, bundled.Policies, "the files have other names")
	_, stdout, _ = run(t, on("what-if", "policies="+unsigned, "-json")...)
	require.NoError(t, json.Unmarshal([]byte(stdout), &folder))
	assert.Equal(t, "2026-11-24.7", folder.WhatIf.Revision)
	status, stdout, stderr := run(t, "test-policies", "-policies", unsigned)
	assert.Equal(t, exitOK, status, stderr)
	assert.Contains(t, stdout, "0 tests, 0 failed")

	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"unsigned":         {[]string{"-policies", unsigned, "-bundle-key", public}, "unsigned.tar.gz: is not signed"},
		"a folder":         {[]string{"-bundle-key", public}, "testdata/small/policies/home.yaml: is YAML"},
		"no key":           {[]string{"-policies", signed}, "signed.tar.gz/.signatures.json: the bundle is signed, and there is no key"},
		"wrong scope":      {[]string{"-policies", signed, "-bundle-key", public}, "scope mismatch"},
		"wrong key":        {append([]string{"-policies", hs256, "-bundle-key", other}, edge...), "the signature does not hold"},
		"key of a kind":    {append([]string{"-policies", hs256, "-bundle-key", public}, edge...), "the signature does not hold"},
		"private key":      {[]string{"-policies", signed, "-bundle-key", private}, "private.pem: is a PRIVATE KEY"},
		"no such key":      {[]string{"-policies", signed, "-bundle-key", "nowhere.pem"}, "nowhere.pem"},
		"broken key":       {[]string{"-policies", signed, "-bundle-key", write("b.pem", []byte("-----BEGIN PUBLIC KEY-----\nAA"))}, "b.pem: is damaged PEM"},
		"scope, no key":    {[]string{"-policies", signed, "-bundle-scope", "edge"}, "name the key with -bundle-key"},
		"no bundle at all": {[]string{"-policies", "testdata/small/apps.yaml"}, "testdata/small/apps.yaml: is no gzipped archive"},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := run(t, on("place", c.args...)...)
			assert.Equal(t, exitBadInput, status, stderr)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, c.want)
		})
	}
}
