// Command server is the emulator that the clients of the benchmark connect to: it
// writes its network file to the name that it is given, and ends with its input.
package main

import (
	"encoding/json"
	"io"
	"log"
	"os"

	"github.com/telekey/telekey/emulator"
)

func main() {
	srv, err := emulator.Start(emulator.Config{})
	if err != nil {
		log.Fatal(err)
	}
	b, err := json.Marshal(srv.Network())
	if err != nil {
		log.Fatal(err)
	}
	// A program that waits for the file must find it complete.
	if err := os.WriteFile(os.Args[1]+".new", b, 0o600); err != nil {
		log.Fatal(err)
	}
	if err := os.Rename(os.Args[1]+".new", os.Args[1]); err != nil {
		log.Fatal(err)
	}
	io.Copy(io.Discard, os.Stdin)
	srv.Close()
}
