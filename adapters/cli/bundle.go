package cli

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/domicile-eu/domicile/policy"
)

// readSource makes a policy source of a folder or a bundle. With a key, it must be a bundle that this key signed.
func (in *inputs) readSource(name string) (policy.Source, error) {
	keys, err := in.bundleKeys()
	if err != nil {
		return policy.Source{}, err
	}
	st, err := os.Stat(name)
	if err != nil {
		return policy.Source{}, err
	}
	if st.IsDir() {
		return policy.Source{Name: filepath.ToSlash(name), FS: os.DirFS(name), Keys: keys}, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return policy.Source{}, err
	}
	defer f.Close()
	return policy.ReadBundle(filepath.ToSlash(name), f, keys)
}

// bundleKeys reads the key that bundles must be signed with; nil: none is demanded.
func (in *inputs) bundleKeys() (*policy.BundleKeys, error) {
	if in.bundleKey == "" {
		if in.bundleScope != "" {
			return nil, errors.New("-bundle-scope says what a signature must be for: name the key with -bundle-key")
		}
		return nil, nil
	}
	text, err := os.ReadFile(in.bundleKey)
	if err != nil {
		return nil, err
	}
	alg, err := algorithmOf(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.bundleKey, err)
	}
	// There is one key, whatever the signer called it.
	const id = "bundle-key"
	return &policy.BundleKeys{
		Keys: map[string]policy.BundleKey{id: {Algorithm: alg, Key: string(text)}}, KeyID: id, Scope: in.bundleScope,
	}, nil
}

// algorithmOf returns the algorithm that a key is for. It is the key that says so and never the bundle. What is no PEM is the
// secret of an HMAC, as opa reads it.
func algorithmOf(text []byte) (string, error) {
	block, rest := pem.Decode(text)
	if block == nil {
		if bytes.Contains(text, []byte("-----BEGIN")) {
			return "", errors.New("is damaged PEM")
		}
		return "HS256", nil
	}
	if len(bytes.TrimSpace(rest)) > 0 {
		return "", errors.New("holds more than one key")
	}
	var key any
	var err error
	switch block.Type {
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		var c *x509.Certificate
		if c, err = x509.ParseCertificate(block.Bytes); err == nil {
			key = c.PublicKey
		}
	default:
		return "", fmt.Errorf("is a %s: to verify a bundle takes the public key", block.Type)
	}
	if err != nil {
		return "", err
	}
	switch key := key.(type) {
	case *rsa.PublicKey:
		return "RS256", nil
	case *ecdsa.PublicKey:
		switch key.Curve.Params().BitSize {
		case 256:
			return "ES256", nil
		case 384:
			return "ES384", nil
		case 521:
			return "ES512", nil
		}
	}
	return "", fmt.Errorf("a key of type %T, expected RSA, or ECDSA on P-256, P-384 or P-521", key)
}
