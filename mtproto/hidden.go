package mtproto

// hidden is a secret behind two pointers. Of a struct in an unexported field fmt
// calls no method and prints what it finds: behind one pointer the bytes, if the verb
// is wrong; behind two an address.
type hidden[T any] struct{ at **T }

// value returns the secret, to read or to change.
func (h *hidden[T]) value() *T {
	if h.at == nil {
		p := new(T)
		h.at = &p
	}
	return *h.at
}
