package policy

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/keys"
)

// verify holds the files to the signature: every one of them was signed as it is, and all that was signed is there. With
// keys there must be a signature. Without keys there must be none: who has a signed bundle and no key cannot know what it is.
func (b *packed) verify() {
	signatures := b.file(signaturesName)
	switch trusted := b.source.Keys; {
	case signatures == nil && trusted == nil:
		return
	case signatures == nil:
		b.refuse("is not signed: there is no %s, and a signature is demanded", signaturesName)
		return
	case trusted == nil:
		b.bad.add(b.where(signaturesName), 0, "the bundle is signed, and there is no key to verify it with")
		return
	}
	config, err := b.source.Keys.config()
	if err != nil {
		b.refuse("keys: %v", err)
		return
	}
	signed, err := verified(signatures.text, config)
	if err != nil {
		b.bad.add(b.where(signaturesName), 0, "%v", err)
		return
	}
	for _, f := range b.files {
		if f.name == signaturesName {
			continue
		}
		if excluded(f.name, config.Exclude) {
			delete(signed, f.name)
		} else if err := verifyFile(f, signed); err != nil {
			b.bad.add(b.where(f.name), 0, "%v", err)
		}
		delete(signed, f.name)
	}
	for _, name := range sortedKeys(signed) {
		b.bad.add(b.where(clip(name)), 0, "was signed and is missing")
	}
}

// verified returns the files that a signature is for, by name, if one of the keys made it.
func verified(text []byte, config *bundle.VerificationConfig) (signed map[string]bundle.FileInfo, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("cannot be verified: %v", p)
		}
	}()
	var s bundle.SignaturesConfig
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	if s.Plugin != "" && s.Plugin != "_default" {
		// A program may have registered others, for other purposes. It is not for a bundle to say by which it is judged.
		return nil, fmt.Errorf("names plugin %q, which is none of the caller's keys", clip(s.Plugin))
	}
	signed, err = bundle.VerifyBundleSignature(s, config)
	if err != nil {
		return nil, fmt.Errorf("the signature does not hold: %s", clip(err.Error()))
	}
	return signed, nil
}

// strong are the hashes that a signature may use: for the others of OPA (MD5, SHA-1) texts of the same hash can be made.
var strong = []string{"SHA-224", "SHA-256", "SHA-384", "SHA-512", "SHA-512-224", "SHA-512-256"}

// verifyFile says how a file differs from what was signed.
func verifyFile(f *file, signed map[string]bundle.FileInfo) error {
	info, ok := signed[f.name]
	switch {
	case !ok:
		return errors.New("was not signed")
	case !slices.Contains(strong, info.Algorithm):
		return fmt.Errorf("was signed by its hash %q, which must be one of %s", clip(info.Algorithm), strings.Join(strong, ", "))
	}
	if err := bundle.VerifyBundleFile(f.name, *bytes.NewBuffer(f.text), signed); err != nil {
		return fmt.Errorf("is not what was signed: %s", strings.TrimPrefix(err.Error(), f.name+": "))
	}
	return nil
}

func excluded(name string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		match, _ := path.Match(p, name)
		return match
	})
}

// config returns the keys in OPA's form.
func (k *BundleKeys) config() (*bundle.VerificationConfig, error) {
	if len(k.Keys) == 0 {
		return nil, errors.New("there are none")
	}
	all := map[string]*bundle.KeyConfig{}
	for _, id := range sortedKeys(k.Keys) {
		key := k.Keys[id]
		if key.Algorithm == "" {
			key.Algorithm = "RS256"
		}
		if err := key.check(); err != nil {
			return nil, fmt.Errorf("key %q: %w", id, err)
		}
		all[id] = &bundle.KeyConfig{Key: key.Key, Algorithm: key.Algorithm, Scope: key.Scope}
	}
	if _, ok := all[k.KeyID]; k.KeyID != "" && !ok {
		return nil, fmt.Errorf("there is no key %q", k.KeyID)
	}
	for _, p := range k.Exclude {
		if _, err := path.Match(p, ""); err != nil {
			return nil, fmt.Errorf("exclude: %q is no pattern", p)
		}
	}
	return bundle.NewVerificationConfig(all, k.KeyID, k.Scope, k.Exclude), nil
}

// check says what is wrong with a key. A secret shorter than its hash can be guessed from one signature (RFC 7518, 3.2).
func (k *BundleKey) check() error {
	if !keys.IsSupportedAlgorithm(k.Algorithm) {
		return fmt.Errorf("algorithm %q is unknown", k.Algorithm)
	}
	if strings.HasPrefix(k.Algorithm, "HS") {
		least := map[string]int{"HS256": 32, "HS384": 48, "HS512": 64}[k.Algorithm]
		if len(k.Key) < least {
			return fmt.Errorf("%s needs a secret of at least %d bytes, this one has %d", k.Algorithm, least, len(k.Key))
		}
		return nil
	}
	block, _ := pem.Decode([]byte(k.Key))
	switch {
	case block == nil:
		return fmt.Errorf("%s needs a public key in PEM", k.Algorithm)
	case strings.Contains(block.Type, "PRIVATE"):
		return errors.New("is a private key: to verify takes the public one, and nobody else should have this")
	}
	return nil
}
