package dc

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/telekey/telekey/internal/strictjson"
)

// A network file is a JSON object:
//
//	{"dcs":[{"id":2,"addr":"127.0.0.1:41002"}],
//	 "public_keys":["-----BEGIN RSA PUBLIC KEY-----…"],
//	 "control":"http://127.0.0.1:41000"}
//
// control may be missing, and so may "test" (false), "home" (0) and "name".
// Field names are exact; fields with other names are left alone, so that
// files of newer versions can be read.

// maxFile bounds a network file, in bytes.
const maxFile = 1 << 20

// ReadFile reads and validates the network file of that name.
func ReadFile(path string) (Network, error) {
	f, err := os.Open(path)
	if err != nil {
		return Network{}, fmt.Errorf("network file: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return Network{}, fmt.Errorf("network file: %w", err)
	}
	n, err := Parse(data)
	if err != nil {
		return Network{}, fmt.Errorf("network file %s: %w", path, err)
	}
	return n, nil
}

// Parse reads and validates the contents of a network file. Errors name the
// field and describe its fault.
func Parse(data []byte) (Network, error) {
	if len(data) > maxFile {
		return Network{}, fmt.Errorf("got more than %d bytes, want a network file", maxFile)
	}
	data, err := strictjson.Text(data)
	if err != nil {
		return Network{}, err
	}
	if err := strictjson.Twice(data); err != nil {
		return Network{}, err
	}
	var n Network
	if err := n.UnmarshalJSON(data); err != nil {
		return Network{}, err
	}
	if err := n.Validate(); err != nil {
		return Network{}, err
	}
	return n, nil
}

// MarshalJSON writes a network file, whether or not n is valid; only a key
// without a modulus is refused.
func (n Network) MarshalJSON() ([]byte, error) {
	file := struct {
		DCs     []Endpoint `json:"dcs"`
		Keys    []string   `json:"public_keys"`
		Control string     `json:"control,omitempty"`
		Test    bool       `json:"test,omitempty"`
		Home    int        `json:"home,omitempty"`
		Name    string     `json:"name,omitempty"`
	}{DCs: n.DCs, Keys: []string{}, Control: n.Control, Test: n.Test, Home: n.Home, Name: n.Name}
	if file.DCs == nil {
		file.DCs = []Endpoint{}
	}
	for i, key := range n.Keys {
		if key == nil || key.N == nil {
			return nil, fmt.Errorf("public_keys[%d]: got no key", i)
		}
		file.Keys = append(file.Keys, formatKey(key))
	}
	return json.Marshal(file)
}

// UnmarshalJSON reads what MarshalJSON wrote and replaces all of n. It does
// not validate, so that a Network inside other JSON may be empty.
func (n *Network) UnmarshalJSON(data []byte) error {
	var read Network
	var dcs []json.RawMessage
	var keys []string
	err := readObject(data, []field{
		{"dcs", &dcs, "a list"},
		{"public_keys", &keys, "a list of strings"},
		{"control", &read.Control, "a string"},
		{"test", &read.Test, "true or false"},
		{"home", &read.Home, "a whole number"},
		{"name", &read.Name, "a string"},
	})
	if err != nil {
		return err
	}
	for i, raw := range dcs {
		var o Endpoint
		if err := readObject(raw, []field{{"id", &o.ID, "a whole number"}, {"addr", &o.Addr, "a string"}}); err != nil {
			return fmt.Errorf("dcs[%d]: %w", i, err)
		}
		read.DCs = append(read.DCs, o)
	}
	for i, text := range keys {
		key, err := parseKey(text)
		if err != nil {
			return fmt.Errorf("public_keys[%d]: %w", i, err)
		}
		read.Keys = append(read.Keys, key)
	}
	*n = read
	return nil
}

// A field is the destination of a field of a JSON object and a description of the
// wanted value.
type field struct {
	name string
	into any
	want string
}

// readObject reads the fields of one JSON object. It reads into a map because
// encoding/json would accept "TEST" for "test", and a network file must name
// its fields exactly.
func readObject(data []byte, fields []field) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return wrongJSON(err, "an object")
	}
	for _, f := range fields {
		raw, ok := object[f.name]
		if !ok {
			continue
		}
		if err := json.Unmarshal(raw, f.into); err != nil {
			return fmt.Errorf("%s: %w", f.name, wrongJSON(err, f.want))
		}
	}
	return nil
}

// wrongJSON rewrites an error of encoding/json without Go types.
func wrongJSON(err error, want string) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("got a JSON %s, want %s", wrong.Value, want)
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("not JSON at byte %d: %w", syntax.Offset, err)
	}
	return err
}
