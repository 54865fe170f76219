// Signs in, by phone, with gogram: what examples/signin does with telekey.
package main

import (
	"fmt"
	"log"
	"os"
	"strconv"

	"github.com/amarnathcjd/gogram/telegram"
)

func main() {
	id, _ := strconv.Atoi(os.Getenv("TELEKEY_API_ID"))
	c, err := telegram.NewClient(telegram.ClientConfig{AppID: int32(id), AppHash: os.Getenv("TELEKEY_API_HASH"), Session: "me.session"})
	if err != nil {
		log.Fatal(err)
	}
	if err := c.Connect(); err != nil {
		log.Fatal(err)
	}
	if err := c.AuthPrompt(); err != nil {
		log.Fatal(err)
	}
	me, err := c.GetMe()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in, user", me.ID)
}
