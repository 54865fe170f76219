package emulator_test

import (
	"context"
	"fmt"
	"time"

	"github.com/telekey/telekey/emulator"
)

func Example() {
	srv, err := emulator.Start(emulator.Config{
		Users: []emulator.User{{Phone: "+9996621234", FirstName: "Ann", Password: "correct horse"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	for _, o := range srv.Network().DCs {
		fmt.Println("data centre", o.ID)
	}
	// A client that was given srv.Network() asks for a code here. This one does
	// not, so nobody waits for long.
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err = srv.WaitCode(ctx, "+9996621234")
	fmt.Println(err)
	// Output:
	// data centre 1
	// data centre 2
	// data centre 3
	// emulator: no code was sent to +9996621234: context deadline exceeded
}
