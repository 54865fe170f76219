package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// features are the rows that docs/features.md must have: ways into an account,
// and the care of its access.
var features = []string{
	"sendCode / signIn",
	"resendCode",
	"cancelCode",
	"reportMissingCode",
	"Firebase SMS",
	"paid login (sentCodePaymentRequired)",
	"all code types surfaced to the caller",
	"SentCodeSuccess accepted",
	"future auth (logout) tokens",
	"login e-mail set-up",
	"login by e-mail code / Google / Apple id",
	"resetLoginEmail",
	"sign-up + ToS",
	"2FA check (SRP)",
	"SRP pads A, S, B to 256",
	"SRP checks p, g, B",
	"2FA with password kept in protected memory",
	"set / change / remove 2FA",
	"recovery e-mail confirm/resend/cancel",
	"password recovery by e-mail",
	"resetPassword / declinePasswordReset",
	"deleteAccount flow incl. confirmPhone",
	"QR login (export, wait update, migrate, 2FA)",
	"accept a QR token",
	"passkey login",
	"passkey registration/list/delete",
	"bot login",
	"web token login",
	"change phone number",
	"AUTH_RESTART handled",
	"401/403 challenges (reCAPTCHA, integrity)",
	"logOut incl. key destruction",
	"list / terminate sessions",
	"session TTL, account TTL",
	"confirm new session (updateNewAuthorization)",
	"web logins list / reset",
	"invalidateSignInCodes on forward/screenshot",
	"login codes in rich messages (`message.rich_message`)",
	"TDLib 1.8.65 (layer 227) and 1.8.69 (layer 232) sign in to the emulator",
	"layer 232, and clients of layers 158 to 231 at the emulator",
	"frozen account state",
}

var (
	featureRow = regexp.MustCompile(`(?m)^\| ([^|]+?) \| ([^|]+?) \|$`)
	testName   = regexp.MustCompile("`(Test\\w+)`")
)

// A capability is claimed only with the name of a test that plays it.
func TestEveryFeatureHasALivingTest(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root(t), "docs", "features.md"))
	if err != nil {
		t.Fatal(err)
	}
	tests := livingTests(t)
	var rows []string
	for _, row := range featureRow.FindAllStringSubmatch(string(page), -1) {
		name, claim := row[1], row[2]
		if name == "capability" || strings.HasPrefix(name, "---") {
			continue
		}
		rows = append(rows, name)
		proofs := testName.FindAllStringSubmatch(claim, -1)
		if !strings.HasPrefix(claim, "yes") || len(proofs) == 0 {
			t.Errorf("%s: got %q, want yes and the name of a test", name, claim)
		}
		for _, proof := range proofs {
			if !tests[proof[1]] {
				t.Errorf("%s: there is no test %s, or it may skip itself", name, proof[1])
			}
		}
	}
	if !slices.Equal(rows, features) {
		t.Errorf("docs/features.md has the rows\n%q\nwant\n%q", rows, features)
	}
}

// livingTests are the tests of the module that cannot skip themselves.
func livingTests(t *testing.T) map[string]bool {
	t.Helper()
	top, tests := root(t), map[string]bool{}
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return ownModule(top, path, entry.Name())
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				tests[f.Name.Name] = !skips(f)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tests
}

// skips says whether a test calls t.Skip or one of its kin.
func skips(f *ast.FuncDecl) (found bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && strings.HasPrefix(s.Sel.Name, "Skip") {
			of, ok := s.X.(*ast.Ident)
			found = ok && of.Name == "t"
		}
		return !found
	})
	return found
}
