package cli

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/domicile-eu/domicile/policy"
)

// recording is where a decision record goes, and who signs it.
type recording struct{ file, key string }

func recordFlags(e *env, f *flag.FlagSet) {
	f.StringVar(&e.record.file, "record", "", "write a decision record to this `file`, for verify")
	f.StringVar(&e.record.key, "sign", "", "`file` with a private Ed25519 key (PKCS #8 PEM) that signs the record")
}

// prepare reads the key before anything is solved; nil: no record is wanted, or it is not signed.
func (r recording) prepare() (ed25519.PrivateKey, error) {
	switch {
	case r.key == "":
		return nil, nil
	case r.file == "":
		return nil, badInput(errors.New("-sign signs a record: name its file with -record"))
	}
	parsed, err := readKey(r.key, "PRIVATE KEY", x509.ParsePKCS8PrivateKey)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, badInput(fmt.Errorf("%s: a key of type %T, expected Ed25519", r.key, parsed))
	}
	return key, nil
}

// write records an answer, where that is wanted.
func (r recording) write(e *env, a *answer, key ed25519.PrivateKey) error {
	if r.file == "" {
		return nil
	}
	x, err := policy.NewRecord(a.problem, e.options(), a.result)
	if err != nil {
		return err
	}
	if key != nil {
		if err := x.Sign(key); err != nil {
			return err
		}
	}
	var text bytes.Buffer
	if err := x.Write(&text); err != nil {
		return err
	}
	return e.writeFile("record", text.Bytes(), r.file)
}

func verifyFlags(e *env, f *flag.FlagSet) {
	f.StringVar(&e.record.key, "key", "", "`file` with the public Ed25519 key (PEM) that the record must be signed with")
}

// runVerify comes to a recorded decision again.
func runVerify(ctx context.Context, e *env, args []string) error {
	file, err := one(args, "a record")
	if err != nil {
		return err
	}
	var key ed25519.PublicKey
	if e.record.key != "" {
		parsed, err := readKey(e.record.key, "PUBLIC KEY", x509.ParsePKIXPublicKey)
		if err != nil {
			return err
		}
		var ok bool
		if key, ok = parsed.(ed25519.PublicKey); !ok {
			return badInput(fmt.Errorf("%s: a key of type %T, expected Ed25519", e.record.key, parsed))
		}
	}
	f, err := os.Open(file)
	if err != nil {
		return badInput(err)
	}
	defer f.Close()
	record, err := policy.ReadRecord(file, f)
	if err != nil {
		return badInput(err)
	}
	l, err := e.in.load()
	if err != nil {
		return err
	}
	p, err := l.problem()
	if err != nil {
		return err
	}
	r, err := record.Verify(ctx, p, key)
	switch {
	case errors.Is(err, policy.ErrRecord):
		return badInput(fmt.Errorf("%s does not hold:\n%w", file, err))
	case err != nil:
		return e.asInput(err)
	}
	signed := "not signed"
	switch {
	case key != nil:
		signed = "signature valid"
	case record.Signature != nil:
		signed = "signed, but not checked: name the key with -key"
	}
	_, err = fmt.Fprintf(e.stdout, "%s holds: the same input gives the same answer (%d workloads placed, seed %d, %d steps at most; %s)\n",
		file, len(r.Assignment), record.Seed, record.MaxSteps, signed)
	return err
}

// readKey reads one PEM block.
func readKey[K any](file, kind string, parse func([]byte) (K, error)) (key K, err error) {
	f, err := os.Open(file)
	if err != nil {
		return key, badInput(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 1<<16))
	if err != nil {
		return key, badInput(err)
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != kind {
		return key, badInput(fmt.Errorf("%s: no PEM block of type %s", file, kind))
	}
	if key, err = parse(block.Bytes); err != nil {
		return key, badInput(fmt.Errorf("%s: %w", file, err))
	}
	return key, nil
}
