package cli

import (
	"strings"
	"testing"

	"github.com/telekey/telekey/emulator"
)

func TestANumberLosesNoDigit(t *testing.T) {
	s := newStage(t)
	login := []string{"login", "--json", "--network", s.network, "--code", "٢٢ ٢٢٢", "--phone"}
	persian := strings.NewReplacer("0", "۰", "1", "۱", "2", "۲", "6", "۶", "9", "۹").Replace(annsNumber)
	if got := s.run(append(login, "\u202a"+persian+"\u202c", "--session", s.path("s"))...).user(); got.FirstName != "Ann" {
		t.Errorf("got %+v, want Ann", got)
	}
	for number, want := range map[string]string{"+999662000l": "'l'", "0999662": "no country code begins with 0", "+": "without a digit"} {
		s.run(append(login, number, "--session", s.path("none"))...).failsAsJSON(2)
		s.run("login", "--network", s.network, "--phone", number, "--session", s.path("none")).fails(2, want)
		s.as("s", "phone", "change", number).fails(2, want)
	}
	if n := len(s.server.Codes("")); n != 1 {
		t.Errorf("got %d codes sent, want the one of the number that is one", n)
	}
}

func TestASecretFileMayBeginWithABOM(t *testing.T) {
	s := newStage(t)
	s.addBea()
	login := []string{"login", "--json", "--network", s.network, "--phone", beasNumber, "--code-file", s.write("codes", "\xef\xbb\xbf\r\n 22 222\r\n"), "--password-file"}
	utf16 := "\xff\xfe"
	for _, b := range []byte(beasPassword + "\r\n") {
		utf16 += string([]byte{b, 0})
	}
	for name, content := range map[string]string{"utf8": "\xef\xbb\xbf" + beasPassword + "\r\n", "utf16": utf16} {
		if got := s.run(append(login, s.write(name, content), "--session", s.path(name+".session"))...).user(); got.FirstName != "Bea" {
			t.Errorf("%s: got %+v, want Bea", name, got)
		}
	}
	for name, content := range map[string]string{"latin1": "caf\xe9\n", "zeros": "a\x00b\x00\n", "nothing": "\xef\xbb\xbf\n"} {
		if e := s.run(append(login, s.write(name, content), "--session", s.path(name+".session"))...).failsAsJSON(2); e.Type != "CONFIG" {
			t.Errorf("%s: got %+v, want CONFIG", name, e)
		}
	}
}

func TestAnotherUsersWayInIsNotTheOneWhoIsSignedIn(t *testing.T) {
	s := newStage(t)
	files := map[string]string{}
	for _, name := range []string{"a", "b"} {
		bot, err := s.server.AddBot(emulator.Bot{Name: name})
		if err != nil {
			t.Fatal(err)
		}
		files[name] = s.write("token."+name, " "+string(bot.Token)+" \r\n")
		s.secrets = append(s.secrets, string(bot.Token))
	}
	login := []string{"login", "--json", "--network", s.network, "--session", s.path("s")}
	first := s.run(append(login, "--bot-token-file", files["a"])...).user()
	if again := s.run(append(login, "--bot-token-file", files["a"])...).user(); again.ID != first.ID || again.FirstName != "a" {
		t.Errorf("got %+v and %+v, want one bot twice", first, again)
	}
	token, err := s.server.NewWebToken(annsNumber)
	if err != nil {
		t.Fatal(err)
	}
	s.login(s.path("ann"))
	s.as("ann", "passkey", "add", s.path("anns.passkeys")).done()
	for _, way := range [][]string{
		{"--bot-token-file", files["b"]}, {"--bot-token-file", s.write("none", "nonsense")}, {"--phone", annsNumber},
		{"--web-token-file", s.write("web", string(token))}, {"--passkey", s.path("anns.passkeys")},
	} {
		if e := s.run(append(login, way...)...).failsAsJSON(1); e.Type != "OTHER_USER" {
			t.Errorf("%s: got %+v, want OTHER_USER", way[0], e)
		}
	}
	if got := s.as("ann", "login", "--json", "--passkey", s.path("anns.passkeys")).user(); got.FirstName != "Ann" {
		t.Errorf("got %+v, want Ann, whose passkey it is", got)
	}
}

func TestAnAppIDIsReadAlikeEverywhere(t *testing.T) {
	s := newStage(t)
	s.login(s.path("s"))
	for _, id := range []string{"6718325900", "4294967297", "0", "-5", "0x10", "abc"} {
		s.as("s", "whoami", "--api-id="+id).fails(2, "want 1 to 2147483647")
		t.Run(id, func(t *testing.T) {
			p := program{env: []string{"TELEKEY_API_ID=" + id}}
			if _, _, err := p.app(&connection{}, s.server.Network()); err == nil || !strings.Contains(err.Error(), "want 1 to 2147483647") {
				t.Errorf("got %v, want what was given and what is wanted", err)
			}
		})
	}
	p := program{env: []string{"TELEKEY_API_ID=010\n", "TELEKEY_API_HASH= abc \n"}}
	var f connection
	if id, hash, err := p.app(&f, s.server.Network()); id != 10 || hash != "abc" || err != nil {
		t.Errorf("got %d, %q, %v", id, hash, err)
	}
	if err := f.appID.Set("010"); f.appID != 10 || err != nil {
		t.Errorf("got %d, %v", f.appID, err)
	}
}

func TestACallSaysWhatIsMissingOrThereTwice(t *testing.T) {
	s := newStage(t)
	s.login(s.path("s"))
	s.as("s", "call", "users.getUsers", `{}`).fails(2, "users.getUsers.id")
	s.as("s", "call", "users.getUsers", `{"id":[],"id":[]}`).fails(2, "users.getUsers.id: got it twice")
	s.as("s", "call", "users.getUsers", `{"id":[{"_":"inputUserSelf","_":"inputUserEmpty"}]}`).fails(2, "users.getUsers.id[0]._: got it twice")
	s.as("s", "call", "users.getUsers", `{"id":[{"_":"inputUser\ud83d"}]}`).fails(2, "half of a character")
	s.as("s", "call", "users.getUsers", `{"id":[]}`).done()
}
