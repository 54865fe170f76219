// Telekey signs in to Telegram, calls its API, and is a Telegram to try that on:
// run it with --help.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/telekey/telekey/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal ends what the first could not
	os.Exit(cli.Main(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}
