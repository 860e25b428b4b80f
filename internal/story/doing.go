package story

import (
	"strconv"
	"strings"

	"tcpviz/internal/lang"
)

// Doing gives what a lesson does to the wire and to hosts (Narration.Does) in a
// language. In English it is said as the lesson's file has it, and so is, in any
// language, what is not of the file's grammar: a recording may come from elsewhere.
func Doing(does string, l lang.Language) string {
	if l == lang.English {
		return does
	}
	acts := strings.Split(does, ", ")
	for i, act := range acts {
		text, ok := actWords(act, l)
		if !ok {
			return does
		}
		acts[i] = text
	}
	return strings.Join(acts, l.Text("; "))
}

// actWords says one act: "drop SYN from client", "delay 2 segments 1.5s", "wait 3s".
func actWords(act string, l lang.Language) (text string, ok bool) {
	verb, rest, _ := strings.Cut(act, " ")
	switch verb {
	case "wait":
		return l.Say("wait %s", rest), isTime(rest)
	case "reboot":
		return l.Say("reboot %s", lang.Term(rest)), isSide(rest)
	case "let":
		count, isCounted := strings.CutSuffix(rest, " go")
		n, err := strconv.Atoi(count)
		if !isCounted {
			return l.Text("let go"), rest == "go"
		}
		return l.Say("let %d go", n), err == nil
	case "delay":
		i := max(strings.LastIndexByte(rest, ' '), 0)
		segments, ok := segmentWords(rest[:i], l)
		after := strings.TrimSpace(rest[i:])
		return l.Say("delay %s by %s", segments, after), ok && isTime(after)
	}
	segments, ok := segmentWords(rest, l)
	switch verb {
	case "drop":
		return l.Say("drop %s", segments), ok
	case "duplicate":
		return l.Say("duplicate %s", segments), ok
	case "swap":
		return l.Say("swap %s", segments), ok
	case "hold":
		return l.Say("hold %s", segments), ok
	}
	return "", false
}

// segmentWords says which segments are meant: "every SYN ACK from server", "2nd data".
func segmentWords(which string, l lang.Language) (text string, ok bool) {
	what, from, sided := strings.Cut(which, " from ")
	first, kind, counted := strings.Cut(what, " ")
	number, err := strconv.Atoi(strings.TrimRight(first, "stndrh"))
	switch {
	case !counted, first == "SYN": // SYN ACK
		text, ok = kindWords(what, l)
	case first == "every":
		text, ok = kindWords(kind, l)
		text = l.Say("every %s", text)
	case err != nil:
		return "", false
	case first == strconv.Itoa(number):
		text, ok = kindWords(kind, l)
		text = l.Say("%d of %s", number, text)
	default:
		text, ok = kindWords(kind, l)
		text = l.Say("the %dth %s", number, text)
	}
	if sided {
		return l.Say("%s from %s", text, lang.Term(from)), ok && isSide(from)
	}
	return text, ok
}

func kindWords(kind string, l lang.Language) (text string, ok bool) {
	switch kind {
	case "SYN", "SYN ACK", "ACK", "FIN", "RST":
		return kind, true
	case "data", "everything":
		return l.Text(kind), true
	case "segment", "segments":
		return l.Text("segment"), true
	}
	return "", false
}

func isSide(word string) bool { return word == "client" || word == "server" }

// isTime reports whether a word may be a time as time.Duration writes it.
func isTime(word string) bool {
	return word != "" && strings.Trim(word, "0123456789.hmsµun") == ""
}
