package cli

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/emulator"
)

// example says how an example of a command's help is run. By default Ann is signed
// in with the default session and with me.session, TELEKEY_NETWORK names the
// emulator, and files are those of the stage's directory.
type example struct {
	nobody  bool                                   // Ann is not signed in
	prepare func(s *stage, line string) string     // makes what the example needs, and may put in what it cannot know
	more    []string                               // what a person would answer at a terminal, as flags
	codes   bool                                   // the code that is sent comes from standard input, by --code-file -
	code    int                                    // the exit code
	runs    func(s *stage, line string) (code int) // instead of running the line to its end
}

var examples = map[string]example{
	"telekey demo": {nobody: true},
	"telekey emulator --ready-file network.json":                                                          {nobody: true, runs: untilInterrupted},
	"telekey emulator --json --port 41000 --seed accounts.json":                                           {nobody: true, prepare: seedAndPort, runs: untilInterrupted},
	"telekey login --network network.json --session me.session --phone +9996621234":                       {nobody: true, more: []string{"--code", "22222", "--first-name", "Ann", "--accept-tos"}},
	"telekey login --session me.session":                                                                  {nobody: true, more: []string{"--phone", annsNumber, "--code", "22222"}},
	"telekey login --network network.json --phone +9996621234 --code 22222 --first-name Ann --accept-tos": {nobody: true},
	"telekey login --phone +9996621234 --password-file secret.txt":                                        {nobody: true, prepare: withPassword, more: []string{"--code", "22222"}},
	"telekey login --qr": {nobody: true, more: []string{"--qr-svg", "code.svg"}, runs: untilScanned},
	"telekey login --bot-token-file token.txt --session bot.session":                     {nobody: true, prepare: botToken},
	"telekey login --passkey me.passkeys --network network.json":                         {prepare: passkeyMade},
	"telekey logout --session me.session":                                                {},
	"telekey whoami --session me.session":                                                {},
	"telekey whoami --json | jq .user_id":                                                {},
	"telekey call help.getNearestDc":                                                     {},
	`telekey call users.getFullUser '{"id":{"_":"inputUserSelf"}}' --session me.session`: {},
	`echo '{"dc_id":3}' | telekey call auth.exportAuthorization -`:                       {},
	"telekey watch --json | while read -r event; do …; done":                             {code: exitNotSignedIn, runs: untilEnded},

	"telekey tdlib patch libtdjson.so libtdjson-telekey-local.so --network network.json": {nobody: true, prepare: library},

	"telekey password info": {},
	"telekey password set":  {more: []string{"--new-password", newSecret}},
	"telekey password set --new-password-file secret.txt --hint \"a horse\" --email ann@example.org": {prepare: secretFile, codes: true},
	"telekey password change": {prepare: passwordSet, more: []string{"--password", beasPassword, "--new-password", newSecret}},
	"telekey password change --password-file old.txt --new-password-file new.txt": {prepare: passwordSet},
	"telekey password remove":                {prepare: passwordSet, more: []string{"--password", beasPassword}},
	"telekey password email ann@example.org": {prepare: passwordSet, more: []string{"--password", beasPassword}, codes: true},
	"telekey password email --remove":        {prepare: mailboxSet, more: []string{"--password", beasPassword}},
	"telekey password confirm":               {prepare: mailboxWaits},
	"telekey password recover":               {prepare: mailboxSet, more: []string{"--new-password", newSecret}, codes: true},
	"telekey password recover --remove":      {prepare: mailboxSet, codes: true},
	"telekey password reset":                 {prepare: passwordSet},
	"telekey password decline":               {prepare: resetAsked},

	"telekey email info":                   {},
	"telekey email change ann@example.org": {prepare: withLoginEmail, codes: true},
	"telekey phone change +9996621235":     {more: []string{"--code", "22222"}},
	"telekey account delete":               {more: []string{"--yes"}},
	`telekey account delete --yes --password-file secret.txt --reason "a new start"`: {prepare: secretSet},
	"telekey account confirm - < link.txt":                                           {prepare: deletionLink, more: []string{"--code", "22222"}},
	"telekey account ttl":                                                            {},
	"telekey account ttl 730":                                                        {},

	"telekey devices list": {},
	"telekey devices list --json | jq '.[] | select(.unconfirmed).id'": {},
	"telekey devices end 8123456789012345678":                          {prepare: otherDevice},
	"telekey devices end --others":                                     {prepare: otherDevice},
	"telekey devices end --web --others":                               {},
	"telekey devices confirm 8123456789012345678":                      {prepare: otherDevice},
	"telekey devices ttl":                                              {},
	"telekey devices ttl 90":                                           {},
	"telekey devices accept - < link.txt":                              {prepare: loginLink},

	"telekey passkey add me.passkeys": {},
	"telekey passkey list":            {},
	"telekey passkey remove 9WtE4y8k3tX0WZbXe5zYHw --passkey me.passkeys": {prepare: passkeyMade},

	"telekey session check --session me.session":                          {},
	"telekey session check || telekey login":                              {nobody: true, more: []string{"--phone", annsNumber, "--code", "22222"}},
	"telekey session list":                                                {},
	"telekey session list --json | jq -r '.[].path'":                      {},
	"telekey session rm me.session --yes":                                 {},
	"telekey session rm --network network.json --yes":                     {},
	"telekey session lock --session me.session -- cp me.session backup/":  {prepare: backup},
	"telekey session lock --session me.session --wait 1m -- ./nightly.sh": {prepare: nightly},
}

// Every example of every command's help is run here, and runs well.
func TestTheExamplesOfTheHelpRun(t *testing.T) {
	written := map[string]bool{}
	for _, line := range examplesOf((&program{}).root()) {
		written[line] = true
		if _, ok := examples[line]; !ok {
			t.Errorf("the example %q has no test: add it to the table", line)
		}
	}
	for _, line := range slices.Sorted(maps.Keys(examples)) {
		if !written[line] {
			t.Errorf("the table has %q, which is no example any more", line)
			continue
		}
		t.Run(line, func(t *testing.T) { newStage(t).tries(line, examples[line]) })
	}
}

// examplesOf are the lines of the examples of a command and all below it.
func examplesOf(cmd *cobra.Command) (lines []string) {
	for line := range strings.Lines(cmd.Example) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	for _, below := range cmd.Commands() {
		lines = append(lines, examplesOf(below)...)
	}
	return lines
}

// A command without an example is not tested here.
func TestEveryCommandHasAnExample(t *testing.T) {
	var missing func(cmd *cobra.Command)
	missing = func(cmd *cobra.Command) {
		if !cmd.HasSubCommands() && cmd.Example == "" && cmd.Name() != "version" {
			t.Errorf("%s has no example in its help", cmd.CommandPath())
		}
		for _, below := range cmd.Commands() {
			missing(below)
		}
	}
	missing((&program{}).root())
}

// tries runs an example.
func (s *stage) tries(line string, e example) {
	s.env = append(s.env, "TELEKEY_NETWORK="+s.network)
	if !e.nobody {
		s.run("login", "--phone", annsNumber, "--code", "22222").done()
		s.login(s.path("me.session"))
		s.server.FastForward(25 * time.Hour) // a login that is new may not do everything
	}
	if e.prepare != nil {
		line = e.prepare(s, line)
	}
	for _, more := range e.more {
		line += " '" + more + "'"
	}
	if e.codes {
		line += " --code-file -"
		s.in = s.reads()
	}
	runs := e.runs
	if runs == nil {
		runs = (*stage).types
	}
	if code := runs(s, line); code != e.code {
		s.t.Errorf("%s: got exit code %d, want %d", line, code, e.code)
	}
}

// types runs what a line of a shell has of telekey: a command that reads a file or
// what echo says, and another one if the first fails. Where the result goes to by a
// pipe is not run.
func (s *stage) types(line string) (code int) {
	s.t.Helper()
	words := s.words(line)
	if words[0] == "echo" {
		s.in, words = strings.NewReader(words[1]+"\n"), words[3:]
	}
	if i := slices.Index(words, "||"); i >= 0 {
		if code := s.telekey(words[:i]); code == 0 {
			s.t.Errorf("%s: got success, want that the second command is needed", line)
		}
		words = words[i+1:]
	}
	if i := slices.Index(words, "|"); i >= 0 {
		words = words[:i]
	}
	if i := slices.Index(words, "<"); i >= 0 {
		text, err := os.ReadFile(words[i+1])
		if err != nil {
			s.t.Fatal(err)
		}
		s.in, words = strings.NewReader(string(text)), append(words[:i:i], words[i+2:]...)
	}
	return s.telekey(words)
}

// telekey runs one command.
func (s *stage) telekey(words []string) int {
	s.t.Helper()
	r := s.run(words[1:]...)
	if words[0] != "telekey" || r.code != 0 && r.code != exitNotSignedIn {
		s.t.Errorf("%q: got exit code %d: %s", words, r.code, r.err)
	}
	return r.code
}

var (
	shellWord = regexp.MustCompile(`'([^']*)'|"([^"]*)"|(\S+)`)
	fileName  = regexp.MustCompile(`^(\./)?[a-z-]+\.(session|so|pem|json|txt|passkeys|svg|sh)$`)
)

// words are the words of a line, files those of the stage's directory.
func (s *stage) words(line string) (words []string) {
	for _, m := range shellWord.FindAllStringSubmatch(line, -1) {
		word := m[1] + m[2] + m[3]
		if fileName.MatchString(word) || word == "backup/" {
			word = s.path(word)
		}
		words = append(words, word)
	}
	return words
}

// untilInterrupted runs an emulator until it is ready.
func untilInterrupted(s *stage, line string) int {
	s.emulator(s.words(line)[2:]...).end(s.t)
	return 0
}

// untilScanned lets Ann accept the QR code.
func untilScanned(s *stage, line string) int {
	login := s.beside(s.words(line)[1:]...)
	if err := s.server.AcceptLogin(annsNumber, s.codeIn(s.path("code.svg"))); err != nil {
		s.t.Fatal(err)
	}
	r := <-login
	r.done()
	return r.code
}

// untilEnded ends the login that is watched.
func untilEnded(s *stage, line string) int {
	words := s.words(line)
	v := s.watches("me.session", words[2:slices.Index(words, "|")]...)
	if _, err := s.server.EndSessions(annsNumber, emulator.Revoked); err != nil {
		s.t.Fatal(err)
	}
	v.sees("ended")
	return <-v.code
}

func seedAndPort(s *stage, line string) string {
	s.write("accounts.json", `{"users":[{"phone":"+9996630007"}]}`)
	return strings.Replace(line, "41000", "0", 1) // the port may be taken
}

func withPassword(s *stage, line string) string {
	if err := s.server.AddUser(emulator.User{Phone: "+9996621234", Password: beasPassword}); err != nil {
		s.t.Fatal(err)
	}
	return secretFile(s, line)
}

func secretFile(s *stage, line string) string {
	s.write("secret.txt", beasPassword+"\n")
	return line
}

func botToken(s *stage, line string) string {
	bot, err := s.server.AddBot(emulator.Bot{Name: "Echo"})
	if err != nil {
		s.t.Fatal(err)
	}
	s.write("token.txt", string(bot.Token)+"\n")
	return line
}

// passkeyMade makes a passkey and puts in its id; who signs in by it is signed out
// first.
func passkeyMade(s *stage, line string) string {
	made := s.run("passkey", "add", s.path("me.passkeys"), "--json").done()
	if id := regexp.MustCompile(`"id":"([^"]+)"`).FindStringSubmatch(made); id != nil {
		line = strings.Replace(line, "9WtE4y8k3tX0WZbXe5zYHw", id[1], 1)
	}
	if strings.HasPrefix(line, "telekey login") {
		s.run("logout").done()
	}
	return line
}

func passwordSet(s *stage, line string) string {
	s.write("old.txt", beasPassword)
	s.write("new.txt", newSecret)
	s.run("password", "set", "--new-password", beasPassword).done()
	return line
}

func secretSet(s *stage, line string) string {
	secretFile(s, line)
	return passwordSet(s, line)
}

func mailboxSet(s *stage, line string) string {
	s.in = s.reads()
	s.run("password", "set", "--new-password", beasPassword, "--email", "ann@example.org", "--code-file", "-").done()
	return line
}

func mailboxWaits(s *stage, line string) string {
	s.run("password", "set", "--new-password", beasPassword, "--email", "ann@example.org").done()
	return line + " --code " + s.newest(emulator.Email)
}

// resetAsked asks for a reset of the password, which is then to be called off.
func resetAsked(s *stage, line string) string {
	passwordSet(s, line)
	s.run("password", "reset").done()
	return line
}

// withLoginEmail has somebody signed in who has a login e-mail.
func withLoginEmail(s *stage, line string) string {
	if err := s.server.AddUser(emulator.User{Phone: beasNumber, LoginEmail: "bea@example.org"}); err != nil {
		s.t.Fatal(err)
	}
	s.run("logout").done()
	s.in = s.reads()
	s.run("login", "--phone", beasNumber, "--code-file", "-").done()
	return line
}

// deletionLink has somebody try to delete the account, and writes down the link by
// which its owner stops that.
func deletionLink(s *stage, line string) string {
	passwordSet(s, line)
	s.server.FastForward(8 * 24 * time.Hour)
	s.run("whoami").done()
	s.run("login", "--session", s.path("thief"), "--phone", annsNumber, "--code", "22222").fails(2)
	s.run("account", "delete", "--yes", "--password-lost", "--session", s.path("thief")).done()
	history := s.run("call", "messages.getHistory", `{"peer":{"_":"inputPeerUser","user_id":777000,"access_hash":0},"offset_id":0,"offset_date":0,"add_offset":0,"limit":1,"max_id":0,"min_id":0,"hash":0}`).done()
	link := regexp.MustCompile(`tg://confirmphone\?[^\s"\\]+`).FindString(strings.ReplaceAll(history, `\u0026`, "&"))
	s.write("link.txt", link+"\n")
	return line
}

// otherDevice signs Ann in once more, and puts in the id of that login.
func otherDevice(s *stage, line string) string {
	s.login(s.path("phone.session"))
	id := regexp.MustCompile(`(?m)^(-?\d+): .*not confirmed`).FindStringSubmatch(s.run("devices", "list").done())
	if id == nil {
		s.t.Fatal("there is no other device")
	}
	return strings.Replace(line, "8123456789012345678", id[1], 1)
}

// loginLink has another device show a QR code, and writes down what it says.
func loginLink(s *stage, line string) string {
	s.beside("login", "--qr-svg", s.path("code.svg"), "--session", s.path("new.session"))
	s.write("link.txt", s.codeIn(s.path("code.svg"))+"\n")
	return line
}

func backup(s *stage, line string) string {
	needs(s, "cp")
	if err := os.Mkdir(s.path("backup"), 0o700); err != nil {
		s.t.Fatal(err)
	}
	return line
}

func nightly(s *stage, line string) string {
	needs(s, "sh")
	if err := os.WriteFile(s.path("nightly.sh"), []byte("#!/bin/sh\nexit 0\n"), 0o700); err != nil {
		s.t.Fatal(err)
	}
	return line
}

// needs skips an example of a program that this system does not have.
func needs(s *stage, program string) {
	if _, err := exec.LookPath(program); err != nil || filepath.Separator != '/' {
		s.t.Skipf("there is no %s here", program)
	}
}
