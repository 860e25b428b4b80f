package source

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"tcpviz/internal/story"
)

// The words that begin the comments of a stage whose wire somebody holds.
const (
	arrivalPrefix    = "tcpviz:arrival "
	impairmentPrefix = "tcpviz:impairment "
	timerPrefix      = "tcpviz:timer "
	rebootPrefix     = "tcpviz:reboot "
)

// maxDelay bounds for how long a segment is said to be delayed.
const maxDelay = 24 * time.Hour

// An arrivalComment is a story.Arrival as JSON. Frame is the number of a packet in
// the recording, from 1.
type arrivalComment struct {
	Time  time.Time `json:"time"`
	Frame int       `json:"frame"`
	Fate  string    `json:"fate"`
	After bool      `json:"after,omitempty"`
}

// An impairmentComment is a story.Impairment as JSON.
type impairmentComment struct {
	Time   time.Time     `json:"time"`
	Frame  int           `json:"frame"`
	What   string        `json:"what"`
	For    time.Duration `json:"for_ns,omitempty"`
	ByUser bool          `json:"by_user,omitempty"`
	After  bool          `json:"after,omitempty"`
}

// A timerComment is a story.Expiry as JSON.
type timerComment struct {
	Time   time.Time      `json:"time"`
	Side   string         `json:"side"`
	Local  netip.AddrPort `json:"local,omitzero"`
	Remote netip.AddrPort `json:"remote,omitzero"`
	Timer  string         `json:"timer"`
	After  bool           `json:"after,omitempty"`
}

// A rebootComment is a story.Reboot as JSON.
type rebootComment struct {
	Time  time.Time `json:"time"`
	Side  string    `json:"side"`
	After bool      `json:"after,omitempty"`
}

func parseArrival(body string) (note, error) {
	var c arrivalComment
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		return note{}, err
	}
	arrival := story.Arrival{Time: c.Time, Frame: c.Frame, Fate: story.FateDelivered}
	switch c.Fate {
	case story.FateDelivered.String():
	case story.FateLost.String():
		arrival.Fate = story.FateLost
	default:
		return note{}, fmt.Errorf("fate %q", c.Fate)
	}
	return note{event: arrival, after: c.After, frame: c.Frame}, checkArrival(arrival)
}

// checkArrival tells whether a recording may hold the arrival.
func checkArrival(a story.Arrival) error {
	if a.Frame < 1 || a.Frame > maxID || badTime(a.Time) || a.Fate != story.FateDelivered && a.Fate != story.FateLost {
		return errAbsurd
	}
	return nil
}

func parseImpairment(body string) (note, error) {
	var c impairmentComment
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		return note{}, err
	}
	what, ok := story.ParseImpaired(c.What)
	if !ok {
		return note{}, fmt.Errorf("what %q", c.What)
	}
	impairment := story.Impairment{Time: c.Time, Frame: c.Frame, What: what, For: c.For, ByUser: c.ByUser}
	return note{event: impairment, after: c.After, frame: c.Frame}, checkImpairment(impairment)
}

// checkImpairment tells whether a recording may hold the impairment.
func checkImpairment(i story.Impairment) error {
	if i.Frame < 1 || i.Frame > maxID || i.What > story.Dropped || i.For < 0 || i.For > maxDelay || badTime(i.Time) {
		return errAbsurd
	}
	return nil
}

func parseTimer(body string) (note, error) {
	var c timerComment
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		return note{}, err
	}
	side, err := parseSide(c.Side)
	if err != nil {
		return note{}, err
	}
	timer, ok := story.ParseTimer(c.Timer)
	if !ok {
		return note{}, fmt.Errorf("timer %q", c.Timer)
	}
	expiry := story.Expiry{Time: c.Time, Side: side, Local: c.Local, Remote: c.Remote, Timer: timer}
	return note{event: expiry, after: c.After}, checkExpiry(expiry)
}

// checkExpiry tells whether a recording may hold the expiry.
func checkExpiry(e story.Expiry) error {
	if story.TimerName(e.Timer) == "" || badZone(e.Local) || badZone(e.Remote) || badTime(e.Time) {
		return errAbsurd
	}
	return nil
}

func parseReboot(body string) (note, error) {
	var c rebootComment
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		return note{}, err
	}
	side, err := parseSide(c.Side)
	if err != nil {
		return note{}, err
	}
	reboot := story.Reboot{Time: c.Time, Side: side}
	return note{event: reboot, after: c.After}, checkReboot(reboot)
}

// checkReboot tells whether a recording may hold the reboot.
func checkReboot(r story.Reboot) error {
	if badTime(r.Time) {
		return errAbsurd
	}
	return nil
}

func rebootText(r story.Reboot, after bool) (string, error) {
	return join(rebootPrefix, rebootComment{Time: r.Time.UTC(), Side: r.Side.String(), After: after}, checkReboot(r))
}

func arrivalText(a story.Arrival, after bool) (string, error) {
	return join(arrivalPrefix, arrivalComment{
		Time: a.Time.UTC(), Frame: a.Frame, Fate: a.Fate.String(), After: after,
	}, checkArrival(a))
}

func impairmentText(i story.Impairment, after bool) (string, error) {
	return join(impairmentPrefix, impairmentComment{
		Time: i.Time.UTC(), Frame: i.Frame, What: i.What.String(), For: i.For, ByUser: i.ByUser, After: after,
	}, checkImpairment(i))
}

func timerText(e story.Expiry, after bool) (string, error) {
	return join(timerPrefix, timerComment{
		Time: e.Time.UTC(), Side: e.Side.String(), Local: e.Local, Remote: e.Remote,
		Timer: story.TimerName(e.Timer), After: after,
	}, checkExpiry(e))
}
