package generate

import (
	"math/big"
	"math/bits"
)

// rounding is how a computed number loses the decimals that it has too many.
type rounding uint8

const (
	halfEven rounding = iota
	halfUp            // halves away from zero
	down              // towards zero
)

var roundings = map[string]rounding{"half-even": halfEven, "half-up": halfUp, "down": down}

// expression is a computation over fixed-point numbers. It is exact until it
// is rounded: a fraction of two integers, in 64 bits where they suffice.
type expression struct {
	op          byte // 'n' number, 'r' register, + - * / , 'a' smaller of, 'z' larger of
	left, right *expression
	reg         int
	n           int64
	scale       int // of number and register
}

// fraction is num/den; den > 0.
type fraction struct{ num, den int64 }

// eval computes in 64 bits; ok is false where they do not suffice.
func (e *expression) eval(regs []register) (f fraction, ok bool) {
	switch e.op {
	case 'n':
		return fraction{e.n, powersOf10[e.scale]}, true
	case 'r':
		return fraction{regs[e.reg].num, powersOf10[e.scale]}, true
	}
	l, ok := e.left.eval(regs)
	if !ok {
		return l, false
	}
	r, ok := e.right.eval(regs)
	if !ok {
		return r, false
	}
	switch e.op {
	case '*':
		num, ok1 := mul(l.num, r.num)
		den, ok2 := mul(l.den, r.den)
		return fraction{num, den}, ok1 && ok2
	case '/':
		if r.num == 0 {
			return fraction{0, 1}, true // compile refused what can divide by zero
		}
		num, ok1 := mul(l.num, r.den)
		den, ok2 := mul(l.den, r.num)
		if den < 0 {
			num, den = -num, -den
		}
		return fraction{num, den}, ok1 && ok2
	}
	if l.den != r.den { // bring both to one denominator
		var ok bool
		switch {
		case l.den%r.den == 0:
			r.num, ok = mul(r.num, l.den/r.den)
			r.den = l.den
		case r.den%l.den == 0:
			l.num, ok = mul(l.num, r.den/l.den)
			l.den = r.den
		default:
			var ok1, ok2, ok3 bool
			l.num, ok1 = mul(l.num, r.den)
			r.num, ok2 = mul(r.num, l.den)
			l.den, ok3 = mul(l.den, r.den)
			ok = ok1 && ok2 && ok3
		}
		if !ok {
			return l, false
		}
	}
	switch e.op {
	case 'a':
		return fraction{min(l.num, r.num), l.den}, true
	case 'z':
		return fraction{max(l.num, r.num), l.den}, true
	case '-':
		r.num = -r.num
	}
	sum := l.num + r.num
	return fraction{sum, l.den}, (sum > l.num) == (r.num > 0)
}

// mul multiplies, and tells whether the product fits (with a bit to spare, so
// that it can be negated).
func mul(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(abs(a)), uint64(abs(b)))
	return a * b, hi == 0 && lo < 1<<62
}

func abs(a int64) int64 {
	if a < 0 {
		return -a
	}
	return a
}

// compute evaluates the expression as a whole number of units of 10^-scale.
func (e *expression) compute(regs []register, scale int, r rounding) int64 {
	f, ok := e.eval(regs)
	if ok {
		if n, ok := round(f, scale, r); ok {
			return n
		}
	}
	return e.computeExactly(regs, scale, r)
}

func round(f fraction, scale int, r rounding) (int64, bool) {
	hi, lo := bits.Mul64(uint64(abs(f.num)), uint64(powersOf10[scale]))
	den := uint64(f.den)
	if hi >= den {
		return 0, false
	}
	q, rest := bits.Div64(hi, lo, den)
	if q >= 1<<62 {
		return 0, false
	}
	if r != down && (rest > den-rest || rest == den-rest && (r == halfUp || q&1 == 1)) {
		q++
	}
	if f.num < 0 {
		return -int64(q), true
	}
	return int64(q), true
}

// computeExactly is compute without bounds, for what overflows on the way.
func (e *expression) computeExactly(regs []register, scale int, r rounding) int64 {
	x := e.rational(regs)
	x.Mul(x, new(big.Rat).SetInt64(powersOf10[scale]))
	negative := x.Sign() < 0
	x.Abs(x)
	q, rest := new(big.Int).QuoRem(x.Num(), x.Denom(), new(big.Int))
	half := rest.Lsh(rest, 1).Cmp(x.Denom())
	if r != down && (half > 0 || half == 0 && (r == halfUp || q.Bit(0) == 1)) {
		q.Add(q, big.NewInt(1))
	}
	if negative {
		q.Neg(q)
	}
	return q.Int64() // compile proved that the result fits
}

func (e *expression) rational(regs []register) *big.Rat {
	switch e.op {
	case 'n':
		return big.NewRat(e.n, powersOf10[e.scale])
	case 'r':
		return big.NewRat(regs[e.reg].num, powersOf10[e.scale])
	}
	l, r := e.left.rational(regs), e.right.rational(regs)
	switch e.op {
	case '+':
		return l.Add(l, r)
	case '-':
		return l.Sub(l, r)
	case '*':
		return l.Mul(l, r)
	case '/':
		if r.Sign() == 0 {
			return l.SetInt64(0)
		}
		return l.Quo(l, r)
	case 'a':
		if r.Cmp(l) < 0 {
			return r
		}
		return l
	default:
		if r.Cmp(l) > 0 {
			return r
		}
		return l
	}
}
