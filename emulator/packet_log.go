package emulator

import (
	"context"
	"log/slog"
)

// logPacket writes a line at level Debug for a packet that came in or went out, so
// that the log shows how long each side waited for the other.
func (s *Server) logPacket(k *socket, direction string, size int) {
	ctx := context.Background()
	if !s.cfg.Log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	s.cfg.Log.LogAttrs(ctx, slog.LevelDebug, "packet",
		slog.String("direction", direction), slog.Int("dc", k.centre.id), slog.Uint64("connection", uint64(k.id)), slog.Int("bytes", size))
}
