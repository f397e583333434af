package generate

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// timeForm is how a time is spelled. Times are held in milliseconds.
type timeForm uint8

const (
	formRFC3339 timeForm = iota
	formMillis
	formUnixSeconds
	formUnixMilliseconds
	formDate
)

var timeForms = map[string]timeForm{
	"rfc3339": formRFC3339, "rfc3339-milliseconds": formMillis,
	"unix-seconds": formUnixSeconds, "unix-milliseconds": formUnixMilliseconds, "date": formDate,
}

// quoted tells whether the form is a JSON string rather than a number.
func (f timeForm) quoted() bool { return f != formUnixSeconds && f != formUnixMilliseconds }

const msPerDay = 24 * 60 * 60 * 1000

// appendTime appends a moment of the years 0 to 9999, in UTC.
func appendTime(dst []byte, ms int64, form timeForm) []byte {
	switch form {
	case formUnixSeconds:
		return strconv.AppendInt(dst, floorDiv(ms, 1000), 10)
	case formUnixMilliseconds:
		return strconv.AppendInt(dst, ms, 10)
	}
	day := floorDiv(ms, msPerDay)
	rest := int(ms - day*msPerDay)
	year, month, date := civil(day)
	dst = appendDigits(dst, year, 1000)
	dst = append(dst, '-')
	dst = appendDigits(dst, month, 10)
	dst = append(dst, '-')
	dst = appendDigits(dst, date, 10)
	if form == formDate {
		return dst
	}
	dst = append(dst, 'T')
	dst = appendDigits(dst, rest/3600000, 10)
	dst = append(dst, ':')
	dst = appendDigits(dst, rest/60000%60, 10)
	dst = append(dst, ':')
	dst = appendDigits(dst, rest/1000%60, 10)
	if form == formMillis {
		dst = append(dst, '.')
		dst = appendDigits(dst, rest%1000, 100)
	}
	return append(dst, 'Z')
}

func appendDigits(dst []byte, n, unit int) []byte {
	for ; unit > 0; unit /= 10 {
		dst = append(dst, byte('0'+n/unit%10))
	}
	return dst
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// civil is the date of a day counted from 1970-01-01, in the proleptic
// Gregorian calendar; time.Time does the same at several times the cost.
func civil(day int64) (year, month, date int) {
	z := day + 719468 // from 0000-03-01
	era := floorDiv(z, 146097)
	doe := int(z - era*146097)
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	date = doy - (153*mp+2)/5 + 1
	month = mp + 3
	if month > 12 {
		month -= 12
	}
	year = yoe + int(era)*400
	if month <= 2 {
		year++
	}
	return year, month, date
}

// offset is one summand of a time: a drawn length, or a register times one.
type offset struct {
	sign     int64
	reg      int   // -1: drawn
	unit     int64 // ms; of a register's 1
	min, max int64 // ms
}

func (o *offset) draw(m *machine, rng *rand.PCG) int64 {
	if o.reg >= 0 {
		return o.sign * o.unit * m.regs[o.reg].num
	}
	d := o.min
	if o.max > d {
		d += int64(below(rng, uint64(o.max-d+1)))
	}
	return o.sign * d
}

// parseLength reads a duration as Go writes it, or in days ("14d"), in ms.
func parseLength(text string) (int64, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseInt(days, 10, 32)
		if err != nil || n < 0 {
			return 0, fmt.Errorf("duration %q is not a number of days", text)
		}
		return n * msPerDay, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("duration %q is not one such as 90s, 5m, 2h or 14d", text)
	}
	return d.Milliseconds(), nil
}

// parseRange reads a length or two of them: 1h..3h.
func parseRange(text string) (lo, hi int64, err error) {
	first, second, ranged := strings.Cut(text, "..")
	if lo, err = parseLength(first); err != nil {
		return 0, 0, err
	}
	hi = lo
	if ranged {
		if hi, err = parseLength(second); err != nil {
			return 0, 0, err
		}
	}
	if hi < lo {
		return 0, 0, fmt.Errorf("range %q runs backwards", text)
	}
	return lo, hi, nil
}
