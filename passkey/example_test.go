package passkey_test

import (
	"context"
	"fmt"
	"log"

	"github.com/telekey/telekey/passkey"
)

// A site's options go in, and what it is to be sent comes out, as with the
// navigator.credentials of a browser.
func ExampleAuthenticator() {
	ctx := context.Background()
	device := passkey.New() // or passkey.Open("ann.passkeys")

	_, err := device.Create(ctx, []byte(`{"publicKey":{
		"rp":{"id":"example.org","name":"Example"},
		"user":{"id":"Mjo0Mg","name":"ann","displayName":"Ann"},
		"challenge":"AAECAwQFBgcICQoLDA0ODw",
		"pubKeyCredParams":[{"type":"public-key","alg":-7}]}}`))
	if err != nil {
		log.Fatal(err)
	}
	_, err = device.Get(ctx, []byte(`{"publicKey":{"rpId":"example.org","challenge":"Dw4NDAsKCQgHBgUEAwIBAA"}}`))
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range device.Credentials() {
		fmt.Printf("%s at %s, user %s, used %d times\n", c.UserName, c.Site, c.UserHandle, c.Count)
	}
	// Output: ann at example.org, user 2:42, used 1 times
}
