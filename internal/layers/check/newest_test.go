package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/telekey/telekey/internal/layers"
)

func TestARegistryWithoutANewerVersionProvesNothing(t *testing.T) {
	for _, c := range []struct{ spec, text string }{
		{"cargo:x@0.1.0", "x #tag\nA library\nversion: 0.1.0\nlicense: MIT\n"},
		{"npm:@a/x@0.1.0", "\"0.1.0\"\n"},
		{"go:example.org/x@v0.1.0", "example.org/x v0.0.1 v0.0.9 v0.1.0\n"},
		{"go:example.org/x@v0.162.0", "example.org/x v0.92.0 v0.93.0\n"}, // an incomplete list
		{"npm:x@0.31.0", "\"0.9.12\"\n"},
	} {
		got := follow(c.spec, t.TempDir(), func(string, ...string) (string, error) { return c.text, nil })
		if !strings.HasPrefix(got, "not told: the registry lists no newer version, its last is ") {
			t.Errorf("%s: got %q", c.spec, got)
		}
	}
	if got := follow("npm:x@1.0.0", "", func(string, ...string) (string, error) { return "", errors.New("no network") }); got != "not told: npm: no network" {
		t.Errorf("got %q", got)
	}
	if got := follow("npm:x@1.0.0", "", func(string, ...string) (string, error) { return "", nil }); got != "not told: npm printed no version" {
		t.Errorf("got %q", got)
	}
}

func TestChangesOfANewerLayerThatAffectSigningInArePrinted(t *testing.T) {
	dir := t.TempDir()
	text := fmt.Sprintf(`inputUserEmpty#b98886cf = InputUser;
auth.sentCode#84a5d268 flags:# type:auth.SentCodeType phone_code_hash:string next_type:flags.1?auth.CodeType timeout:flags.2?int hint:flags.3?string = auth.SentCode;
// LAYER %d
`, layers.Newest+1)
	run := func(name string, args ...string) (string, error) {
		if name == "cargo" {
			return "version: 0.1.0 (latest 0.2.0)\n", nil
		}
		if strings.Join(args[:2], " ") != "-unpinned cargo:x@0.2.0" {
			t.Errorf("got %s %q, want the newer version fetched", name, args)
		}
		if err := os.MkdirAll(args[2], 0o755); err != nil {
			return "", err
		}
		return "", os.WriteFile(filepath.Join(args[2], "api.tl"), []byte(text), 0o644)
	}
	got := follow("cargo:x@0.1.0", dir, run)
	for _, want := range []string{
		fmt.Sprintf("0.2.0 has layer %d. Of what signing in touches, it changes:\n", layers.Newest+1),
		fmt.Sprintf("\n  %d %d ~ auth.sentCode#5e002502 auth.sentCode#84a5d268 +hint:flags.3?string\n", layers.Newest, layers.Newest+1),
		fmt.Sprintf("\n  %d %d - auth.signIn#8d52a951\n", layers.Newest, layers.Newest+1),
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %q in it", got, want)
		}
	}
	for _, no := range []string{"inputUserEmpty", "channel#"} {
		if strings.Contains(got, no) {
			t.Errorf("got %s, want no %s: it did not change, or nothing of a sign-in has it", got, no)
		}
	}
}
