package auth

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/telekey/telekey/secret"
	"github.com/telekey/telekey/tg"
)

// Structs of another package that hold a flow where fmt calls no method.
type (
	flowInside   struct{ flow Flow }
	flowBehind   struct{ flow *Flow }
	flowsInSlice struct{ flows []Flow }
	flowBehind2  struct{ Inside *flowInside }
)

// A Flow in an unexported field of another package's struct is printed field
// by field: none of the fields may be a secret, or a pointer to one.
func TestNoVerbShowsWhatAFlowHolds(t *testing.T) {
	const marker = "xq7hidden93zk"
	f := newFlow()
	f.code, f.seed, f.password, f.given = Code(marker), secret.New(marker), Secret(marker), Secret(marker)
	f.random = bytes.NewReader([]byte(marker))
	f.proof = &tg.InputCheckPasswordSRP{A: []byte(marker), M1: []byte(marker)}
	f.mailbox = &tg.EmailVerificationCode{Code: marker}
	f.settings = &tg.AccountPasswordInputSettings{NewPasswordHash: []byte(marker)}
	f.replacement = f.settings
	f.m.Sent, f.m.Errand, f.m.Phone = &sentCode{Hash: []byte(marker)}, &errand{Request: []byte(marker)}, marker
	for _, v := range []any{
		*f, f, flowInside{*f}, &flowInside{*f}, flowBehind{f}, &flowBehind{f}, flowsInSlice{[]Flow{*f}}, []flowInside{{*f}},
		map[string]flowInside{"k": {*f}}, flowBehind2{&flowInside{*f}}, &flowBehind2{&flowInside{*f}}, struct{ any }{*f},
	} {
		for _, verb := range "vTtbcdoOqxXUeEfFgGsp!z" {
			for _, flags := range []string{"", "+", "#", " "} {
				shown := strings.ToLower(fmt.Sprintf("%"+flags+string(verb), v))
				for _, form := range []string{"%s", "%x", "% x", "%d", "%#v", "%o", "%b", "%U"} {
					if in := strings.Trim(fmt.Sprintf(form, []byte(marker)), "[]"); strings.Contains(shown, strings.ToLower(strings.TrimPrefix(in, "[]byte"))) {
						t.Fatalf("%T under %%%s%c shows a secret as %s does: %s", v, flags, verb, form, shown)
					}
				}
			}
		}
	}
}
