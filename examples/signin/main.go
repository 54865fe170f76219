// Signs in, by phone, and says who that is. TELEKEY_API_ID and TELEKEY_API_HASH
// are the application's from https://my.telegram.org.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strconv"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/session"
)

func main() {
	ctx := context.Background()
	id, _ := strconv.Atoi(os.Getenv("TELEKEY_API_ID"))
	c, err := telekey.Dial(ctx, telekey.Config{AppID: id, AppHash: os.Getenv("TELEKEY_API_HASH"), Session: session.File("me.session")})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	me, err := auth.SignIn(ctx, c, auth.Phone(""), auth.Terminal(os.Stdin, os.Stdout))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in, user", me.ID)
}
