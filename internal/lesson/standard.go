package lesson

import (
	"strings"
	"time"

	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// told gives the lesson with a narration at every step of calls: one that says nothing
// of its own says in a standard sentence what its programs do. What the calls give is
// not foretold, and a step that does something to the wire or to a host is left to its
// author.
func (l Lesson) told() Lesson {
	type socket struct{ program, name string }
	listening := make(map[socket]bool)
	for i, s := range l.Steps {
		var en, zh []string
		for _, a := range s.Acts {
			p, _ := l.Program(a.Program)
			for _, c := range a.Calls {
				t := standard(p, c, listening[socket{a.Program, c.Socket}])
				en, zh = append(en, t.EN), append(zh, t.ZH)
				if c.Op == Listen {
					listening[socket{a.Program, c.Socket}] = true
				}
				if c.Assign != "" {
					listening[socket{a.Program, c.Assign}] = false
				}
			}
		}
		if s.Say == (story.Text{}) && len(s.Reboot) == 0 {
			l.Steps[i].Say = story.Text{EN: strings.Join(en, " "), ZH: strings.Join(zh, "")}
		}
	}
	return l
}

// named names a program: "The server", "服务器"; one that has another name than its
// side keeps it.
func named(p Program, l lang.Language) string {
	if side, ok := parseSide(p.Name); ok {
		return l.Say("The %s", side)
	}
	return p.Name
}

// standard says what a call is for. listens tells that its socket is a listening one.
func standard(p Program, c Call, listens bool) story.Text {
	return story.Text{EN: purpose(p, c, listens, lang.English), ZH: purpose(p, c, listens, lang.Chinese)}
}

func purpose(p Program, c Call, listens bool, l lang.Language) string {
	name := named(p, l)
	switch c.Op {
	case Socket:
		return l.Say("%s makes a socket.", name)
	case Bind:
		return l.Say("%s asks for port %d.", name, c.Addr.Port())
	case Listen:
		return l.Say("%s listens.", name)
	case Accept:
		return l.Say("%s takes the next finished connection, or waits for it.", name)
	case Connect:
		return l.Say("%s connects to port %d.", name, c.Addr.Port())
	case Send:
		return l.Say("%s sends %d bytes.", name, len(c.Data))
	case Recv:
		return l.Say("%s reads what has come, or waits for it.", name)
	case Shutdown:
		return l.Say("%s calls shutdown with %s.", name, c.How)
	case SetSockOpt:
		return purposeOfOption(name, c, l)
	case GetSockName:
		return l.Say("%s asks for the socket's own address.", name)
	case GetPeerName:
		return l.Say("%s asks for the peer's address.", name)
	case Close:
		if listens {
			return l.Say("%s closes its listening socket.", name)
		}
		return l.Say("%s closes its socket.", name)
	}
	return l.Say("%s goes on.", name)
}

func purposeOfOption(name string, c Call, l lang.Language) string {
	switch c.Option {
	case "SO_REUSEADDR":
		return l.Say("%s sets SO_REUSEADDR, so that old connections in TIME-WAIT do not keep it from its port.", name)
	case "SO_RCVTIMEO":
		return l.Say("%s will wait for %s at most when it reads.", name, limitText(c.Value.Time, l))
	case "SO_SNDTIMEO":
		return l.Say("%s will wait for %s at most when it connects or sends.", name, limitText(c.Value.Time, l))
	}
	return l.Say("%s sets %s.", name, c.Option)
}

// limitText is a time limit in a sentence: a number, a blank and its unit.
func limitText(d time.Duration, l lang.Language) string {
	if d%time.Second == 0 {
		return l.Say("%d s", d/time.Second)
	}
	return l.Say("%d ms", d.Milliseconds())
}
