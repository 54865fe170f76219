package passkey

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
)

// vectors are those of the standard itself.
func vectors(t *testing.T) func(name string) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/none-es256.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]string
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return func(name string) []byte {
		t.Helper()
		b, err := hex.DecodeString(all[name])
		if err != nil || len(b) == 0 {
			t.Fatalf("%s: got %q, %v, want hexadecimal", name, all[name], err)
		}
		return b
	}
}

func same(t *testing.T, what string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s:\n got %x\nwant %x", what, got, want)
	}
}

// The standard's example is of a credential that can be copied and has been, of
// which ours say nothing: that is the only difference.
const copied flags = 1<<3 | 1<<4

func TestANewCredentialIsDescribedAsTheStandardDoes(t *testing.T) {
	v := vectors(t)
	data, err := appendAttested(authenticatorData("example.org", userPresent|copied|attested, 0),
		aaguid(v("aaguid")), v("credential_id"), NewPrivateKey([keySize]byte(v("private_key"))))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "attestation object", attestation(data), v("attestation_object"))
}

func TestASignatureIsTheStandardsToTheLastByte(t *testing.T) {
	v := vectors(t)
	data := authenticatorData("example.org", userPresent|copied, 0)
	same(t, "authenticator data", data, v("authenticator_data"))
	client := clientData("webauthn.get", v("challenge"), "https://example.org")
	same(t, "client data", client, v("client_data"))
	signature, err := NewPrivateKey([keySize]byte(v("private_key"))).sign(data, client)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "signature", signature, v("signature"))
}

// RFC 8949, appendix A, https://www.rfc-editor.org/rfc/rfc8949#appendix-A
func TestCBORIsTheShortestThereIs(t *testing.T) {
	for n, want := range map[int64]string{
		0: "00", 1: "01", 10: "0a", 23: "17", 24: "1818", 25: "1819", 100: "1864", 1000: "1903e8",
		1000000: "1a000f4240", 1000000000000: "1b000000e8d4a51000",
		-1: "20", -10: "29", -100: "3863", -1000: "3903e7",
	} {
		if got := hex.EncodeToString(appendInt(nil, n)); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
	for want, got := range map[string][]byte{
		"4401020304": appendBytes(nil, []byte{1, 2, 3, 4}),
		"6449455446": appendText(nil, "IETF"),
		"60":         appendText(nil, ""),
		"a0":         appendMap(nil, 0),
	} {
		if hex.EncodeToString(got) != want {
			t.Errorf("got %x, want %s", got, want)
		}
	}
}
