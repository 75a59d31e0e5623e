package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func read(t *testing.T, text string) (*Settings, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "domicile.conf")
	require.NoError(t, os.WriteFile(name, []byte("apiVersion: domicile.eu/v1alpha1\nkind: OpenNebulaScheduler\n"+text), 0o644))
	return Read(name)
}

func TestRead_service(t *testing.T) {
	s, err := Read("/no/such/file")
	require.NoError(t, err)
	assert.Equal(t, defaultService(), s.Service)
	s, err = read(t, "service: {listen: \"[::1]:9\", operate: \"\", endpoint: \"https://one.example/RPC2\", credentials: auth, answerSeconds: 3, watchSeconds: 1}\n")
	require.NoError(t, err)
	assert.True(t, filepath.IsAbs(s.Service.Credentials))
	s.Service.Credentials = ""
	assert.Equal(t, Service{Listen: "[::1]:9", Endpoint: "https://one.example/RPC2", Answer: 3 * time.Second, Watch: time.Second}, s.Service)
	for text, why := range map[string]string{
		`listen: nine`: "service.listen", `listen: ""`: "service.listen", `operate: nine`: "service.operate", `watchSeconds: 0`: "service.watchSeconds",
		`answerSeconds: 9e9`: "service.answerSeconds", `endpoint: "ftp://a/b"`: "is no URL", `endpoint: "http://10.0.0.1:2633/RPC2"`: "in the clear",
		`endpoint: "http://localhost.example:2633/RPC2"`: "in the clear", `endpoint: "http://a:b@127.0.0.1/"`: "belong into their file", `port: 1`: "service.port",
	} {
		_, err := read(t, "service: {"+text+"}\n")
		assert.ErrorIs(t, err, ErrInvalid, text)
		assert.ErrorContains(t, err, why, text)
		assert.ErrorContains(t, err, "domicile.conf:3", text)
	}
	_, err = read(t, "service: {listen: x, operate: y, endpoint: z}\n")
	for _, key := range []string{"listen", "operate", "endpoint"} {
		assert.ErrorContains(t, err, key, "every defect")
	}
}

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1": true, "127.9.0.1:80": true, "[::1]:80": true, "::1": true, "localhost:1": true, "localhost": true,
		"0.0.0.0:80": false, "[::]:80": false, "": false, "localhost.example": false, "10.0.0.1": false, ":80": false,
	} {
		assert.Equal(t, want, Loopback(host), host)
	}
}

func TestSession(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "auth")
	env := func(key string) string { return map[string]string{"ONE_AUTH": name, "HOME": dir}[key] }
	s := Service{}
	_, err := s.Session(env)
	assert.ErrorContains(t, err, "no such file", "named by the environment")
	for text, why := range map[string]string{
		"u:p": "", "u:p:q\n": "", "u\n": "one line", ":p": "one line", "u:": "one line", "u:p\nv:q": "one line", "": "one line",
		"u:" + strings.Repeat("p", mostCredentials): "larger",
	} {
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		got, err := s.Session(env)
		if why == "" {
			require.NoError(t, err)
			assert.Equal(t, strings.TrimSpace(text), got)
			continue
		}
		assert.ErrorIs(t, err, ErrInvalid)
		assert.ErrorContains(t, err, why)
	}
	require.NoError(t, os.WriteFile(name, []byte("u:p"), 0o600))
	require.NoError(t, os.Chmod(name, 0o604))
	_, err = s.Session(env)
	assert.ErrorContains(t, err, "chmod 600")
	got, err := s.Session(func(key string) string { return map[string]string{"HOME": dir}[key] })
	assert.NoError(t, err, "whether none will do is not said here")
	assert.Empty(t, got)
}
