package arch

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/telekey/telekey/secret"
)

// marker is the secret that is planted.
const marker = "xq7hidden93zk"

// planter fills values with the marker, wherever their types keep secrets.
type planter struct{ planted int }

// plant fills v, which can be addressed. all is set behind two pointers of ours, where
// all bytes are secret, and in what the list inTheClear says is inside. depth ends what refers to itself.
func (p *planter) plant(v reflect.Value, all bool, depth int) {
	if depth > 12 {
		return
	}
	if v.CanAddr() { // unexported fields, too
		v = reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
	}
	switch v.Kind() {
	case reflect.Struct:
		p.plantStruct(v, all, depth)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		p.plant(v.Elem(), all, depth+1)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			if all {
				v.SetBytes([]byte(marker))
				p.planted++
			}
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		p.plant(v.Index(0), all, depth+1)
	case reflect.Array:
		if all && v.Type().Elem().Kind() == reflect.Uint8 && v.Len() >= len(marker) {
			reflect.Copy(v, reflect.ValueOf([]byte(marker)))
			p.planted++
		}
	case reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		p.plant(value, all, depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.New(v.Type().Key()).Elem(), value)
	}
}

func (p *planter) plantStruct(v reflect.Value, all bool, depth int) {
	t := v.Type()
	switch {
	case t == reflect.TypeFor[secret.Text]():
		v.Set(reflect.ValueOf(secret.New(marker)))
		p.planted++
		return
	case !strings.HasPrefix(t.PkgPath(), module):
		return // what the standard library keeps is its own
	}
	all = all || strings.HasPrefix(t.Name(), "hidden")
	for i := range t.NumField() {
		f, all := v.Field(i), all || inTheClear[t.String()+"."+t.Field(i).Name] == inside
		if f.Kind() == reflect.String && all && secretName.MatchString(t.Field(i).Name) {
			reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem().SetString(marker)
			p.planted++
			continue
		}
		p.plant(f, all, depth+1)
	}
}

// Structs of another package, in whose unexported fields fmt calls no method.
type (
	holding[T any] struct{ in T }
	holder[T any]  struct{ In T }
)

// nested returns values that hold v, which is a pointer to t, in the ways there are.
func nested(v reflect.Value) []any {
	value, pointer := v.Elem().Interface(), v.Interface()
	list := reflect.MakeSlice(reflect.SliceOf(v.Type().Elem()), 1, 1)
	list.Index(0).Set(v.Elem())
	byName := map[string]any{"k": value}
	return []any{
		value, pointer, list.Interface(), byName, foreign(v.Elem()), foreign(v), foreign(list),
		holding[any]{value}, holding[any]{pointer}, &holding[any]{value}, &holding[any]{pointer}, holding[map[string]any]{byName},
		holder[any]{value}, holder[any]{pointer}, &holder[any]{foreign(v.Elem())}, holding[any]{foreign(v)},
	}
}

// foreign returns a struct that holds v itself, and not an interface, in an
// unexported field.
func foreign(v reflect.Value) any {
	t := reflect.StructOf([]reflect.StructField{{Name: "in", PkgPath: "example.com/foreign", Type: v.Type()}})
	made := reflect.New(t).Elem()
	reflect.NewAt(v.Type(), unsafe.Pointer(made.Field(0).UnsafeAddr())).Elem().Set(v)
	return made.Interface()
}

// spellings are the forms in which Go prints the marker.
var spellings = func() (forms []string) {
	for _, verb := range []string{"%s", "%x", "% x", "%#x", "%d", "%#v", "%o", "%O", "%b", "%U", "%c", "%q"} {
		form := strings.TrimPrefix(fmt.Sprintf(verb, []byte(marker)), "[]byte")
		forms = append(forms, strings.ToLower(strings.Trim(form, "[]{}\"")))
	}
	return append(forms, strings.ToLower(strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(marker)), "=")[:16]))
}()

// shows returns the spelling in which text shows the marker; "": it does not.
func shows(text string) string {
	text = strings.ToLower(text)
	for _, form := range spellings {
		if strings.Contains(text, form) {
			return form
		}
	}
	return ""
}

// everyPrint calls see with everything that printing v writes.
func everyPrint(v any, see func(how, text string)) {
	for _, verb := range "vTtbcdoOqxXUeEfFgGsp!z" {
		for _, flags := range []string{"", "+", "#", " ", "30.20"} {
			see("%"+flags+string(verb), fmt.Sprintf("%"+flags+string(verb), v))
		}
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("it", "v", v)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("it", "v", v)
	see("slog", log.String())
	if text, err := json.Marshal(v); err == nil {
		see("JSON", string(text))
	}
}

func TestNoVerbShowsAPlantedSecret(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(printed)) {
		t.Run(name, func(t *testing.T) {
			v := reflect.New(printed[name])
			var p planter
			p.plant(v.Elem(), false, 0)
			if p.planted == 0 {
				t.Fatal("nothing was planted: this test sees nothing")
			}
			for _, held := range nested(v) {
				everyPrint(held, func(how, text string) {
					if form := shows(text); form != "" && !t.Failed() {
						at := strings.Index(strings.ToLower(text), form)
						t.Errorf("%T under %s shows the secret: …%s", held, how, text[max(0, at-80):at+len(form)])
					}
				})
			}
		})
	}
}

// The test above is worth something only if it sees a leak: one pointer hides nothing.
func TestASecretBehindOnePointerIsSeen(t *testing.T) {
	type secretBytes struct{ bytes []byte }
	for _, v := range []any{
		[]byte(marker), marker, holding[string]{marker}, foreign(reflect.ValueOf(&secretBytes{[]byte(marker)})),
		holder[[]byte]{[]byte(marker)}, map[string]any{"k": []byte(marker)},
	} {
		seen := false
		everyPrint(v, func(_, text string) { seen = seen || shows(text) != "" })
		if !seen {
			t.Errorf("%T: the secret was not seen", v)
		}
	}
}
