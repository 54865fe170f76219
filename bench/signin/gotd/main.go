// Signs in, by phone, with gotd/td: what examples/signin does with telekey.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/gotd/td/session"
	"github.com/gotd/td/telegram"
	"github.com/gotd/td/telegram/auth"
	"github.com/gotd/td/tg"
)

func main() {
	c, err := telegram.ClientFromEnvironment(telegram.Options{SessionStorage: &session.FileStorage{Path: "me.session"}})
	if err != nil {
		log.Fatal(err)
	}
	ask := func(what string) string {
		fmt.Print(what, ": ")
		line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
		return strings.TrimSpace(line)
	}
	code := auth.CodeAuthenticatorFunc(func(context.Context, *tg.AuthSentCode) (string, error) { return ask("code"), nil })
	err = c.Run(context.Background(), func(ctx context.Context) error {
		flow := auth.NewFlow(auth.Constant(ask("phone"), ask("password"), code), auth.SendCodeOptions{})
		if err := c.Auth().IfNecessary(ctx, flow); err != nil {
			return err
		}
		me, err := c.Self(ctx)
		if err == nil {
			fmt.Println("signed in, user", me.ID)
		}
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
}
