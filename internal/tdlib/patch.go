// Package tdlib makes a copy of TDLib's library, libtdjson, that knows an
// emulator in place of Telegram. TDLib has its public keys and first addresses
// compiled in and no setting for them, so the copy differs in these bytes.
//
// Every address that the copy holds is a loopback one: it can reach no other
// machine.
package tdlib

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"debug/elf"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/telekey/telekey/dc"
)

// Mark is what a copy carries: in the name of its file, and in front of TDLib's
// option commit_hash.
const Mark = "telekey-local"

// Patch returns a copy of the library that takes the key of network for both of
// Telegram's and dials loopback addresses alone.
//
// The copy is as long as the library, and nothing in it moves. Patch returns an
// error unless it finds both keys once each, the addresses and the mark's place,
// and knows every https host.
func Patch(library []byte, network dc.Network) ([]byte, error) {
	key, err := networkKey(network)
	if err != nil {
		return nil, err
	}
	if err := checkFormat(library); err != nil {
		return nil, err
	}
	if err := checkHosts(library); err != nil {
		return nil, err
	}
	out := bytes.Clone(library)
	if err := replaceKeys(out, key); err != nil {
		return nil, err
	}
	if err := replaceAddresses(out); err != nil {
		return nil, err
	}
	replaceHosts(out)
	if err := mark(out); err != nil {
		return nil, err
	}
	if err := verify(out); err != nil {
		return nil, err
	}
	return out, nil
}

// networkKey checks that network is a local one, and returns its key.
func networkKey(network dc.Network) (*rsa.PublicKey, error) {
	if err := network.Validate(); err != nil {
		return nil, err
	}
	if err := checkLoopback(network); err != nil {
		return nil, err
	}
	if len(network.Keys) != 1 || network.IsTelegram() {
		return nil, fmt.Errorf("public_keys: got %d keys, want one key of an emulator; telekey emulator --ready-file writes a fitting file", len(network.Keys))
	}
	return network.Keys[0], nil
}

// checkFormat reports a library whose addresses this package cannot find. ARM
// builds constants of 16-bit pieces, and macOS refuses a changed library that is
// not signed again.
func checkFormat(library []byte) error {
	file, err := elf.NewFile(bytes.NewReader(library))
	if err != nil {
		return fmt.Errorf("got a file that is no ELF library (%v), want libtdjson for Linux on x86-64", err)
	}
	if file.Machine != elf.EM_X86_64 || file.Type != elf.ET_DYN {
		return fmt.Errorf("got an ELF file of type %v for %v, want a shared library for x86-64", file.Type, file.Machine)
	}
	return nil
}

// replaceKeys puts key where Telegram's production and test keys are. TDLib has a
// third key, which checks the answers of special configuration hosts: it stays.
func replaceKeys(out []byte, key *rsa.PublicKey) error {
	text := formatKey(key)
	for _, network := range []dc.Network{dc.Production(), dc.Test()} {
		old := formatKey(network.Keys[0])
		if n := bytes.Count(out, old); n != 1 {
			return fmt.Errorf("got Telegram's %s key %d times, want it once; is this TDLib's libtdjson, unchanged?", network.Name, n)
		}
		if len(old) != len(text) {
			return fmt.Errorf("public_keys[0]: got a key of %d bytes as PEM, want %d: a modulus of 2048 bits with the exponent 65537", len(text), len(old))
		}
		copy(out[bytes.Index(out, old):], text)
	}
	return nil
}

func formatKey(key *rsa.PublicKey) []byte {
	block := &pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(key)}
	return bytes.TrimSpace(pem.EncodeToMemory(block))
}

// notFound is the commit that TDLib names when it was built outside a repository.
const notFound = "GITDIR-NOTFOUND"

// mark writes the mark over TDLib's commit hash, which the option commit_hash
// shows. The option version has six bytes, too few for it, and programs compare it.
func mark(out []byte) error {
	place, size := findCommit(out)
	if place < 0 {
		return errors.New("got no commit hash of TDLib, want one: the copy could not be marked; use another build of TDLib")
	}
	copy(out[place:], Mark+strings.Repeat("-", size-len(Mark)))
	return nil
}

// findCommit returns where the only commit hash is, and its length; -1 if there
// is none, or more than one.
func findCommit(b []byte) (place, size int) {
	place = -1
	for start := 0; start < len(b); {
		end := bytes.IndexByte(b[start:], 0)
		if end < 0 {
			break
		}
		if text := b[start : start+end]; isCommit(text) {
			if place >= 0 {
				return -1, 0
			}
			place, size = start, end
		}
		start += end + 1
	}
	return place, size
}

// isCommit reports whether text is a commit hash: 40 digits, in hexadecimal.
func isCommit(text []byte) bool {
	if string(text) == notFound {
		return true
	}
	if len(text) != 40 {
		return false
	}
	for _, c := range text {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
