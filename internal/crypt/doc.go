// Package crypt is the arithmetic of MTProto: AES-IGE, the keys of messages and
// of the key exchange, the factoring of pq, the two RSA paddings and the checks
// of a Diffie-Hellman group.
//
// Everything here is a function of its arguments. There is no socket, no clock
// and no source of random bytes: who needs randomness passes an io.Reader, and
// each function says how much it reads. The one thing remembered between calls
// is which primes have passed the long test, see CheckGroup.
//
// Nothing here reads or writes TL; callers serialise. Numbers travel as
// big-endian bytes, the way the protocol sends them.
//
// Powers are taken by math/big, whose running time depends on its operands. The
// standard library has no public constant-time arithmetic for groups of this
// size; a client does at most a few such powers with any one secret.
package crypt
