package emulator

import (
	"strings"
	"testing"

	"github.com/telekey/telekey/tg"
)

func TestANameOfNothingThatShowsIsNone(t *testing.T) {
	d := newDesk(t)
	v := d.visitor(2)
	hash, _ := invited(t, v)
	up := &tg.AuthSignUp{PhoneNumber: stranger, PhoneCodeHash: hash}
	for _, name := range []string{"\u202e", "\u200b\u200d", "\u00a0", "\u2800", "\ufeff"} {
		up.FirstName = name
		wantRefusal(t, v, up, 400, "FIRSTNAME_INVALID")
	}
	up.FirstName, up.LastName = "👨\u200d👩", "\u200d"
	userOf(t, get(t, v, up))
}

func TestANameThatDoesNotShowIsAMistakeInAUser(t *testing.T) {
	s := running(t, Config{})
	for _, name := range []string{"\u202e", "\u200b\u200d", " ", "\u2800"} {
		err := s.AddUser(User{Phone: "+9996620001", FirstName: name})
		if err == nil || !strings.Contains(err.Error(), "first_name: got only characters that do not show") {
			t.Errorf("%q: got %v", name, err)
		}
	}
	if err := s.AddUser(User{Phone: "+9996620001"}); err != nil {
		t.Errorf("without a name: %v", err)
	}
}

func TestNoNumberBeginsWithZero(t *testing.T) {
	d := newDesk(t)
	v := d.visitor(2)
	for _, number := range []string{"009996620001", "0999662", "+0999662", "(0)999662", "٩٩٩٦٦٢٠٠٠١", "+999662000l"} {
		wantRefusal(t, v, &tg.AuthSendCode{PhoneNumber: number, APIID: 1, APIHash: "hash", Settings: &tg.CodeSettings{}}, 400, "PHONE_NUMBER_INVALID")
	}
	for number, ok := range map[string]bool{"009996620001": true, " +999 662 0001 ": true, "٩٩٩٦٦٢٠٠٠١": true, "0999662": false, "999662000l": false} {
		if phone, err := checkPhone(number); (err == nil) != ok || ok && phone != "9996620001" {
			t.Errorf("%s: got %q, %v", number, phone, err)
		}
	}
}
