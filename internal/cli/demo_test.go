package cli

import (
	"strings"
	"testing"
)

func TestTheDemoTellsTheGuidesWholeStory(t *testing.T) {
	s := newStage(t)
	story := s.run("demo")
	if story.code != 0 || story.err != "" {
		t.Fatalf("got exit code %d, %q, want 0", story.code, story.err)
	}
	rest := story.out
	for _, step := range []string{
		"401 AUTH_KEY_UNREGISTERED", "303 PHONE_MIGRATE_1", "auth.sendCode", "the code 11111",
		"auth.authorizationSignUpRequired", "auth.signUp", "second device", "signed in as",
		"401 SESSION_PASSWORD_NEEDED", "account.getPassword", "auth.checkPassword",
		"codes sent for it: 0", "auth.logOut", "401 AUTH_KEY_UNREGISTERED",
	} {
		_, after, ok := strings.Cut(rest, step)
		if !ok {
			t.Fatalf("got %q, want %q after what came before it", story.out, step)
		}
		rest = after
	}
	lines := strings.Split(strings.TrimSpace(story.out), "\n")
	if last := lines[len(lines)-1]; !strings.Contains(last, "signed in") {
		t.Errorf("got the last line %q, want signed in", last)
	}
}
