package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/emulator"
)

// inside starts the Telegram of --local. If there is somebody to type them, the
// codes that it sends are shown on standard error.
func (p *program) inside() (dc.Network, func() error, error) {
	var cfg emulator.Config
	if p.terminal() != nil {
		cfg.Log = slog.New(codes{p.err})
	}
	server, err := emulator.Start(cfg)
	if err != nil {
		return dc.Network{}, func() error { return nil }, err
	}
	return server.Network(), server.Close, nil
}

// codes is the part of the emulator's log that a person has to see.
type codes struct{ out io.Writer }

func (codes) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }

func (h codes) Handle(_ context.Context, r slog.Record) error {
	var phone, code string
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "phone":
			phone = a.Value.String()
		case "code":
			code = a.Value.String()
		}
		return true
	})
	if code == "" {
		return nil
	}
	_, err := fmt.Fprintf(h.out, "The local Telegram sends %s the code %s\n", phone, code)
	return err
}

func (h codes) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h codes) WithGroup(string) slog.Handler      { return h }
