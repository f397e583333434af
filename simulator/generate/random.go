package generate

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
)

// root is what all randomness of one case of a run comes from: a hash of seed,
// run id and case.
type root [4]uint64

func newRoot(seed uint64, runID, caseName string) root {
	h := sha256.New()
	var n [8]byte
	h.Write([]byte("hookstone generate 1"))
	for _, word := range []uint64{seed, uint64(len(runID))} {
		binary.BigEndian.PutUint64(n[:], word)
		h.Write(n[:])
	}
	h.Write([]byte(runID))
	h.Write([]byte(caseName))
	sum := h.Sum(nil)
	var r root
	for i := range r {
		r[i] = binary.BigEndian.Uint64(sum[8*i:])
	}
	return r
}

// lanes of a key's randomness. Every value has one of its own, so that what is
// drawn for one, or left undrawn because nothing asks for it, never shifts
// another: a journey's values are the same whichever of its events is made.
const (
	laneChoice      = 0 // which journey
	lanePauses      = 1 // the pauses between the journey's steps
	laneBodies      = 2 // what is drawn within the body of step n: laneBodies + n
	laneUnits       = 1 << 15
	lanesPerJourney = 1 << 16
)

// seed starts the generator of one lane. Both halves of the state run through
// a bijection of number and lane, so no two of them share a state.
func (r *root) seed(rng *rand.PCG, number uint64, lane uint64) {
	lo := mix(r[0] + number*0x9e3779b97f4a7c15)
	hi := mix(r[1] ^ mix(number+r[2]) ^ mix(r[3]+lane*0xd1342543de82ef95))
	rng.Seed(hi, lo^lane)
}

// mix is the finaliser of SplitMix64, a bijection.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// below draws a number from 0 to n-1.
func below(rng *rand.PCG, n uint64) uint64 {
	hi, _ := bits.Mul64(rng.Uint64(), n)
	return hi
}
