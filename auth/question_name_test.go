package auth_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/secret"
	"github.com/telekey/telekey/tg"
)

// questions are all of them, with what is refused in those that can be, by name.
var questions = map[string]auth.Question{
	"phone":        auth.PhoneQuestion{Refused: refused},
	"code":         auth.CodeQuestion{Kind: auth.CodeBySMS, Firebase: &auth.Firebase{PlayIntegrityNonce: []byte{1}, PushTimeout: time.Second}, Refused: refused},
	"password":     auth.PasswordQuestion{Hint: "a horse", Refused: refused},
	"terms":        auth.TermsQuestion{Text: "be kind"},
	"name":         auth.NameQuestion{Refused: refused},
	"passkey":      auth.PasskeyQuestion{Options: json.RawMessage(`{"challenge":"AA"}`), Refused: refused},
	"new_password": auth.NewPasswordQuestion{Refused: refused},
	"payment":      auth.PaymentQuestion{Phone: "+447000000000", Refused: refused},
	"qr":           auth.ShowQR{Link: auth.LoginLink("tg://login?token=AA")},
	"token":        auth.TokenQuestion{Refused: refused},
	"email":        auth.EmailQuestion{Refused: refused},
	"challenge":    auth.ChallengeQuestion{Kind: auth.ChallengeRecaptcha, Refused: refused},
}

var refused = tg.NewError(400, "PHONE_CODE_INVALID_3")

// answers are all of them.
var answers = []auth.Answer{
	auth.PhoneNumber("+447000000000"), auth.Code("22222"), auth.Secret("horse"), auth.Name{First: "Ann", Last: "Lee"},
	auth.Accept{}, auth.Resend{}, auth.Assertion{ID: "AA", UserHandle: "2:42"}, auth.Skip{}, auth.Missing{MNC: "01"},
	auth.NewPassword{Password: auth.Secret("horse"), Hint: "an animal", Email: "ann@example.org"},
	auth.DeviceProof{PlayIntegrity: secret.New("AA")}, auth.Paid{FormID: 7}, auth.Email("ann@example.org"), auth.ResetEmail{},
	auth.Recover{}, auth.Cancel{}, auth.GoogleToken("AA"), auth.AppleToken("AA"), auth.ChallengeToken("AA"),
}

func TestJSONOfAQuestionNamesItselfAndIsLowerCase(t *testing.T) {
	for name, q := range questions {
		data, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		var object map[string]any
		if err := json.Unmarshal(data, &object); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if object["question"] != name || auth.QuestionName(q) != name || !strings.HasPrefix(string(data), `{"question":`) {
			t.Errorf("%T: got %s, named %q, want %q in front", q, data, auth.QuestionName(q), name)
		}
		lowerCase(t, string(data), object)
		if !reflect.ValueOf(q).FieldByName("Refused").IsValid() {
			continue
		}
		want := map[string]any{"code": 400.0, "type": "PHONE_CODE_INVALID", "arg": 3.0, "message": "PHONE_CODE_INVALID_3"}
		if !reflect.DeepEqual(object["refused"], want) {
			t.Errorf("%s: got %v refused, want %v", name, object["refused"], want)
		}
	}
	if got := auth.QuestionName(nil); got != "" {
		t.Errorf("got %q for no question, want nothing", got)
	}
	if data, err := json.Marshal(auth.NameQuestion{}); err != nil || string(data) != `{"question":"name"}` {
		t.Errorf("got %s, %v, want a question without other fields", data, err)
	}
}

func TestJSONOfAnAnswerIsLowerCase(t *testing.T) {
	for _, a := range answers {
		data, err := json.Marshal(a)
		if err != nil {
			t.Fatalf("%T: %v", a, err)
		}
		var value any
		if err := json.Unmarshal(data, &value); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		lowerCase(t, string(data), value)
	}
}

// lowerCase fails for every name in value that has capitals.
func lowerCase(t *testing.T, data string, value any) {
	t.Helper()
	object, _ := value.(map[string]any)
	for name, inner := range object {
		if name != strings.ToLower(name) {
			t.Errorf("got the name %q in %s, want lower case", name, data)
		}
		lowerCase(t, data, inner)
	}
}

// The tables above miss no type of the package.
func TestAllQuestionsAndAnswersAreInTheTables(t *testing.T) {
	var got []string
	for _, q := range questions {
		got = append(got, reflect.TypeOf(q).Name())
	}
	if want := receivers(t, "refusal"); !slices.Equal(sorted(got), want) {
		t.Errorf("got the questions %q, want %q", got, want)
	}
	got = nil
	for _, a := range answers {
		got = append(got, reflect.TypeOf(a).Name())
	}
	if want := receivers(t, "isAnswer"); !slices.Equal(sorted(got), want) {
		t.Errorf("got the answers %q, want %q", got, want)
	}
}

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}

// receivers are the types of the package that have a method.
func receivers(t *testing.T, method string) []string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != method {
				continue
			}
			if name, ok := f.Recv.List[0].Type.(*ast.Ident); ok {
				types = append(types, name.Name)
			}
		}
	}
	if len(types) == 0 {
		t.Fatalf("got no type with the method %s, want those of the package", method)
	}
	return sorted(types)
}
