package cli

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/emulator/control"
	"github.com/telekey/telekey/emulator/passkeys"
	"github.com/telekey/telekey/emulator/websocket"
	"github.com/telekey/telekey/internal/input"
	"github.com/telekey/telekey/secret"
	"github.com/telekey/telekey/tl"
)

// emulatorFlags are the flags of telekey emulator.
type emulatorFlags struct {
	listen    []string
	port      int
	advertise string
	tdlib     bool
	test      bool
	key       string
	seed      string
	readyFile string
	logLevel  string

	controlPort int
	noControl   bool
	allowRemote bool
	tokenFile   string

	maxMemory, maxUnpacked int // MiB
	maxSockets             int
}

func (p *program) emulatorCommand() *cobra.Command {
	var f emulatorFlags
	cmd := &cobra.Command{
		Use:   "emulator",
		Short: "Run a Telegram on this machine until interrupted",
		Long: `Run a Telegram on this machine, with three data centres, until interrupted.
Accounts are kept in memory.

Clients find it by its network file, one JSON object with the addresses and the
public key, which --json prints and --ready-file writes when every port accepts.
Login codes are shown in the log, on standard error. Numbers 99966XYYYY are at
home in data centre X, and their code is X five times. Passkeys are taken of the
site localhost, from https://localhost and http://localhost on any port.

The control API hands codes to programs, makes accounts, bots and rules of
misbehaviour, accepts QR codes, ends sessions and moves the clock; its URL is in
the network file, and docs/control.md describes it. Only this machine reaches it,
unless --allow-remote opens it, like the data centres, on the address of --listen,
to programs that send the token.

A seed file lists accounts, bots, web logins and rules, any of which may be missing:
{"users":[{"phone":"+9996620001","first_name":"Ann","last_name":"","password":"…",
"hint":"…","recovery_email":"…","login_email":"…","channels":["sms"],"dc":2}],
"bots":[{"token":"123456:…","name":"Echo","dc":2}],
"web_logins":[{"phone":"+9996620001","domain":"example.org"}],
"rules":[{"method":"auth.sendCode","nth":1,"do":"error","code":420,
"message":"FLOOD_WAIT_3"}],"sign_up":"forbidden","min_age":16}
Accounts may be "premium", "banned", "frozen" and "rich_messages", too: docs/control.md has all fields.`,
		Example: `  telekey emulator --ready-file network.json
  telekey emulator --json --port 41000 --seed accounts.json`,
		Args: arguments(0, 0),
		RunE: p.run(func(ctx context.Context, _ []string) error { return p.emulator(ctx, f) }),
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&f.listen, "listen", []string{"127.0.0.1"}, "`address` to listen on; or one for each data centre, with commas, which all listen on --port")
	flags.StringVar(&f.advertise, "advertise", "", "`host` that clients are told in place of the address, of a container for instance")
	flags.BoolVar(&f.tdlib, "listen-tdlib", false, "listen where the copies of telekey tdlib patch dial, too (Linux)")
	flags.BoolVar(&f.test, "test", false, "play the test network, for clients that are set to it")
	flags.StringVar(&f.key, "key", "", "`file` with the private key; it is made if it is absent")
	flags.IntVar(&f.port, "port", 0, "data centre n listens on `port` + n - 1; 0 picks free ones")
	flags.StringVar(&f.seed, "seed", "", "JSON `file` with accounts, bots and rules to begin with")
	flags.StringVar(&f.readyFile, "ready-file", "", "`file` to write the network file to, whole and when all is ready")
	flags.StringVar(&f.logLevel, "log-level", "info", "least `level` that the log shows: debug (every packet and call), info, warn or error")
	flags.IntVar(&f.controlPort, "control-port", 0, "`port` of the control API; 0 picks a free one")
	flags.BoolVar(&f.noControl, "no-control", false, "no control API")
	flags.BoolVar(&f.allowRemote, "allow-remote", false, "let other machines use the control API; needs --token-file")
	flags.StringVar(&f.tokenFile, "token-file", "", "`file` with the token that every request to the control API must bring")
	flags.IntVar(&f.maxMemory, "max-memory", 96, "`MiB` of memory for the packets and answers of all clients together")
	flags.IntVar(&f.maxSockets, "max-sockets", 16384, "`number` of connections; never more than the limit for open files, less 64")
	flags.IntVar(&f.maxUnpacked, "max-unpacked", 32, "`MiB` that the packed parts of one packet may become")
	cmd.MarkFlagsMutuallyExclusive("no-control", "control-port")
	cmd.MarkFlagsMutuallyExclusive("no-control", "allow-remote")
	cmd.MarkFlagsMutuallyExclusive("no-control", "token-file")
	return cmd
}

// emulator runs until ctx ends, which is its ordinary end.
func (p *program) emulator(ctx context.Context, f emulatorFlags) error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.logLevel)); err != nil {
		return usage("--log-level: got %q, want debug, info, warn or error", f.logLevel)
	}
	keys, err := passkeys.New(passkeys.Config{})
	if err != nil {
		return err
	}
	cfg := emulator.Config{
		Port: f.port, Advertise: f.advertise, ListenTDLib: f.tdlib, Test: f.test, Log: slog.New(slog.NewTextHandler(p.err, &slog.HandlerOptions{Level: level})),
		Upgrade: websocket.Upgrade, Passkeys: keys,
	}
	if cfg.Listen = f.host(); len(f.listen) > 1 {
		cfg.Listen, cfg.Addresses = "", f.listen
	}
	if f.key != "" {
		if cfg.Key, err = keyFile(f.key); err != nil {
			return config("--key: %v", err)
		}
	}
	if err := f.limits(&cfg); err != nil {
		return err
	}
	defer limitHeap(cfg.MaxMemory)()
	if f.seed != "" {
		seed, err := emulator.ReadSeed(f.seed)
		if err != nil {
			return config("%v", err)
		}
		cfg.Users, cfg.Bots, cfg.WebLogins, cfg.Rules = seed.Users, seed.Bots, seed.WebLogins, seed.Rules
		cfg.SignUp, cfg.MinAge = seed.SignUp, seed.MinAge
	}
	controls, err := f.controls()
	if err != nil {
		return err
	}
	controls.Log = cfg.Log
	if f.readyFile != "" {
		// Who waits for the file must not find the last run's.
		if err := os.Remove(f.readyFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return config("--ready-file: %v", err)
		}
	}
	server, err := start(cfg)
	if err != nil {
		return err
	}
	defer server.Close()
	network := server.Network()
	if !f.noControl {
		api, err := startControl(server, controls)
		if err != nil {
			return err
		}
		defer api.Close()
		network.Control = f.advertised(api.URL())
	}
	if err := p.announce(network, f.readyFile); err != nil {
		return err
	}
	<-ctx.Done()
	return removeReady(f.readyFile, network)
}

// removeReady removes the ready file, unless it is of another emulator by now: a
// script that waits for the file must not find that of a run that has ended.
func removeReady(path string, network dc.Network) error {
	if path == "" {
		return nil
	}
	ours, err := jsonLine(network)
	if err != nil {
		return err
	}
	there, err := os.ReadFile(path)
	if err == nil && bytes.Equal(ours, there) {
		err = os.Remove(path)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return config("--ready-file: %v", err)
	}
	return nil
}

// limits puts what all clients together may use into cfg.
func (f emulatorFlags) limits(cfg *emulator.Config) error {
	for _, limit := range []struct {
		flag                   string
		got, least, most, unit int
		into                   *int
	}{
		{"--max-memory", f.maxMemory, 4, maxMiB, 1 << 20, &cfg.MaxMemory},
		{"--max-sockets", f.maxSockets, 1, 1 << 20, 1, &cfg.MaxSockets},
		{"--max-unpacked", f.maxUnpacked, 1, maxMiB, 1 << 20, &cfg.MaxUnpacked},
	} {
		if limit.got < limit.least || limit.got > limit.most {
			return usage("%s: got %d, want %d to %d", limit.flag, limit.got, limit.least, limit.most)
		}
		*limit.into = limit.got * limit.unit
	}
	return nil
}

// limitHeap has the garbage collector run earlier when the memory for clients is
// nearly used up: what they hold for a moment becomes garbage of the same size. It
// returns what ends that.
func limitHeap(budget int) (end func()) {
	if os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	before := debug.SetMemoryLimit(int64(budget) + ownMemory)
	return func() { debug.SetMemoryLimit(before) }
}

// ownMemory is what an emulator needs beside the memory for clients.
const ownMemory = 32 << 20

// maxMiB is the highest number of MiB whose bytes an int of 32 bits can count.
const maxMiB = 2047

// host is the address of the first data centre.
func (f emulatorFlags) host() string {
	if len(f.listen) == 0 {
		return ""
	}
	return f.listen[0]
}

// advertised puts the host of --advertise into the URL of the control API. Without
// --allow-remote the API takes requests to loopback hosts alone, so its URL stays.
func (f emulatorFlags) advertised(control string) string {
	u, err := url.Parse(control)
	if err != nil || f.advertise == "" || !f.allowRemote && !isLoopback(f.advertise) {
		return control
	}
	u.Host = net.JoinHostPort(f.advertise, u.Port())
	return u.String()
}

// controls says where the control API listens. Unless it is allowed to be reached
// from elsewhere it stays on this machine, also when the data centres do not.
func (f emulatorFlags) controls() (cfg control.Config, err error) {
	cfg = control.Config{Listen: f.host(), Port: f.controlPort, AllowRemote: f.allowRemote}
	if !f.allowRemote && !isLoopback(f.host()) {
		cfg.Listen = "127.0.0.1"
	}
	switch {
	case f.tokenFile != "":
		if cfg.Token, err = readToken(f.tokenFile); err != nil {
			return cfg, config("--token-file: %v", err)
		}
	case f.allowRemote:
		return cfg, usage("--allow-remote needs --token-file: codes are not for everyone who finds the port")
	}
	return cfg, nil
}

// startControl tells what is wrong with cfg from a port that is taken.
func startControl(server *emulator.Server, cfg control.Config) (*control.Server, error) {
	api, err := control.Start(server, cfg)
	if _, ok := errors.AsType[*net.OpError](err); err != nil && !ok {
		err = config("%v", err)
	}
	return api, err
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// maxTokenFile bounds a token, in bytes.
const maxTokenFile = 4096

// readToken reads the token in the first line of a file.
func readToken(path string) (secret.Text, error) {
	file, err := os.Open(path)
	if err != nil {
		return secret.Text{}, err
	}
	defer file.Close()
	line, err := input.NewLines(file, maxTokenFile).Next()
	if err != nil && err != io.EOF {
		return secret.Text{}, fmt.Errorf("%s: %w", path, err)
	}
	token := secret.New(input.Trim(string(line)))
	if token.IsZero() {
		return secret.Text{}, fmt.Errorf("%s: got nothing in its first line, want a token", path)
	}
	return token, nil
}

// start tells what is wrong with cfg from ports that are taken.
func start(cfg emulator.Config) (*emulator.Server, error) {
	server, err := emulator.Start(cfg)
	if _, ok := errors.AsType[*net.OpError](err); err != nil && !ok {
		err = config("%v", err)
	}
	return server, err
}

// announce says where the network is, in the file first: who reads the line can
// count on it.
func (p *program) announce(network dc.Network, readyFile string) error {
	line, err := jsonLine(network)
	if err != nil {
		return err
	}
	if readyFile != "" {
		if err := replace(readyFile, line, 0o644); err != nil {
			return config("--ready-file: %v", err)
		}
	}
	if p.json {
		_, err = p.out.Write(line)
		return err
	}
	return p.describe(network, readyFile)
}

// describe says it to people.
func (p *program) describe(network dc.Network, readyFile string) error {
	var text strings.Builder
	text.WriteString("a local Telegram is running; interrupt it to end it\n")
	for _, option := range network.DCs {
		fmt.Fprintf(&text, "  data centre %d  %s\n", option.ID, option.Addr)
	}
	for _, key := range network.Keys {
		fmt.Fprintf(&text, "  public key     fingerprint %016x\n", fingerprint(key))
	}
	if network.Control != "" {
		fmt.Fprintf(&text, "  control API    %s\n", network.Control)
	}
	if readyFile != "" {
		fmt.Fprintf(&text, "try: telekey login --network %s --session me.session --phone +9996621234\n", readyFile)
	}
	_, err := io.WriteString(p.out, text.String())
	return err
}

// fingerprint names a public key in key exchanges: the lower 64 bits of the
// SHA-1 of modulus and exponent as TL strings.
//
// https://core.telegram.org/mtproto/auth_key#presenting-proof-of-work-server-authentication
func fingerprint(key *rsa.PublicKey) uint64 {
	b := tl.AppendBytes(nil, key.N.Bytes())
	b = tl.AppendBytes(b, big.NewInt(int64(key.E)).Bytes())
	sum := sha1.Sum(b)
	return binary.LittleEndian.Uint64(sum[12:])
}

// replace writes a file under another name and gives it its own when it is
// whole, so that nobody reads half of it.
func replace(path string, content []byte, mode os.FileMode) error {
	// CreateTemp picks a random name and takes no file that exists, so that no other
	// user's file or link gets the content; it may be a login link.
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Chmod(mode), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
