// Package sim tests the whole under bad weather: clients and an emulator in one
// process, on virtual time, with a network between them that refuses, delays,
// stalls, breaks and falls silent. It has nothing but tests.
//
//	go test ./internal/sim                                  some storms, the same ones each time
//	go test ./internal/sim -run TestStorm -seed=17 -v       one of them, with its log
//	make soak SOAK=10m                                      new ones, for ten minutes
//
// A storm is drawn from its seed: who lives in the town and what they do, the
// climates that follow each other, what strikes all connections at once, the
// fate of each connection by who dials whom for the how-many-th time, and what
// the servers do wrong of their own accord. A few storms are stories, written by
// hand.
//
// # What is promised
//
// Every call ends, in bounded time, and in one of the ways that package telekey
// names. What the server executes is counted, by the codes that it sends: a call
// with an answer was executed, once; a call that was refused, or never got
// through, was not; any other at most once, unless its caller allowed it to be
// repeated, and not long after it has ended. Whoever was signed in stays signed
// in. When the weather is fair again every client works, without being dialled
// anew, and nobody dials without a pause meanwhile. When everybody has left, no
// connection and no goroutine is left behind, and sessions hold what they should.
//
// # What a seed repeats
//
// It fixes all that is drawn, and the random bytes of both ends, but not the
// order in which goroutines run that are ready at the same moment, nor the
// fraction by which pauses between attempts differ. So a storm takes nearly the
// same course each time, and a failure nearly always comes again; where it does
// not at once, add -count=20.
//
// # What is not simulated
//
// Bytes within a connection are neither lost nor changed nor reordered: TCP does
// not. Clocks agree. A session is forgotten together with what is in flight to
// it: see suffer.
package sim
