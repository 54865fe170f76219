package mtproto

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/internal/mt"
)

// theBinding is that of stories, in a message of that id.
var (
	theBinding   = Binding{Nonce: -7, TempKey: 0x1234, TempSession: -99, ExpiresAt: start.Add(24 * time.Hour)}
	theBindingID = idAt(start)
)

// forgeBinding encrypts a plaintext of 72 bytes by the rules of MTProto 1.
func forgeBinding(perm Key, plain []byte) []byte {
	msgKey := crypt.MessageKeyV1(plain)
	b := binary.LittleEndian.AppendUint64(nil, uint64(perm.id))
	b = append(append(b, msgKey[:]...), plain...)
	b = append(b, make([]byte, -len(plain)&(blockSize-1))...)
	aesKey, iv := crypt.MessageAESv1(perm.bytes(), &msgKey, crypt.FromClient)
	crypt.EncryptIGE(b[sealedHead:], b[sealedHead:], &aesKey, &iv)
	return b
}

// publishedBinding is one that another program has made.
func publishedBinding(t testing.TB) (perm Key, b Binding, id MsgID, sealed []byte) {
	t.Helper()
	v := readVectors(t).Binding
	perm, err := ParseKey(unhex(t, v, "perm_auth_key"))
	if err != nil {
		t.Fatal(err)
	}
	if id := binary.LittleEndian.Uint64(unhex(t, v, "perm_auth_key_id")); KeyID(id) != perm.ID() {
		t.Fatalf("the vector's key is %x, want %v", id, perm.ID())
	}
	inner := unhex(t, v, "inner")
	b = Binding{
		Nonce:       int64(binary.LittleEndian.Uint64(inner[4:])),
		TempKey:     KeyID(binary.LittleEndian.Uint64(inner[12:])),
		TempSession: SessionID(binary.LittleEndian.Uint64(inner[28:])),
		ExpiresAt:   time.Unix(int64(binary.LittleEndian.Uint32(inner[36:])), 0),
	}
	return perm, b, MsgID(binary.BigEndian.Uint64(unhex(t, v, "msg_id"))), unhex(t, v, "encrypted_message")
}

// https://core.telegram.org/method/auth.bindTempAuthKey#generating-encrypted-message
func TestABindingOfAnotherProgramOpensAndSeals(t *testing.T) {
	perm, b, id, sealed := publishedBinding(t)
	before := bytes.Clone(sealed)
	if err := OpenBinding(perm, sealed, b, id); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(sealed, before) {
		t.Error("the message was changed by opening it")
	}
	// Its random bytes, drawn once more, give it once more.
	msgKey := [16]byte(sealed[8:])
	aesKey, iv := crypt.MessageAESv1(perm.bytes(), &msgKey, crypt.FromClient)
	plain := make([]byte, bindingPadded)
	crypt.DecryptIGE(plain, sealed[sealedHead:], &aesKey, &iv)
	if got := SealBinding(perm, b, id, script(plain[:16], plain[bindingPlain:])); !bytes.Equal(got, before) {
		t.Errorf("got  %x\nwant %x", got, before)
	}
}

func TestABindingOpensAsItWasSealed(t *testing.T) {
	perm := testKey(1)
	sealed := SealBinding(perm, theBinding, theBindingID, newChance(2))
	if len(sealed) != 104 {
		t.Errorf("got %d bytes, want 104", len(sealed))
	}
	if err := OpenBinding(perm, sealed, theBinding, theBindingID); err != nil {
		t.Error(err)
	}
	if again := SealBinding(perm, theBinding, theBindingID, newChance(3)); bytes.Equal(again[sealedHead:], sealed[sealedHead:]) {
		t.Error("two bindings are the same: no random bytes went into them")
	}
}

// A binding is good for one request alone.
// https://core.telegram.org/method/auth.bindTempAuthKey#binding-message-contents
func TestRule26ABindingFitsItsRequest(t *testing.T) {
	perm := testKey(1)
	sealed := SealBinding(perm, theBinding, theBindingID, newChance(2))
	for what, spoil := range map[string]func(b *Binding, id *MsgID){
		"nonce of a binding":         func(b *Binding, _ *MsgID) { b.Nonce++ },
		"temporary key of a binding": func(b *Binding, _ *MsgID) { b.TempKey++ },
		"session of a binding":       func(b *Binding, _ *MsgID) { b.TempSession++ },
		"expiry of a binding":        func(b *Binding, _ *MsgID) { b.ExpiresAt = b.ExpiresAt.Add(time.Second) },
		"message id of a binding":    func(_ *Binding, id *MsgID) { *id += 4 },
	} {
		b, id := theBinding, theBindingID
		spoil(&b, &id)
		err := OpenBinding(perm, sealed, b, id)
		wantViolation(t, err, what)
		var v *ViolationError
		if errors.As(err, &v); v == nil || v.Got == v.Want || !strings.HasPrefix(v.Link, "method/auth.bindTempAuthKey#") {
			t.Errorf("%s: got %v, want both values and the rule", what, err)
		}
	}
}

// The permanent key is named in the message, and is the one that encrypts it.
// https://core.telegram.org/method/auth.bindTempAuthKey#binding-message-contents
func TestRule26ABindingNamesTheKeyThatEncryptsIt(t *testing.T) {
	perm, other := testKey(1), testKey(4)
	plain := func(b *mt.BindAuthKeyInner) []byte {
		text := binary.LittleEndian.AppendUint64(make([]byte, 16), uint64(theBindingID))
		text = binary.LittleEndian.AppendUint32(text, 0)
		text = binary.LittleEndian.AppendUint32(text, bindingBody)
		return append(text, boxed(b)...)
	}
	if err := OpenBinding(perm, forgeBinding(perm, plain(theBinding.inner(perm.ID()))), theBinding, theBindingID); err != nil {
		t.Fatalf("a forged binding that breaks no rule: %v", err)
	}
	named := forgeBinding(perm, plain(theBinding.inner(other.ID())))
	wantViolation(t, OpenBinding(perm, named, theBinding, theBindingID), "permanent key of a binding")

	outside := SealBinding(perm, theBinding, theBindingID, newChance(2))
	binary.LittleEndian.PutUint64(outside, uint64(other.ID()))
	for name, key := range map[string]Key{"its own key": perm, "the key it names outside": other, "no key": {}} {
		if err := OpenBinding(key, outside, theBinding, theBindingID); !errors.Is(err, errNotBound) {
			t.Errorf("%s: got %v, want %v", name, err, errNotBound)
		}
	}
}

// Whatever is wrong before the message key is known to fit is told in the same
// words.
// https://core.telegram.org/mtproto/security_guidelines#mtproto-encrypted-messages
func TestABindingThatWasTamperedWithIsNotOpened(t *testing.T) {
	perm := testKey(1)
	sealed := SealBinding(perm, theBinding, theBindingID, newChance(2))
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if err := OpenBinding(perm, bad, theBinding, theBindingID); !errors.Is(err, errNotBound) {
			t.Errorf("byte %d changed: got %v, want %v", i, err, errNotBound)
		}
	}
	for _, bad := range [][]byte{nil, sealed[:len(sealed)-1], sealed[:len(sealed)-16], append(bytes.Clone(sealed), make([]byte, 16)...)} {
		if err := OpenBinding(perm, bad, theBinding, theBindingID); !errors.Is(err, errNotBound) {
			t.Errorf("%d bytes: got %v, want %v", len(bad), err, errNotBound)
		}
	}
}

// https://core.telegram.org/method/auth.bindTempAuthKey#generating-encrypted-message
func TestABindingIsTheMessageThatTheRuleDescribes(t *testing.T) {
	perm := testKey(1)
	good := binary.LittleEndian.AppendUint64(make([]byte, 16), uint64(theBindingID))
	good = append(good, 0, 0, 0, 0, bindingBody, 0, 0, 0)
	good = append(good, boxed(theBinding.inner(perm.ID()))...)
	for what, at := range map[string]int{"sequence number of a binding": 24, "length of a binding": 28, "binding": 32} {
		bad := bytes.Clone(good)
		bad[at]++
		wantViolation(t, OpenBinding(perm, forgeBinding(perm, bad), theBinding, theBindingID), what)
	}
}

func FuzzOpenBinding(f *testing.F) {
	perm := testKey(1)
	sealed := SealBinding(perm, theBinding, theBindingID, newChance(2))
	f.Add(sealed, false)
	f.Add(sealed[:40], false)
	plain := append(make([]byte, 16), make([]byte, bindingPlain-16)...)
	f.Add(plain, true)
	f.Fuzz(func(t *testing.T, b []byte, inside bool) {
		if inside { // a message key that fits, whatever it is of
			if len(b) != bindingPlain {
				return
			}
			b = forgeBinding(perm, b)
		}
		before := bytes.Clone(b)
		err := OpenBinding(perm, b, theBinding, theBindingID)
		if err == nil && !bytes.Equal(b, sealed) && !inside {
			t.Errorf("%x opens", b)
		}
		var v *ViolationError
		if err != nil && !errors.As(err, &v) {
			t.Errorf("got %v, want a violation", err)
		}
		if !bytes.Equal(b, before) {
			t.Error("the message was changed")
		}
	})
}
