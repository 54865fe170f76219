package cli

import (
	"context"
	"errors"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/internal/tdlib"
)

func (p *program) tdlibCommand() *cobra.Command {
	return group("tdlib", "Let programs that are built on TDLib sign in to an emulator", p.tdlibPatchCommand())
}

func (p *program) tdlibPatchCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "patch IN OUT",
		Short: "Make a copy of libtdjson that knows only an emulator on this machine",
		Long: `Make a copy of TDLib's library, libtdjson for Linux on x86-64, that knows only an
emulator on this machine.

TDLib has Telegram's keys and addresses compiled in. The copy has the emulator's key
and loopback addresses in their places, and dials no other machine. Programs that load
the copy sign in to an emulator that runs with --listen-tdlib; with --key FILE its key,
and so the copy, stays good from run to run.

IN is not changed and OUT must not exist. The name of OUT has "telekey-local" in it,
and TDLib's option commit_hash begins with it. A library in which something is not
understood is refused: another machine's, a newer TDLib's, one that is patched already.`,
		Example: `  telekey emulator --ready-file network.json
  telekey tdlib patch libtdjson.so libtdjson-telekey-local.so --network network.json`,
		Args: arguments(2, 2),
		RunE: p.run(func(_ context.Context, args []string) error { return p.patchTDLib(args[0], args[1], path) }),
	}
	cmd.Flags().StringVar(&path, "network", "", "network `file` of the emulator")
	if err := cmd.MarkFlagRequired("network"); err != nil {
		panic(err) // the flag is two lines above
	}
	return cmd
}

func (p *program) patchTDLib(in, out, path string) error {
	network, err := dc.ReadFile(path)
	if err != nil {
		return config("--network: %v", err)
	}
	err = tdlib.PatchFile(in, out, network)
	if _, ok := errors.AsType[*fs.PathError](err); err != nil && !ok {
		err = config("%v", err)
	}
	if err != nil {
		return err
	}
	return p.print(struct {
		Library string `json:"library"`
	}{out}, "%s knows only the emulator of %s", out, path)
}
