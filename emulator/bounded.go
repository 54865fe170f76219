package emulator

// bounded keeps things by name, and only so many: the oldest give way. What
// clients can have made for nothing is kept so.
type bounded[K comparable, V any] struct {
	things map[K]V
	order  []K // oldest first
}

// add keeps one more. With more than most the oldest is forgotten.
func (b *bounded[K, V]) add(name K, one V, most int) {
	if b.things == nil {
		b.things = map[K]V{}
	}
	if len(b.order) >= most {
		delete(b.things, b.order[0])
		b.order = b.order[1:]
	}
	b.things[name] = one
	b.order = append(b.order, name)
}

// find returns the one of that name, and whether there is one.
func (b *bounded[K, V]) find(name K) (V, bool) {
	one, ok := b.things[name]
	return one, ok
}

// drop forgets the one of that name.
func (b *bounded[K, V]) drop(name K) {
	if _, ok := b.things[name]; ok {
		delete(b.things, name)
		b.order = without(b.order, name)
	}
}

// dropIf forgets all that are so.
func (b *bounded[K, V]) dropIf(so func(V) bool) {
	for _, name := range b.order { // without makes a new one
		if so(b.things[name]) {
			b.drop(name)
		}
	}
}
