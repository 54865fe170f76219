package mtproto

import (
	"strings"
	"testing"
)

func TestErrorsSayWhatWasWrongAndWhatToDo(t *testing.T) {
	for _, c := range []struct {
		err  error
		says []string
	}{
		{&ViolationError{What: "session id", Got: "1", Want: "2", Link: "mtproto/x#y"}, []string{"session id", "got 1, want 2", "core.telegram.org/mtproto/x#y", "dial again"}},
		{&ResendError{Times: 6, Code: 48}, []string{"6 times", "48", "not executed"}},
		{&TransportError{Code: -404}, []string{"-404", "temporary key"}},
		{&TransportError{Code: -1}, []string{"-1", "wait"}},
		{errNotOurs, []string{"message key"}},
		{errGenFail, []string{"dh_gen_fail", "again"}},
		{checkBody(make([]byte, 5)), []string{"5 bytes", "multiple of 4"}},
	} {
		text := c.err.Error()
		for _, word := range append(c.says, "mtproto: ") {
			if !strings.Contains(text, word) {
				t.Errorf("got %q, want it to say %q", text, word)
			}
		}
		if strings.HasSuffix(text, ".") {
			t.Errorf("%q ends with a dot", text)
		}
	}
}

func TestOnlyNegativeNumbersAreTransportErrors(t *testing.T) {
	for _, packet := range [][]byte{nil, {1, 2, 3}, {0, 0, 0, 0}, {1, 0, 0, 0}, {255, 255, 255, 255, 255}} {
		if e, ok := asTransportError(packet); ok {
			t.Errorf("%x: got %v", packet, e)
		}
	}
	if e, ok := asTransportError(appendTransportError(nil, -429)); !ok || e.Code != -429 {
		t.Errorf("got %v, %v", e, ok)
	}
}
