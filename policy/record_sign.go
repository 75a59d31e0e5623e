package policy

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
)

// Signature is an Ed25519 signature (RFC 8032) of a record.
type Signature struct {
	PublicKey []byte `json:"publicKey"` // of whoever signed, 32 bytes; it proves nothing by itself
	Value     []byte `json:"value"`     // 64 bytes
}

// signedPrefix keeps a signature of a record from being taken for one of anything else.
const signedPrefix = "domicile decision record 1\n"

// signed is what a signature is over: the record without it, as compact JSON.
func (x *Record) signed() ([]byte, error) {
	bare := *x
	bare.Signature = nil
	text, err := json.Marshal(&bare)
	return append([]byte(signedPrefix), text...), err
}

// Sign signs the record, in place of a signature that it may have.
func (x *Record) Sign(key ed25519.PrivateKey) error {
	if len(key) != ed25519.PrivateKeySize {
		return fmt.Errorf("%w: a private key of %d bytes is none of Ed25519", ErrRecord, len(key))
	}
	text, err := x.signed()
	if err != nil {
		return err
	}
	x.Signature = &Signature{PublicKey: key.Public().(ed25519.PublicKey), Value: ed25519.Sign(key, text)}
	return nil
}

// CheckSignature says whether the holder of the key's private half signed the record as it is. Which keys are trusted is for
// the caller to know: the one that stands in the record is not consulted.
func (x *Record) CheckSignature(key ed25519.PublicKey) error {
	if len(key) != ed25519.PublicKeySize {
		return fmt.Errorf("%w: a public key of %d bytes is none of Ed25519", ErrRecord, len(key))
	}
	if x.Signature == nil {
		return fmt.Errorf("%w: it is not signed", ErrRecord)
	}
	text, err := x.signed()
	if err != nil {
		return err
	}
	if !ed25519.Verify(key, text, x.Signature.Value) {
		return fmt.Errorf("%w: the signature is not of this key, or the record was changed", ErrRecord)
	}
	return nil
}
