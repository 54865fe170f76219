// Package sim simulates an unreliable network: it runs clients and an emulator in
// one process, on virtual time, over connections that are refused, delayed,
// stalled, broken and silent. It contains only tests.
//
//	go test ./internal/sim                                  the same storms each time
//	go test ./internal/sim -run TestStorm -seed=17 -v       one of them, with its log
//	make soak SOAK=10m                                      new ones, for ten minutes
//
// A storm is one run of the simulation. Its seed determines the people and their
// calls, the phases of the network with their profiles, the outages of all
// connections at once, the parameters of each connection (by its client, its data
// centre and the number of dials before), and the faults that the servers inject.
// A few storms are written by hand, as stories.
//
// # Invariants
//
// Every call ends in bounded time, in one of the ways that package telekey
// documents. The test counts the calls that the server executes by the codes that
// it sends: a call with a response was executed once; a call that was refused or
// did not reach the server was not executed; any other call was executed at most
// once, unless its caller allowed repetition, and not long after its end. A
// signed-in client stays signed in. When the network is healthy again, every client
// works without a new dial by its user; no client ever dials without pauses. After
// all clients have closed, no connection and no goroutine remains, and the sessions
// hold their logins.
//
// # Reproducing a storm
//
// The seed determines all random choices and the random bytes of both ends, but not
// the order of goroutines that are ready at the same time, nor the jitter of pauses
// between attempts. So a storm runs almost identically each time, and a failure
// nearly always recurs; if it does not, add -count=20.
//
// # Not simulated
//
// Bytes within a connection are neither lost nor changed nor reordered, as in TCP.
// Clocks agree. A server forgets a session only together with the packets in flight
// to it: see apply.
package sim
