package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

var serial int64

// sign makes a certificate, of an authority of its own where by is nil.
func sign(t *testing.T, by *authority, change func(*x509.Certificate)) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	serial++
	c := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true, IsCA: by == nil, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	if change != nil {
		change(c)
	}
	parent, signer := c, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &authority{cert, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
}

func (a *authority) keyPEM(t *testing.T) []byte {
	der, err := x509.MarshalECPrivateKey(a.key)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
}

func (a *authority) pair(t *testing.T) tls.Certificate {
	c, err := tls.X509KeyPair(a.pem, a.keyPEM(t))
	require.NoError(t, err)
	return c
}

// caller trusts an authority and shows a certificate, whoever asks for it.
func caller(t *testing.T, trusts, shows *authority) *http.Client {
	cfg := &tls.Config{RootCAs: x509.NewCertPool()}
	cfg.RootCAs.AddCert(trusts.cert)
	if shows != nil {
		own := shows.pair(t)
		cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &own, nil }
	}
	c := &http.Client{Transport: &http.Transport{TLSClientConfig: cfg, DisableKeepAlives: true}}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func write(t *testing.T, dir, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return path
}

func TestTLS(t *testing.T) {
	w, dir := newWorld(t), t.TempDir()
	ca, stranger := sign(t, nil, nil), sign(t, nil, nil)
	server := sign(t, ca, nil)
	cert, key := write(t, dir, "tls.crt", server.pem), write(t, dir, "tls.key", server.keyPEM(t))
	p := w.start(t, "-tls-cert", cert, "-tls-key", key)
	url := "https://" + p.at[0]
	require.Contains(t, ask(t, caller(t, ca, nil), url), `"NodeNames":["berlin"]`)
	_, err := caller(t, stranger, nil).Get(url + "/livez")
	require.ErrorContains(t, err, "unknown authority")
	code, _ := get(t, http.DefaultClient, "http://"+p.at[0]+"/livez")
	require.Equal(t, http.StatusBadRequest, code, "HTTPS alone")
	_, err = (&http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}}}).Get(url)
	require.ErrorContains(t, err, "protocol version")

	renewed := sign(t, stranger, nil)
	write(t, dir, "tls.key", renewed.keyPEM(t)) // for a moment the two do not belong together
	_, err = caller(t, ca, nil).Get(url + "/livez")
	require.Error(t, err)
	write(t, dir, "tls.crt", renewed.pem)
	code, _ = get(t, caller(t, stranger, nil), url+"/livez")
	require.Equal(t, 200, code, "a renewed certificate counts at once")
	p.end(t)
}

func TestMutualTLS(t *testing.T) {
	w, dir := newWorld(t), t.TempDir()
	ca, clients, stranger := sign(t, nil, nil), sign(t, nil, nil), sign(t, nil, nil)
	server := sign(t, ca, nil)
	p := w.start(t, "-tls-cert", write(t, dir, "tls.crt", server.pem), "-tls-key", write(t, dir, "tls.key", server.keyPEM(t)),
		"-client-ca", write(t, dir, "ca.crt", clients.pem), "-health", "127.0.0.1:0")
	url := "https://" + p.at[0]
	require.Contains(t, ask(t, caller(t, ca, sign(t, clients, nil)), url), `"NodeNames":["berlin"]`)
	for name, shows := range map[string]*authority{
		"none":             nil,
		"of somebody else": sign(t, stranger, nil),
		"signed by itself": stranger,
		"of the server's":  sign(t, ca, nil),
		"expired":          sign(t, clients, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }),
		"not valid yet":    sign(t, clients, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) }),
		"not for a client": sign(t, clients, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }),
	} {
		resp, err := caller(t, ca, shows).Get(url + "/livez")
		if err == nil {
			resp.Body.Close()
		}
		require.ErrorContains(t, err, "tls: ", name)
	}
	code, _ := get(t, http.DefaultClient, "http://"+p.at[1]+"/readyz")
	require.Equal(t, 200, code, "probes have no certificate")
	p.end(t)
}

// TestCertificatesThatCannotBe: the program does not start, and says which file it is.
func TestCertificatesThatCannotBe(t *testing.T) {
	w, dir := newWorld(t), t.TempDir()
	ca := sign(t, nil, nil)
	one, other := sign(t, ca, nil), sign(t, ca, nil)
	cert, key := write(t, dir, "tls.crt", one.pem), write(t, dir, "tls.key", one.keyPEM(t))
	for says, args := range map[string][]string{
		"private key does not match": {"-tls-cert", cert, "-tls-key", write(t, dir, "other.key", other.keyPEM(t))},
		"nowhere.crt":                {"-tls-cert", filepath.Join(dir, "nowhere.crt"), "-tls-key", key},
		"failed to find any PEM":     {"-tls-cert", write(t, dir, "broken.crt", []byte("broken")), "-tls-key", key},
		"empty.crt: no certificate":  {"-tls-cert", cert, "-tls-key", key, "-client-ca", write(t, dir, "empty.crt", nil)},
	} {
		var errs bytes.Buffer
		args = append([]string{"-config", w.config, "-listen", "127.0.0.1:0"}, args...)
		require.Equal(t, 1, run(t.Context(), args, io.Discard, &errs, w.dial))
		require.Contains(t, errs.String(), says)
	}
}
