package main

// pageText is docs/benchmarks.md but for the figures.
const pageText = `# Benchmarks

<!-- Written by bench/ (make bench). Do not edit. -->

telekey beside two other MTProto libraries for Go, measured in one run; and a
floor, which does with the standard library and by hand what no client can do
without. Each cell is the median of {{.Rounds}} runs and between which values they lay;
a tilde marks those that lie more than a fifth apart, on which nothing should be
built. Figures of different runs of this page cannot be compared.

| | telekey | gotd | gogram | floor | goal |
|---|---|---|---|---|---|
{{.Table}}
- {{.Date}}, {{.Machine.CPU}}, {{.Machine.Cores}} cores, {{.Machine.System}}, {{.Machine.Go}}; the run took {{.Took}}.
- telekey {{.Machine.Commit}}; {{range $name, $version := .Machine.Modules}}{{$name}} {{$version}}; {{end}}all as they come:
  no option is set but those that lead to the emulator, and those that turn
  updates, logs and caches of users off.
- ` + "`make bench`" + `, which is ` + "`go run . -rounds {{.Rounds}}`" + ` in bench/.
{{- range .Failures}}
- {{.}}
{{- end}}

## What is measured

Every cell is a process of its own that runs one task; the libraries take turns,
task by task. The server is telekey's emulator, in another process on the same
machine, for all of them the same. What is counted is the client's: its processor
time, user and system, by getrusage; its allocations, by runtime.MemStats, of all
goroutines. Garbage collection is in the time. Wall time is not measured: it would
measure the emulator.

Answers are held back for {{.Delay}} on their way, as by a near network. Without
that gogram loses the answers that come before its caller has begun to wait, and
spends its time reconnecting. With many calls in flight it does not always write
messages in the order in which it has numbered them; the server refuses those, as
it must, and calls that have not ended after five seconds count as failed.

- **Connecting**: from nothing to a connection of which the library says that it
  is up, with a new key; what it says on the way (all of them help.getConfig,
  gogram updates.getState, too) is in the time. Floor: the public operation of RSA
  and two exponentiations of 2048 bits, with math/big. gotd tests the prime anew
  each time; gogram does not test it.
- **Proof of work, prime**: five products of 61 to 63 bits in turn; the prime that
  Telegram has always used, with 3. gogram does not offer either by itself.
- **A password's proof**: what auth.checkPassword takes, of the known prime; the
  first of each run is checked as a server does. Floor: the PBKDF2 in it, alone.
- **A call**: help.getNearestDc, typed, on one connection; 64 goroutines that call
  one after the other, or one. Floor: encrypting the request and decrypting the
  answer; for one after the other also a system call to write and one to read.
- **Encrypting**: a message with a body of 128 bytes, key and padding included.
  The allocation that telekey does is the expanded key, inside crypto/aes.
- **An idle client**: 200 clients in one process, 50 to a key, each after one
  call; what heap and stacks have grown by after garbage collection, and how many
  goroutines there are more, two seconds later. What the kernel keeps for a socket
  is not in it.
  Floor: a connection and a goroutine that waits in Read.
- **Reading**: a messages.messages with a hundred ordinary messages in a group,
  17 kB, into the library's structs; the same bytes for all but for the number of
  message, which differs between layers. Floor: by hand, into structs that have
  room for nothing else. gogram's reading is behind an internal package, from
  where it is linked.
- **Writing**: a messages.sendMessage of 116 bytes, the struct made each time,
  into a buffer that is used again where the library allows that.
- **Cold build**: ` + "`go build -trimpath -ldflags='-s -w'`" + ` with an empty cache but for the
  standard library; processor time of all processes, memory of the largest.

` + "`make bench-check`" + ` holds what does not depend on the machine, allocations and
instructions, to limits; see bench/check.
`
