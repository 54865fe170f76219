package tdlib

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/telekey/telekey/dc"
)

// local is the network of an emulator.
func local(t *testing.T) dc.Network {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return dc.Network{DCs: []dc.Endpoint{{ID: 2, Addr: "127.0.0.1:41002"}}, Keys: []*rsa.PublicKey{&key.PublicKey}}
}

// third is the beginning of the key that checks special configurations.
const third = "-----BEGIN RSA PUBLIC KEY-----\nMIIBCgKCAQEAyr+18Rex2ohtVy8sroGP\n-----END RSA PUBLIC KEY-----\n\x00"

// library is a file with the pieces of TDLib's that matter, in an ELF header.
func library(addresses, commit string) []byte {
	header := make([]byte, 64)
	copy(header, "\x7fELF\x02\x01\x01")
	binary.LittleEndian.PutUint16(header[16:], uint16(elf.ET_DYN))
	binary.LittleEndian.PutUint16(header[18:], uint16(elf.EM_X86_64))
	binary.LittleEndian.PutUint32(header[20:], 1)
	binary.LittleEndian.PutUint16(header[52:], 64)
	return join(string(header),
		"\x00", string(formatKey(dc.Production().Keys[0])), "\x00", string(formatKey(dc.Test().Keys[0])), "\x00", third,
		"https://t.me/\x00https://dns.google/resolve?name=\x00dns.google/resolve\x00mozilla.cloudflare-dns.com/dns-query\x00",
		"https://software-download.microsoft.com/\x001.8.69\x00", commit, "\x00", addresses)
}

func join(parts ...string) []byte { return []byte(strings.Join(parts, "")) }

const commit = "0e88653dcbf4e44c73cb655a05b58cd749a91169"

// gcc keeps addresses as strings, clang as constants in code.
const (
	gcc = "149.154.175.50\x00149.154.167.51\x0095.161.76.100\x002001:b28:f23d:f001::a\x002001:67c:4e8:f002::a\x00"

	clang = "\x49\xbd\x1c149.154\x4d\x89\x2f\x48\xb9.175.50\x00\x48\xb9\x1a95.161.I\x48\xb9\x0076.100\x00" +
		"\x48\xb9*2001:b2I\x89\x0f\x48\xb98:f23d:fI\x48\xb9(2001:67I\x89\x0f\x48\xb9c:4e8:f0I"
)

func TestACopyKnowsTheEmulatorAlone(t *testing.T) {
	for name, addresses := range map[string]string{
		"gcc": gcc, "clang": clang, "written out": "149.154.175.50\x002001:0b28:f23d:f001:0000:0000:0000:000a\x002001:067c:04e8::a\x00",
	} {
		t.Run(name, func(t *testing.T) {
			network, in := local(t), library(addresses, commit)
			before := bytes.Clone(in)
			out, err := Patch(in, network)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(in, before) {
				t.Error("the library itself was changed")
			}
			if len(out) != len(in) {
				t.Errorf("got %d bytes, want %d", len(out), len(in))
			}
			if n := bytes.Count(out, formatKey(network.Keys[0])); n != 2 {
				t.Errorf("got the emulator's key %d times, want it in place of both of Telegram's", n)
			}
			if !bytes.Contains(out, []byte(third)) {
				t.Error("the key of special configurations was changed")
			}
			for _, want := range []string{
				"127.154", "::1\x00", "https://127.11.0.1/resolve?name=", "\x00127.0.0.1:9/xxxxxxxxxxxxxx/dns-query\x00",
				"https://127.0.0.1:9/xxxxxxxxxxxxxxxxxxx/\x00", "https://t.me/\x00", "\x00telekey-local---------------------------\x00",
			} {
				if !bytes.Contains(out, []byte(want)) {
					t.Errorf("got no %q in the copy", want)
				}
			}
		})
	}
}

// The tests of the command patch this file.
func TestTheFileOfTheCommandsTestsIsThisLibrary(t *testing.T) {
	path := filepath.Join("testdata", "libtdjson.so")
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, library(gcc, commit)) {
		t.Errorf("got %v, want %s with the bytes of library(gcc, commit)", err, path)
	}
}

func TestALibraryBuiltOutsideARepositoryIsMarkedToo(t *testing.T) {
	out, err := Patch(library(clang, notFound), local(t))
	if err != nil || !bytes.Contains(out, []byte("\x00telekey-local--\x00")) {
		t.Errorf("got %v, want the mark in the place of %s", err, notFound)
	}
}

func TestWhatIsNotUnderstoodIsNotPatched(t *testing.T) {
	production := string(formatKey(dc.Production().Keys[0]))
	arm := library(gcc, commit)
	binary.LittleEndian.PutUint16(arm[18:], uint16(elf.EM_AARCH64))
	for name, c := range map[string]struct {
		library []byte
		want    string
	}{
		"no library":        {[]byte("MZ and more"), "no ELF library"},
		"nothing":           {nil, "no ELF library"},
		"for ARM":           {arm, "want a shared library for x86-64"},
		"a key twice":       {library(gcc+production, commit), "production key 2 times"},
		"a key changed":     {bytes.Replace(library(gcc, commit), []byte("MIIBCgKCAQEAyMEd"), []byte("MIIBCgKCAQEAyMEe"), 1), "test key 0 times"},
		"no addresses":      {library("2001:b28:f23d:f001::a\x00", commit), "149.154"},
		"no IPv6":           {library("149.154.175.50\x00", commit), "2001:b28"},
		"another address":   {library(gcc+"91.108.56.100\x00", commit), "91.108."},
		"another https":     {library(gcc+"https://config.example.org/v1\x00", commit), "config.example.org"},
		"no commit":         {library(gcc, "none"), "commit hash"},
		"two commits":       {library(gcc+commit+"\x00", commit), "commit hash"},
		"a copy once again": {library("127.154.175.50\x00"+gcc, commit), "patched already"},
	} {
		t.Run(name, func(t *testing.T) {
			if out, err := Patch(c.library, local(t)); err == nil || out != nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %d bytes, %v, want an error with %q", len(out), err, c.want)
			}
		})
	}
}

func TestOnlyAnEmulatorOnThisMachineIsPatchedIn(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*dc.Network)
		want   string
	}{
		"another machine's address": {func(n *dc.Network) { n.DCs[0].Addr = "192.0.2.7:443" }, `dcs[0].addr: got "192.0.2.7:443"`},
		"every address":             {func(n *dc.Network) { n.DCs[0].Addr = "0.0.0.0:443" }, "dcs[0].addr"},
		"a name":                    {func(n *dc.Network) { n.DCs[0].Addr = "localhost:443" }, "dcs[0].addr"},
		"one of two":                {func(n *dc.Network) { n.DCs = append(n.DCs, dc.Endpoint{ID: 3, Addr: "[2001:db8::1]:443"}) }, "dcs[1].addr"},
		"the control API elsewhere": {func(n *dc.Network) { n.Control = "http://192.0.2.7:80" }, "control: got"},
		"Telegram itself":           {func(n *dc.Network) { *n = dc.Production() }, "dcs[0].addr"},
		"Telegram's key":            {func(n *dc.Network) { n.Keys = dc.Production().Keys }, "public_keys"},
		"nothing":                   {func(n *dc.Network) { *n = dc.Network{} }, "dcs"},
	} {
		t.Run(name, func(t *testing.T) {
			network := local(t)
			c.change(&network)
			if _, err := Patch(library(gcc, commit), network); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestACopyIsWrittenOverNoFile(t *testing.T) {
	folder, network := t.TempDir(), local(t)
	in, out := filepath.Join(folder, "libtdjson.so"), filepath.Join(folder, "libtdjson-telekey-local.so")
	original := library(gcc, commit)
	if err := os.WriteFile(in, original, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := PatchFile(in, in, network); err == nil || !strings.Contains(err.Error(), Mark) {
		t.Errorf("got %v for a name without the mark, want an error", err)
	}
	if err := PatchFile(in, out, network); err != nil {
		t.Fatal(err)
	}
	if err := PatchFile(in, out, network); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("got %v for a file that exists, want an error", err)
	}
	if now, err := os.ReadFile(in); err != nil || !bytes.Equal(now, original) {
		t.Errorf("got %v, want the library as it was", err)
	}
	if entries, _ := os.ReadDir(folder); len(entries) != 2 {
		t.Errorf("got %v, want the library and its copy alone", entries)
	}
}

func FuzzPatch(f *testing.F) {
	f.Add([]byte(gcc))
	f.Add([]byte(clang))
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
	network := dc.Network{DCs: []dc.Endpoint{{ID: 2, Addr: "127.0.0.1:41002"}}, Keys: []*rsa.PublicKey{&key.PublicKey}}
	f.Fuzz(func(t *testing.T, addresses []byte) {
		in := library(string(addresses), commit)
		if out, err := Patch(in, network); err == nil && (len(out) != len(in) || verify(out) != nil) {
			t.Errorf("got a copy of %d bytes, want %d and no address of Telegram's", len(out), len(in))
		}
		_, _ = Patch(addresses, network)
	})
}
