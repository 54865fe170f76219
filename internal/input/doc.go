// Package input reads what people type, copy and keep in files: phone numbers, login
// codes, secrets, application ids and links. Each kind has one reader here, which the
// library, the command, the emulator and its control API share.
//
// Separators and marks that copying adds are dropped. Everything else either counts
// or is an error that names it: a number without its last digit is the number of
// another person.
package input
