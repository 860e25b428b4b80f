package lesson_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// says gives the narrations of a lesson, its title and summary before them.
func says(l lesson.Lesson) []story.Text {
	all := []story.Text{l.Title, l.Summary}
	for _, s := range l.Steps {
		if s.Say != (story.Text{}) {
			all = append(all, s.Say)
		}
	}
	return all
}

var (
	stateWords = regexp.MustCompile(`\b(LISTEN|SYN-SENT|SYN-RECEIVED|ESTABLISHED|FIN-WAIT-[12]|CLOSE-WAIT|CLOSING|LAST-ACK|TIME-WAIT|CLOSED)\b`)
	errorWords = regexp.MustCompile(`\bE[A-Z]{3,}\b`)
	foreign    = regexp.MustCompile(`(SYN|FIN|TIME|CLOSE|LAST)_|SYN-(RCVD|RECV)|FIN-WAIT(-?[^-12]|[12]|$)|\bESTAB\b|\bpackets\b|SYN/ACK`)
)

// states gives the states and errors that a text names, each once, ESTABLISHED
// not taken for an error.
func states(text string) []string {
	found := append(stateWords.FindAllString(text, -1), errorWords.FindAllString(text, -1)...)
	slices.Sort(found)
	return slices.DeleteFunc(slices.Compact(found), func(w string) bool { return w == "ESTABLISHED" })
}

// The two languages say the same of states and errors, in RFC 9293's and POSIX's
// spelling, and neither says too much for a small screen.
func TestNarration(t *testing.T) {
	const longestEN, longestZH = 390, 180
	han := func(r rune) bool { return unicode.Is(unicode.Han, r) }
	for _, l := range lesson.All() {
		for _, say := range says(l) {
			if strings.ContainsFunc(say.EN, han) {
				t.Errorf("%s: Chinese in the English text: %s", l.ID, say.EN)
			}
			if !strings.ContainsFunc(say.ZH, han) {
				t.Errorf("%s: no Chinese: %s", l.ID, say.ZH)
			}
			if diff := cmp.Diff(states(say.EN), states(say.ZH)); diff != "" {
				t.Errorf("%s: the languages name different states or errors: %s\n%s\n%s", l.ID, say.EN, say.ZH, diff)
			}
			for _, text := range []string{say.EN, say.ZH} {
				if word := foreign.FindString(text); word != "" {
					t.Errorf("%s: %q is not the field's word: %s", l.ID, word, text)
				}
			}
			if n := utf8.RuneCountInString(say.EN); n > longestEN {
				t.Errorf("%s: %d characters are too many: %s", l.ID, n, say.EN)
			}
			if n := utf8.RuneCountInString(say.ZH); n > longestZH {
				t.Errorf("%s: %d characters are too many: %s", l.ID, n, say.ZH)
			}
		}
		for _, s := range l.Steps {
			if s.Say.EN == "" || s.Say.ZH == "" {
				t.Errorf("%s line %d: nothing is said: %+v", l.ID, s.Line, s.Say)
			}
		}
	}
}

// What the lessons say of themselves comes from their files; where a step says nothing
// of its own, a standard sentence names the program, and foretells no outcome.
func TestStandardNarration(t *testing.T) {
	l, _ := lesson.Find("syn-flood")
	var got []string
	for _, s := range l.Steps {
		limit := len(s.Acts) == 1 && s.Acts[0].Calls[0].Option == "SO_SNDTIMEO"
		if len(s.Acts) == 3 || limit || len(s.Acts) == 1 && s.Acts[0].Calls[0].Op == lesson.Close {
			got = append(got, s.Say.EN, s.Say.ZH)
		}
	}
	want := []string{
		"F1 makes a socket. F2 makes a socket. F3 makes a socket.",
		"F1 创建一个套接字。F2 创建一个套接字。F3 创建一个套接字。",
		"The three flooders will not wait for an answer: 100 ms are enough to send a SYN.",
		"三个攻击者不打算等回答：100 毫秒足够发出一个 SYN。",
		"Three SYNs arrive. For each the server's kernel keeps an entry in SYN-RECEIVED, sends a SYN-ACK, and waits for the third segment, which never comes.",
		"三个 SYN 到达。服务器内核为每个保留一项 SYN-RECEIVED，发出 SYN-ACK，等待永远不会来的第三个报文段。",
		"The flooders are gone already: a SYN costs them nothing. It costs the server an entry and a timer.",
		"攻击者已经走了：一个 SYN 对他们毫无代价，对服务器却是一个表项和一个定时器。",
		"The client will wait for 10 s at most when it connects or sends.", "客户端连接或发送时最多等待 10 秒。",
		"The client closes its socket.", "客户端关闭自己的套接字。",
		"The client closes its socket.", "客户端关闭自己的套接字。",
		"The server closes its socket.", "服务器关闭自己的套接字。",
		"The server closes its listening socket.", "服务器关闭监听套接字。",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A lesson promises only what its stages can carry.
func TestBuiltInStages(t *testing.T) {
	for _, l := range lesson.All() {
		held := l.TouchesWire()
		if l.CanPlayOn(lesson.Loopback) == held {
			t.Errorf("%s: touches the wire: %t; on loopback: %t", l.ID, held, !held)
		}
		if !l.CanPlayOn(lesson.Sim) {
			t.Errorf("%s cannot be played on the stage that always works", l.ID)
		}
		if wire := l.CanPlayOn(lesson.Wire); wire == (l.ID == "syn-flood") {
			t.Errorf("%s on the kernel's own wire: %t", l.ID, wire)
		}
		for _, s := range l.Steps {
			for _, a := range s.Acts {
				p, _ := l.Program(a.Program)
				for _, c := range a.Calls {
					checkCall(t, l, p, c)
				}
			}
		}
	}
}

func checkCall(t *testing.T, l lesson.Lesson, p lesson.Program, c lesson.Call) {
	t.Helper()
	if c.Addr.IsValid() && !c.Addr.Addr().IsLoopback() || c.Op == lesson.Bind && c.Hosted && c.Host != p.Side {
		t.Errorf("%s line %d: %s has no address that it can mean", l.ID, c.Line, c.Source)
	}
	// On the kernel's stages it is real time.
	if c.Op == lesson.SetSockOpt && c.Value.Time > 10e9 {
		t.Errorf("%s line %d: %s is a long wait", l.ID, c.Line, c.Source)
	}
	// Netstack has neither.
	if c.Option == "TCP_SYNCNT" || c.Option == "TCP_QUICKACK" {
		t.Errorf("%s line %d: %s fails on the stage sim", l.ID, c.Line, c.Source)
	}
}

// Waits on the kernel's clock are real: none is longer than a lesson may take.
func TestWaits(t *testing.T) {
	for _, l := range lesson.All() {
		for _, s := range l.Steps {
			for _, w := range s.Wire {
				if w.Pause && l.CanPlayOn(lesson.Wire) && w.For > 5e9 {
					t.Errorf("%s line %d: %s in real time", l.ID, w.Line, w)
				}
				sameAgain(t, w)
			}
		}
	}
}

// Each lesson says how it ends, unless it has no connection, and its calls' results.
func TestEndsAreStated(t *testing.T) {
	for _, l := range lesson.All() {
		connects, stated := 0, 0
		for _, s := range l.Steps {
			for _, a := range s.Acts {
				for _, c := range a.Calls {
					if c.Op == lesson.Connect {
						connects++
						if !c.Want.Stated {
							t.Errorf("%s line %d: what does connect give?", l.ID, c.Line)
						}
					}
					if c.Want.Stated {
						stated++
					}
				}
			}
		}
		both := l.ID == "simultaneous-open" // two connects make one connection
		if connects > 0 && len(l.Ends) != connects && !(both && len(l.Ends) == 1) {
			t.Errorf("%s: %d connections, %d ends", l.ID, connects, len(l.Ends))
		}
		if stated < 1 {
			t.Errorf("%s: %d results are stated", l.ID, stated)
		}
		if len(l.See) > 0 && slices.Contains(l.See, fsm.Closed) {
			t.Errorf("%s: to see CLOSED is no promise", l.ID)
		}
	}
}

// The list is complete, and in teaching order.
func TestCurriculum(t *testing.T) {
	want := strings.Fields(`
		connection handshake close close-server-first close-merged echo php-dialogue byte-stream clients
		half-close simultaneous-close simultaneous-open refused timeout port-in-use time-wait reset-unread
		linger broken-pipe recv-timeout backlog http-short http-keepalive heartbeat keepalive lost-syn
		lost-synack lost-ack lost-data lost-fin lost-last-ack reordered duplicated zero-window
		close-wait-leak half-open old-syn syn-flood`)
	var got []string
	for _, l := range lesson.All() {
		got = append(got, l.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
