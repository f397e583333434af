package schedule

// bitset is a set of small numbers. The zero value is empty.
type bitset struct{ words []uint64 }

func (b *bitset) set(n uint64) {
	for uint64(len(b.words)) <= n/64 {
		b.words = append(b.words, 0)
	}
	b.words[n/64] |= 1 << (n % 64)
}

func (b *bitset) has(n uint64) bool {
	return n/64 < uint64(len(b.words)) && b.words[n/64]>>(n%64)&1 == 1
}
