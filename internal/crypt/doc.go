// Package crypt is the arithmetic of MTProto: AES-IGE, the keys of messages and
// of the key exchange, the factoring of pq, the two RSA paddings and the checks
// of a Diffie-Hellman group.
//
// Every function depends on its arguments alone. The package opens no socket and
// reads no clock; a caller passes random bytes as an io.Reader, and each function
// documents how many it reads. The only state kept between calls is a cache of
// primes that passed the full test, see CheckGroup.
//
// The package does not read or write TL; callers serialise. Numbers are
// big-endian bytes, as in the protocol.
//
// math/big computes the powers; its running time depends on its operands. The
// standard library has no public constant-time arithmetic for groups of this
// size; a client does at most a few such powers with any one secret.
package crypt
