// Package tl is the TL language: it reads a schema, and reads and writes values
// of it.
//
// A value has two views. As a struct of a generated package it is typed; as a
// [Map] it goes by the schema's names. Both are the same bytes; [AppendJSON] and
// [Schema.ParseJSON] are the Map on paper.
//
// Bytes are taken for hostile: a [Reader] never reads past its slice, a vector
// is never longer than its bytes allow, values nest at most [MaxDepth] deep,
// and every error says at which field and byte. A constructor that the schema
// does not know is an [UnknownConstructorError].
//
// Maps are read and written by a walk over the schema. For structs a plan is made
// once, which two codecs follow: one by reflection, and a fast one that finds fields
// by their offsets with package unsafe. The build tag purego leaves out the fast one;
// the tests hold both equal. The fast one allocates nothing to write a struct but the
// bytes, and takes the memory of what it reads in blocks, see [Schema.Decode].
//
// The language: https://core.telegram.org/mtproto/TL
package tl
