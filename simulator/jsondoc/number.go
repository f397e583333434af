package jsondoc

import (
	"math"
	"strconv"
	"strings"
)

// spell spells a number's literal as a language prints what it parsed.
func (n Numbers) spell(literal string) string {
	if n == KeepNumbers {
		return literal
	}
	whole := !strings.ContainsAny(literal, ".eE")
	if whole && n != ECMAScriptNumbers && n != GoNumbers {
		// Python and Ruby have integers without bound, PHP of 64 bits.
		_, err := strconv.ParseInt(literal, 10, 64)
		if literal == "-0" {
			return "0"
		}
		if err == nil || n != PHPNumbers {
			return literal
		}
	}
	x, _ := strconv.ParseFloat(literal, 64)
	digits, exp := shortest(math.Abs(x))
	sign := ""
	if math.Signbit(x) {
		sign = "-"
	}
	switch n {
	case ECMAScriptNumbers, GoNumbers:
		if math.IsInf(x, 0) {
			return "null"
		}
		if x == 0 && n == ECMAScriptNumbers {
			return "0"
		}
		if exp > 20 || exp < -6 {
			return sign + mantissa(digits, "") + "e" + signed(exp, 1)
		}
		return sign + plain(digits, exp, "")
	case PythonNumbers:
		switch {
		case math.IsInf(x, 0):
			return sign + "Infinity"
		case x == 0:
			return sign + "0.0"
		case exp < -4 || exp >= 16:
			return sign + mantissa(digits, "") + "e" + signed(exp, 2)
		}
		return sign + plain(digits, exp, ".0")
	case PHPNumbers:
		switch {
		case math.IsInf(x, 0):
			return "0" // json_encode fails; with partial output it writes 0
		case x == 0:
			return sign + "0"
		case exp < -4 || exp >= 17:
			return sign + mantissa(digits, ".0") + "e" + signed(exp, 1)
		}
		return sign + plain(digits, exp, "")
	default: // RubyNumbers
		switch {
		case math.IsInf(x, 0):
			return sign + "Infinity"
		case x == 0:
			return sign + "0.0"
		case exp < -4 || exp >= 15 && exp >= len(digits)-1:
			return sign + mantissa(digits, ".0") + "e" + signed(exp, 2)
		}
		return sign + plain(digits, exp, ".0")
	}
}

// shortest is the shortest run of digits that reads back as x, with the power
// of ten of the first of them.
func shortest(x float64) (digits string, exp int) {
	if x == 0 || math.IsInf(x, 0) {
		return "0", 0
	}
	text := strconv.FormatFloat(x, 'e', -1, 64)
	digits, power, _ := strings.Cut(text, "e")
	exp, _ = strconv.Atoi(power)
	return strings.Replace(digits, ".", "", 1), exp
}

// plain writes digits without an exponent; integral is what an integer ends in.
func plain(digits string, exp int, integral string) string {
	switch {
	case exp < 0:
		return "0." + strings.Repeat("0", -exp-1) + digits
	case len(digits) > exp+1:
		return digits[:exp+1] + "." + digits[exp+1:]
	}
	return digits + strings.Repeat("0", exp+1-len(digits)) + integral
}

// mantissa writes d.ddd, or d and what a lone digit ends in.
func mantissa(digits, lone string) string {
	if len(digits) == 1 {
		return digits + lone
	}
	return digits[:1] + "." + digits[1:]
}

// signed writes an exponent with its sign, at least width digits.
func signed(exp, width int) string {
	sign := "+"
	if exp < 0 {
		sign, exp = "-", -exp
	}
	text := strconv.Itoa(exp)
	return sign + strings.Repeat("0", max(0, width-len(text))) + text
}
