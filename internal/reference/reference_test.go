package reference_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"tcpviz/internal/lesson"
	"tcpviz/internal/reference"
)

// source is how a source is written: an RFC with its section, POSIX with the call, a
// page of Linux's manual, another tool's own word, or, for its own words, tcpviz.
var source = regexp.MustCompile(`^(RFC \d{3,4}( §\d+(\.\d+)*)?|POSIX [a-z]+\(\)|Linux [a-z]+\([2-8]\)|Zeek conn_state|Wireshark tcp\.(analysis|completeness)|tcpviz)$`)

var (
	sentenceEN = regexp.MustCompile(`[.?!]["”)]*(\s|$)`)
	sentenceZH = regexp.MustCompile(`[。？！]`)
	// half is punctuation of half width between Chinese characters.
	half = regexp.MustCompile(`\p{Han}[,;:?!]|\p{Han}\.(\s|$)|[,;:?!]\p{Han}`)
	// cramped is a Chinese character right beside a Latin letter or a digit.
	cramped = regexp.MustCompile(`\p{Han}[A-Za-z0-9]|[A-Za-z0-9)]\p{Han}`)
)

func TestEntriesAreWhole(t *testing.T) {
	for _, e := range reference.All() {
		t.Run(e.Kind.String()+" "+e.Name.EN, func(t *testing.T) {
			for what, text := range map[string]string{
				"name, English": e.Name.EN, "name, Chinese": e.Name.ZH, "title, English": e.Title.EN,
				"title, Chinese": e.Title.ZH, "text, English": e.Text.EN, "text, Chinese": e.Text.ZH,
			} {
				if strings.TrimSpace(text) == "" || strings.ContainsFunc(text, unicode.IsControl) {
					t.Errorf("%s: %q", what, text)
				}
			}
			if n := len(sentenceEN.FindAllString(e.Text.EN, -1)); n < 2 || n > 3 {
				t.Errorf("%d sentences in English: %s", n, e.Text.EN)
			}
			if n := len(sentenceZH.FindAllString(e.Text.ZH, -1)); n < 2 || n > 3 {
				t.Errorf("%d sentences in Chinese: %s", n, e.Text.ZH)
			}
			if strings.ContainsFunc(e.Text.EN+e.Title.EN, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
				t.Errorf("Chinese in English: %s", e.Text.EN)
			}
			for _, text := range []string{e.Text.ZH, e.Title.ZH, e.Name.ZH} {
				if at := half.FindString(text); at != "" {
					t.Errorf("half-width punctuation %q in %s", at, text)
				}
				if at := cramped.FindString(text); at != "" {
					t.Errorf("no blank in %q of %s", at, text)
				}
			}
			if len(e.Sources) == 0 || len(e.Sources) > 2 {
				t.Errorf("%d sources", len(e.Sources))
			}
			for _, s := range e.Sources {
				if !source.MatchString(s) {
					t.Errorf("source %q", s)
				}
			}
			if len(e.Lessons) > 4 {
				t.Errorf("%d lessons: no reader needs so many", len(e.Lessons))
			}
			for i, id := range e.Lessons {
				if _, known := lesson.Find(id); !known || slices.Contains(e.Lessons[:i], id) {
					t.Errorf("lesson %q", id)
				}
			}
		})
	}
}

func TestEveryKindHasEntries(t *testing.T) {
	n := 0
	for _, k := range reference.Kinds() {
		of := reference.Of(k)
		if len(of) == 0 {
			t.Errorf("no entry of the kind %s", k)
		}
		for _, e := range of {
			if all := reference.All(); all[n].Kind != k || all[n].Name != e.Name {
				t.Errorf("entry %d is not %s", n, e.Name.EN)
			}
			n++
		}
	}
	if n != len(reference.All()) {
		t.Errorf("%d entries of all kinds, %d in all", n, len(reference.All()))
	}
}

// Within a kind a name means one thing.
func TestNamesAreUnique(t *testing.T) {
	for _, e := range reference.All() {
		for _, name := range append([]string{e.Name.EN, e.Name.ZH}, e.Also...) {
			found, ok := reference.FindIn(e.Kind, name)
			if !ok || found.Name != e.Name {
				t.Errorf("%s %q is found as %q", e.Kind, name, found.Name.EN)
			}
		}
	}
}

func TestNamed(t *testing.T) {
	for name, want := range map[string]string{
		"TIME-WAIT":                    "state TIME-WAIT",
		"time_wait":                    "state TIME-WAIT",
		"Time Wait":                    "state TIME-WAIT",
		"FIN_WAIT1":                    "state FIN-WAIT-1",
		"SYN-RECV":                     "state SYN-RECEIVED",
		"ESTAB":                        "state ESTABLISHED",
		"LISTEN":                       "state LISTEN, call listen()",
		"listen":                       "call listen(), state LISTEN",
		"listen()":                     "call listen()",
		"socket":                       "term socket, call socket()",
		"套接字":                          "term socket",
		"三次握手":                         "term three-way handshake",
		"handshake":                    "term three-way handshake",
		"四次挥手":                         "term four-way close",
		"syn ack":                      "flag SYN-ACK",
		"tcp.analysis.retransmission":  "anomaly retransmission",
		"fast_retransmission":          "anomaly fast retransmission",
		"EWOULDBLOCK":                  "errno EAGAIN",
		"ewouldblock":                  "errno EAGAIN",
		"2MSL":                         "term MSL",
		"rstos0":                       "outcome RSTOS0",
		"Nagle's algorithm":            "term Nagle algorithm",
		"acknowledgement number":       "field acknowledgment number",
		"keep-alive":                   "anomaly keep-alive, sockopt SO_KEEPALIVE",
		"":                             "",
		"-":                            "",
		"no such thing":                "",
		"TIME-WAIT\x00":                "",
		strings.Repeat("retransm", 99): "",
	} {
		var got []string
		for _, e := range reference.Named(name) {
			got = append(got, e.Kind.String()+" "+e.Name.EN)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q: got %q, want %q", name, strings.Join(got, ", "), want)
		}
	}
}

func TestNearest(t *testing.T) {
	for name, want := range map[string]string{
		"TIMEWIAT":                "TIME-WAIT",
		"ECONNREFUSD":             "ECONNREFUSED",
		"retransmision":           "retransmission",
		"三次握":                     "三次握手",
		"SO_REUSEADR":             "SO_REUSEADDR",
		"quantum chromodynamics":  "",
		strings.Repeat("x", 9999): "",
		"":                        "",
	} {
		if got := reference.Nearest(name); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestSearch(t *testing.T) {
	names := func(typed string) []string {
		var all []string
		for _, e := range reference.Search(typed) {
			all = append(all, e.Name.EN)
		}
		return all
	}
	for typed, first := range map[string]string{
		"time": "TIME-WAIT", "rst": "RST", "econnref": "ECONNREFUSED", "握手": "three-way handshake",
		"fin_w": "FIN-WAIT-1", "nagle": "Nagle algorithm", "window": "window", "nobody listens": "ECONNREFUSED",
	} {
		if got := names(typed); len(got) == 0 || got[0] != first {
			t.Errorf("%q gives %q, want %q first", typed, got, first)
		}
	}
	if got := names(""); got != nil {
		t.Errorf("nothing typed gives %q", got)
	}
	if got := names("zzz"); got != nil {
		t.Errorf("zzz gives %q", got)
	}
	// What is typed further leaves out more.
	before := len(names("s"))
	for _, typed := range []string{"sy", "syn", "syn-", "syn-r"} {
		n := len(names(typed))
		if n > before || n == 0 {
			t.Errorf("%q gives %d entries, what was typed before %d", typed, n, before)
		}
		before = n
	}
}

func BenchmarkNamed(b *testing.B) {
	reference.All()
	for b.Loop() {
		reference.Named("three-way handshake")
	}
}
