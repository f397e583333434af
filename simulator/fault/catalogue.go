package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookstone/hookstone/simulator/jsondoc"
)

// Entry is a fault that can be asked for by name, as people do who send a
// single delivery.
type Entry struct {
	Name    string // without its argument
	Example string // a name that Parse takes
	make    func(argument string) (Fault, error)
}

// Catalogue lists the faults that need nothing but their name, in the order of
// their stages. Faults that need another delivery, another contract or a
// secret are made in code alone.
func Catalogue() []Entry { return slices.Clone(catalogue) }

// Parse makes a fault of its name: "signature.truncated(8)". The name of the
// fault made is the one given.
func Parse(name string) (Fault, error) {
	base, argument := name, ""
	if i := strings.IndexByte(name, '('); i >= 0 {
		if !strings.HasSuffix(name, ")") {
			return Fault{}, fmt.Errorf("malformed fault %q: its argument is not closed", name)
		}
		base, argument = name[:i], name[i+1:len(name)-1]
	}
	i := slices.IndexFunc(catalogue, func(e Entry) bool { return e.Name == base })
	if i < 0 {
		return Fault{}, fmt.Errorf("unknown fault %q", base)
	}
	f, err := catalogue[i].make(argument)
	if err != nil {
		return Fault{}, fmt.Errorf("fault %q: %w, as in %s", name, err, catalogue[i].Example)
	}
	if f.Name != name {
		return Fault{}, fmt.Errorf("fault %q: want %s", name, catalogue[i].Example)
	}
	return f, nil
}

var catalogue = []Entry{
	simple(UnknownMembers()), worded("body.unicode", "", Unicode), worded("body.nul", "", NUL), worded("body.lone-surrogate", "", LoneSurrogate),
	simple(UnknownType("hookstone.unknown")), simple(InvalidUTF8()), simple(ExtremeNumbers()), simple(NumberForms()), simple(CanonicalNumbers()),
	numbered("body.large", 64, func(s string) string { return strings.TrimSuffix(s, "KiB") }, Large),
	styled("body.spelled", Respelled), worded("body.without", "/data", Remove), worded("body.mistyped", "/data", Mistype),
	simple(ByteOrderMark()), simple(DuplicateKeys()), simple(EmptyBody()), simple(Scalar()), simple(Array()), simple(NullBody()), simple(Garbage()), simple(Malformed()),
	numbered("body.deep", 1000, nil, DeepNesting), simple(PrototypeKeys()), simple(WithoutType()), simple(WithoutID()), simple(WithoutChallenge()),
	timed("time.aged", time.Hour, Aged), worded("time.spelled", "abc", TimestampSpelled),

	simple(Unsigned()), simple(AnotherSecret()), simple(EmptySecret()), simple(BlankSecret()), worded("secret.published", "changeme", PublishedSecret),
	worded("signature.algorithm", "hmac-sha1", Algorithm), worded("signature.encoding", "base64", Encoding), styled("signature.over", SignedAs),
	simple(SchemeOnly()), simple(RandomDigest()), numbered("signature.truncated", 8, nil, Truncated), simple(Suffix()), worded("signature.altered", "head", Altered), simple(Extended()), simple(TrailingGarbage()),
	simple(NotHex()), simple(NonASCII()), simple(Multibyte()), simple(Control()), simple(OversizedDigest()), simple(Uppercase()),

	simple(TamperedValue("")), simple(TamperedType("hookstone.tampered")), simple(Appended()), simple(Emptied()), styled("tampered.spelled", RespelledAfterSigning),
	simple(EmptySignature()), simple(BlankSignature()), worded("signature.other-header", "X-Signature", OtherHeader),
	either("signature.repeated", "forged-genuine", "genuine-forged", RepeatedHeader), simple(ElementOrder()), simple(Spaces()), simple(UnknownElement()),
	either("signature.second-valid", "wrong-right", "right-wrong", SecondSignature), simple(DowngradedScheme()),
	timed("time.re-dated", time.Hour, ReDated), simple(TimestampMissing()),
	either("time.two", "fresh-old", "old-fresh", func(freshFirst bool) Fault { return TwoTimestamps(time.Hour, freshFirst) }),
	worded("header.case", "lower", HeaderCase), worded("header.without", "Content-Type", HeaderRemoved),
	worded("header.media-type", "text/plain", func(v string) Fault {
		if v == "none" {
			v = ""
		}
		return MediaType(v)
	}),
	worded("method", "PUT", Method),

	numbered("wire.chunked", 16, nil, Chunked), simple(ExpectContinue()), simple(Abandon()), simple(NoLength()), simple(ReadEarly()),
	numbered("wire.cut", 10, nil, CutAt), worded("wire.content-coding", "gzip", ContentCoding),
}

func simple(f Fault) Entry {
	return Entry{Name: f.Name, Example: f.Name, make: func(string) (Fault, error) { return f, nil }}
}

func example(name, argument string) string {
	if argument == "" {
		return name
	}
	return name + "(" + argument + ")"
}

func worded(name, usual string, make func(string) Fault) Entry {
	return Entry{Name: name, Example: example(name, usual), make: func(argument string) (Fault, error) {
		if argument == "" && usual != "" {
			return Fault{}, fmt.Errorf("it needs an argument")
		}
		return make(argument), nil
	}}
}

func numbered(name string, usual int, trim func(string) string, make func(int) Fault) Entry {
	return Entry{Name: name, Example: make(usual).Name, make: func(argument string) (Fault, error) {
		if trim != nil {
			argument = trim(argument)
		}
		n, err := strconv.Atoi(argument)
		if err != nil || n < 0 {
			return Fault{}, fmt.Errorf("%q is no number", argument)
		}
		return make(n), nil
	}}
}

func timed(name string, usual time.Duration, make func(time.Duration) Fault) Entry {
	return Entry{Name: name, Example: make(usual).Name, make: func(argument string) (Fault, error) {
		age, err := time.ParseDuration(argument)
		if err != nil {
			return Fault{}, fmt.Errorf("%q is no duration", argument)
		}
		f := make(age)
		f.Name = example(name, argument)
		return f, nil
	}}
}

func either(name, yes, no string, make func(bool) Fault) Entry {
	return Entry{Name: name, Example: example(name, yes), make: func(argument string) (Fault, error) {
		if argument != yes && argument != no {
			return Fault{}, fmt.Errorf("%q is neither %s nor %s", argument, yes, no)
		}
		return make(argument == yes), nil
	}}
}

var styles = append(jsondoc.Languages(), jsondoc.Whitespace, jsondoc.PrettyPrinted, jsondoc.TrailingLine, jsondoc.ReversedKeys, jsondoc.EscapedUnicode, jsondoc.EscapedSolidus)

func styled(name string, make func(jsondoc.Style) Fault) Entry {
	return Entry{Name: name, Example: make(styles[1]).Name, make: func(argument string) (Fault, error) {
		for _, s := range styles {
			if s.Name == argument {
				return make(s), nil
			}
		}
		return Fault{}, fmt.Errorf("unknown style %q", argument)
	}}
}
