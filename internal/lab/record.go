package lab

import (
	"net/netip"
	"strconv"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// record is one call of one program, as it happens. The program's thread fills
// it in and publishes it twice: what is known at enter by setting entered, the
// rest by setting returned. The coordinator reads only what is published.
type record struct {
	id      int
	program lesson.Program
	call    lesson.Call
	say     story.Text

	// Known at enter.
	number        int    // the descriptor as the program sees it; -1 for socket
	fd            int    // the real descriptor
	enterArgs     string // as they are written between the parentheses
	local, remote netip.AddrPort
	limited       bool // a time limit of the socket's own ends the call
	entered       atomic.Int64

	// Known at return.
	result              int64
	errno               string
	returnArgs          string
	data                []byte // what recv gave
	newLocal, newRemote netip.AddrPort
	returned            atomic.Int64

	// The coordinator's.
	chosen                  netip.AddrPort // the local address that a blocked connect was given
	handed                  bool           // its program has been told to make it
	gone                    bool           // its program was ended before it could return
	enterGiven, returnGiven bool           // already among the events
}

// blocked reports whether the call was entered and has not returned.
func (r *record) blocked() bool { return r.entered.Load() != 0 && r.returned.Load() == 0 }

// events gives the call's events that were not given before.
func (r *record) events() []story.Event {
	// returned is asked first: it might be set in between.
	returned, entered := r.returned.Load(), r.entered.Load()
	if entered == 0 {
		return nil
	}
	var events []story.Event
	base := story.Call{
		Program: r.program.Name, Side: r.program.Side, ID: r.id, Op: string(r.call.Op), FD: r.number,
	}
	if !r.enterGiven {
		r.enterGiven = true
		c := base
		c.Time, c.Phase, c.Args, c.Say = moment(entered), story.Enter, r.enterArgs, r.say
		c.Local, c.Remote = r.local, r.remote
		if r.call.Op == lesson.Connect { // the kernel chose the port when the call began
			c.Local = r.chosen
			if returned != 0 {
				c.Local = r.newLocal
			}
		}
		events = append(events, c)
	}
	if returned != 0 && !r.returnGiven {
		r.returnGiven = true
		c := base
		c.Time, c.Phase, c.Args = moment(returned), story.Return, r.returnArgs
		c.Result, c.Errno = r.result, r.errno
		c.Local, c.Remote = r.newLocal, r.newRemote
		events = append(events, c)
	}
	return events
}

// moment gives the time of a count of nanoseconds, in the zone that frames have.
func moment(nanoseconds int64) time.Time { return time.Unix(0, nanoseconds).UTC() }

// unmet tells how the call's outcome differs from what the lesson states, if it does.
func (r *record) unmet() (how lang.Phrase, differs bool) {
	w := r.call.Want
	if !w.Stated {
		return lang.Phrase{}, false
	}
	if r.returned.Load() == 0 {
		return lang.Phrasef("line %d: %s: %s: it has not returned", r.call.Line, r.program.Name, r.call.Source), true
	}
	got := strconv.FormatInt(r.result, 10)
	if r.errno != "" {
		got += " " + r.errno
	}
	switch {
	case r.result != w.Result, w.Errno != "" && r.errno != w.Errno:
	case w.HasData && string(r.data) != string(w.Data):
		got = quote(r.data)
	default:
		return lang.Phrase{}, false
	}
	return lang.Phrasef("line %d: %s: %s: it gave %s", r.call.Line, r.program.Name, r.call.Source, got), true
}

// shownOctets is how much of a payload is shown in a call's arguments.
const shownOctets = 32

// quote shows a payload as a quoted text of at most 32 octets, with … behind it
// when there is more.
func quote(data []byte) string {
	if len(data) <= shownOctets {
		return strconv.Quote(string(data))
	}
	cut := shownOctets
	for cut > shownOctets-utf8.UTFMax && !utf8.RuneStart(data[cut]) {
		cut--
	}
	return strconv.Quote(string(data[:cut])) + "…"
}
