package secret_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/telekey/telekey/secret"
)

const text = "xq7hidden93zk"

// verbs are all verbs of fmt, and one that it does not have.
const verbs = "vTtbcdoOqxXUeEfFgGsp!z"

// Shapes in which Go prints bytes.
func leaks(printed string) bool {
	printed = strings.ToLower(printed)
	for _, shape := range []string{
		text, fmt.Sprintf("%x", text), fmt.Sprintf("%d", []byte(text)), fmt.Sprintf("%o", []byte(text)), fmt.Sprintf("%b", []byte(text)),
		fmt.Sprintf("%U", []byte(text)), fmt.Sprintf("%c", []byte(text)), fmt.Sprintf("%q", []byte(text)), fmt.Sprintf("%#v", []byte(text)), fmt.Sprintf("% x", text), "ehe3aglkzgvuotn6aw",
	} {
		if strings.Contains(printed, strings.ToLower(strings.Trim(shape, "[]"))) {
			return true
		}
	}
	return false
}

// Types of another package, whose unexported fields fmt reads past all methods.
type (
	byValue   struct{ in secret.Text }
	byPointer struct{ in *secret.Text }
	inSlice   struct{ in []secret.Text }
	inMap     struct{ in map[string]secret.Text }
	inArray   struct{ in [2]secret.Text }
	behindAny struct{ in any }
	deeper    struct{ in *byValue }
	exported  struct{ In secret.Text }
)

func TestATextShowsUnderNoVerb(t *testing.T) {
	s := secret.New(text)
	for _, v := range []any{
		s, &s, byValue{s}, &byValue{s}, byPointer{&s}, &byPointer{&s}, inSlice{[]secret.Text{s}}, inMap{map[string]secret.Text{"k": s}},
		inArray{[2]secret.Text{s, s}}, behindAny{s}, behindAny{&s}, deeper{&byValue{s}}, &deeper{&byValue{s}}, exported{s}, &exported{s}, []secret.Text{s}, map[string]secret.Text{"k": s},
	} {
		for _, verb := range verbs {
			for _, flags := range []string{"", "+", "#", " ", "0", "30.20"} {
				if got := fmt.Sprintf("%"+flags+string(verb), v); leaks(got) {
					t.Errorf("%T under %%%s%c: %s", v, flags, verb, got)
				}
			}
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("it", "v", v)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("it", "v", v)
		asJSON, _ := json.Marshal(v)
		for how, got := range map[string]string{"slog": log.String(), "JSON": string(asJSON), "an error": errors.Join(fmt.Errorf("%v %w", v, errors.ErrUnsupported)).Error()} {
			if leaks(got) {
				t.Errorf("%T in %s: %s", v, how, got)
			}
		}
	}
}

// The test above is worth something only if it sees a leak.
func TestALeakIsSeen(t *testing.T) {
	for _, verb := range "vcdoqxXUsb" {
		if got := fmt.Sprintf("%"+string(verb), []byte(text)); !leaks(got) {
			t.Errorf("%%%c: not seen in %s", verb, got)
		}
	}
	if b, _ := json.Marshal([]byte(text)); !leaks(string(b)) {
		t.Errorf("not seen in %s", b)
	}
}

func TestBytesStayTheCallers(t *testing.T) {
	given := []byte(text)
	s := secret.New(given)
	clone, copied := s.Clone(), s
	copied.Wipe()
	if !bytes.Equal(given, make([]byte, len(text))) || s.Reveal() == text {
		t.Errorf("got %q, want the caller's bytes overwritten, in all copies", given)
	}
	if clone.Reveal() != text {
		t.Error("wiping a copy wiped a clone")
	}
}

func TestSecretsAreEqualByTheirBytes(t *testing.T) {
	s := secret.New(text)
	if !s.Equal(secret.New([]byte(text))) || s.Equal(secret.New("another")) || s.Equal(secret.Text{}) || !(secret.Text{}).Equal(secret.New("")) {
		t.Error("Equal does not compare the bytes")
	}
	if zero := (secret.Text{}); !zero.IsZero() || zero.Len() != 0 || zero.Bytes() != nil || zero.Reveal() != "" || !zero.Clone().IsZero() || s.Len() != len(text) {
		t.Error("the zero Text is not empty")
	}
}

func TestASecretIsNotReadFromItsRedaction(t *testing.T) {
	var s secret.Text
	if err := json.Unmarshal([]byte(`"secret(redacted)"`), &s); err == nil {
		t.Error("got no error")
	}
}
