package dc_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/telekey/telekey/dc"
)

// A network file is what an emulator writes and every client reads.
func ExampleParse() {
	// A real file has the emulator's own key here.
	key, _ := json.Marshal(publicKey)
	file := `{"dcs":[{"id":2,"addr":"127.0.0.1:41002"}],"public_keys":[` + string(key) + `]}`

	network, err := dc.Parse([]byte(file))
	if err != nil {
		fmt.Println(err)
		return
	}
	home, _ := network.Endpoint(network.Start())
	fmt.Println(home.ID, home.Addr)
	// Output: 2 127.0.0.1:41002
}

// An error in a file names the field.
func ExampleParse_mistake() {
	_, err := dc.Parse([]byte(`{"dcs":[{"id":2,"addr":"127.0.0.1"}]}`))
	fmt.Println(err)
	// Output: dcs[0].addr: got "127.0.0.1", want host:port with a port from 1 to 65535
}

func ExampleNetwork_Identity() {
	// Another way to the same servers is the same network.
	relay := dc.Production()
	relay.Name = ""
	relay.DCs = []dc.Endpoint{{ID: 2, Addr: "relay.example.org:443"}}
	fmt.Println(relay.Identity())
	// Output: production
}

func ExampleNetwork_KeyDC() {
	fmt.Println(dc.Production().KeyDC(2), dc.Test().KeyDC(2))
	// Output: 2 10002
}

func ExampleNetwork_MarshalJSON() {
	network := dc.Network{
		DCs:     []dc.Endpoint{{ID: 2, Addr: "127.0.0.1:41002"}},
		Control: "http://127.0.0.1:41000",
	}
	file, _ := json.Marshal(network)
	fmt.Println(string(file))
	// Output: {"dcs":[{"id":2,"addr":"127.0.0.1:41002"}],"public_keys":[],"control":"http://127.0.0.1:41000"}
}

var publicKey = strings.TrimSpace(`
-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEAqbWBzHYTWgR8mdyhql+Jyi6XMRLXk1ylmMhjuXLa2N+mNeDWde7J
toDXNhIYfPKDeXEnGh/syYyaPWSjBYhLsFcrXpuJxQbZ4zTuoCnJ9YY7Gubkl1Ud
HCVuXTmmks6G70evBfKHzM4kdxG63nwu9SCMKNzsxR5v9Jh7SK+9oqcX6W8iHetj
rLdP+3ZbdzSzS9sQe2+Y7JMMrbft0EzxbyylycVHbsH2SY3iQNGzYA7wHHlSfDLA
VoZzIpB2wbJkqgW98T75fRoINVMw0Lwl4+hVMihwgWODxXKnL6vVnyjchubuBtdL
m3Cd3hjGyZWB6wX+M8GF6UwBW6zTuPEnPQIDAQAB
-----END RSA PUBLIC KEY-----
`)
