package ui

import (
	"slices"
	"time"

	"github.com/gdamore/tcell/v2"

	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// Wire is the wire between the hosts of a lesson, which the user may take in hand while
// the lesson is performed. Its methods return at once: what comes of them arrives
// through App.Wire, App.Show and App.Begin.
type Wire interface {
	// Hold lets every segment stop half-way from the next one on.
	Hold()
	// LetGo lets those that wait go on, and no further one stop.
	LetGo()
	// Act does something to the segment that waits longest, if that is the frame.
	Act(frame int, act WireAct)
	// Again performs the lesson anew, and holds the wire from that frame on.
	Again(frame int)
	// Shown tells that the frame was seen to leave: what becomes of it may happen.
	Shown(frame int)
	// CaughtUp tells that everything up to that time was seen.
	CaughtUp(until time.Time)
	// Hurry lets the performance go on without waiting for the screen.
	Hurry()
}

// WireAct is something that the user does to a segment that waits on a held wire.
type WireAct uint8

// The acts.
const (
	Release   WireAct = iota // it goes on, as the lesson has it
	Drop                     // it is lost
	Duplicate                // there are two of it
	Delay                    // it waits for a set time
	Swap                     // the next segment of its direction overtakes it
	PassTime                 // it waits on, and a clock that stands still goes on to the next timer
)

// WireState is how the wire stands of the lesson that was performed last.
type WireState struct {
	Performing bool // the performance goes on
	// Still tells that the stage's clock stands still while somebody thinks; a
	// performance there waits until the screen has shown each segment.
	Still bool
	Next  int // the frame that waits for the screen; 0: none
	// Until is, when it is not zero, up to when everything must have been seen before
	// the performance goes on.
	Until   time.Time
	Holding bool  // every segment stops half-way
	Waiting []int // the frames that wait for the user, the one that waits longest first
	// Lesson is what releasing the first of them comes to where it does not just
	// arrive: "the lesson drops it".
	Lesson  lang.Phrase
	Touched bool        // the user has done something to the wire
	Note    lang.Phrase // what the last act came to, where no step tells it
}

// beginPerformance makes ready for the stories of another performance.
func (d *dashboard) beginPerformance() {
	d.awaiting = true
	d.wire, d.let, d.held = WireState{}, 0, 0
	d.play.open, d.play.owed = false, false
}

// takeWire takes over how the wire stands.
func (d *dashboard) takeWire(s WireState) {
	d.wire = s
	d.play.open = s.Performing
	if !s.Performing {
		d.play.owed = false
		d.play.follow = d.play.follow && d.options.Live
	}
	if note := s.Note.In(d.options.Lang); note != "" {
		d.hint = note
	}
}

// followWire lets the performance go on once the screen has shown what has happened
// so far, and shows the segment that waits for the user.
func (d *dashboard) followWire() {
	if d.options.Wire == nil || d.awaiting || d.story == nil {
		return
	}
	if n := d.wire.Next; n > 0 && n != d.let && d.seen(n) {
		d.let = n
		d.options.Wire.Shown(n)
	}
	if until := d.wire.Until; !until.IsZero() && d.atEnd() && d.onward() && len(d.story.Steps) > 0 {
		if last := d.story.Steps[len(d.story.Steps)-1].Time; !last.Before(until) {
			d.wire.Until = time.Time{} // once
			d.options.Wire.CaughtUp(last)
		}
	}
	held := d.heldStep()
	if held == nil || !d.atEnd() || held.N == d.held {
		return
	}
	d.held = held.N
	if held.Conn != d.view.Conn {
		d.take(held.Conn)
		d.reach(held.N)
	}
	if d.play.follow {
		d.send(playEvent{signal: resume})
	}
}

// atEnd reports whether everything that has happened was shown.
func (d *dashboard) atEnd() bool { return d.play.at >= d.play.rows-1 && !d.play.playing }

// onward reports whether the playback wants to go on from the newest row.
func (d *dashboard) onward() bool { return d.play.waiting || d.play.follow || d.play.owed }

// hurries tells that a segment is held while the stacks' clocks run: what is shown is
// not to lag behind.
func (d *dashboard) hurries() bool {
	return len(d.wire.Waiting) > 0 && !d.wire.Still && d.play.playing && d.heldStep() != nil
}

// seen reports whether the playback has come to where the frame is half-way, and
// wants to go on.
func (d *dashboard) seen(frame int) bool {
	sending := d.lastStep(frame, func(s *story.Step) bool { return s.Kind == story.SegmentSent })
	if sending == nil {
		return false
	}
	i := d.play.rows - 1
	if sending.Conn == d.view.Conn {
		i = d.view.Index(sending.N)
	}
	return d.play.at >= i && d.onward()
}

// heldStep gives the step by which the segment was held that waits longest for the
// user; nil when none waits, or the story does not tell it yet.
func (d *dashboard) heldStep() *story.Step {
	if len(d.wire.Waiting) == 0 || d.awaiting {
		return nil
	}
	return d.lastStep(d.wire.Waiting[0], func(s *story.Step) bool {
		return s.Kind == story.SegmentImpaired && s.Impairment.What == story.Held
	})
}

// lastStep gives the last step of a frame that is one of those, nil when there is none.
func (d *dashboard) lastStep(frame int, is func(*story.Step) bool) *story.Step {
	if d.story == nil {
		return nil
	}
	for i := len(d.story.Steps) - 1; i >= 0; i-- {
		if step := &d.story.Steps[i]; step.Frame != nil && step.Frame.Number == frame && is(step) {
			return step
		}
	}
	return nil
}

// hold takes the wire in hand, or lets it go.
func (d *dashboard) hold() {
	switch s := &d.wire; {
	case s.Holding:
		d.options.Wire.LetGo()
		d.send(playEvent{signal: resume})
	case s.Performing && s.Still:
		d.options.Wire.Hold()
		if !d.play.playing {
			d.send(playEvent{signal: resume})
		}
	default:
		from := d.nextArrival()
		d.awaiting, d.again = true, true
		d.chase = d.play.at > 0 && (from > 1 || !d.atEnd() && !d.wire.Touched)
		d.play.playing = false
		d.status = lang.Phrasef("performing the lesson again, with the wire held")
		d.options.Wire.Again(from)
	}
}

// nextArrival gives the frame that is the next to arrive, or to be lost, after what is
// shown; 1, the first of all, at the end, and where the user has changed what happened:
// another performance would not come to the same place.
func (d *dashboard) nextArrival() int {
	if d.wire.Touched {
		return 1
	}
	step := d.moment().step()
	if step == nil {
		return 1
	}
	for i := range d.story.Steps {
		s := &d.story.Steps[i]
		if s.N > step.N && (s.Kind == story.SegmentReceived || s.Kind == story.SegmentLost) {
			return s.Frame.Number
		}
	}
	return 1
}

// cannotHold says why the wire cannot be taken in hand.
func cannotHold(d *dashboard) string {
	switch {
	case d.story == nil || d.awaiting:
		return "no lesson has begun yet"
	case d.story.Meta.Recorded:
		return "a recording cannot be changed: play the lesson with tcpviz demo"
	case d.options.Wire == nil:
		return "only the wire of a lesson can be held: tcpviz demo --hold"
	case d.story.Meta.Stage != "wire" && d.story.Meta.Stage != "sim":
		return "nothing can be changed on lo: play the lesson with --stage wire or sim"
	}
	return ""
}

// noneHeld says why nothing can be done to a segment.
func noneHeld(d *dashboard) string {
	switch {
	case !d.wire.Holding:
		return "the wire is not held (h)"
	case d.heldStep() == nil:
		return "no segment waits now: the next one will stop half-way"
	}
	return ""
}

// cannotSwap says why no segment can overtake the one that waits longest.
func cannotSwap(d *dashboard) string {
	if why := noneHeld(d); why != "" {
		return why
	}
	held := d.heldStep()
	behind := slices.ContainsFunc(d.wire.Waiting[1:], func(frame int) bool {
		other := d.lastStep(frame, func(s *story.Step) bool { return s.Kind == story.SegmentSent })
		return other != nil && other.Conn == held.Conn && other.Side == held.Side
	})
	return unless(behind, "no other segment of its direction waits behind it")
}

// clockRuns says why no time can be let pass.
func clockRuns(d *dashboard) string {
	if why := noneHeld(d); why != "" {
		return why
	}
	return unless(d.wire.Still, "the clock of stage wire is the real one: it runs by itself")
}

// act gives what a key does to the segment that waits longest: that, once it is on the
// screen; before that the key goes there.
func act(a WireAct) func(d *dashboard) {
	return func(d *dashboard) {
		held := d.heldStep()
		if held.Conn != d.view.Conn {
			d.take(held.Conn)
			d.reach(held.N)
		}
		shown := d.play.at >= d.view.Index(held.N)
		d.send(playEvent{signal: resume})
		if !shown {
			d.hint = d.options.Lang.Text("this is the segment that is held: press the key again")
			return
		}
		d.options.Wire.Act(d.wire.Waiting[0], a)
	}
}

// wireActions are the actions on a held wire.
func wireActions() []action {
	return []action{
		{[]press{special(tcell.KeyEnter)}, "enter", "release", -8, "on a held wire: release the segment that waits longest; it goes on as the lesson has it", noneHeld, act(Release)},
		{[]press{char('x')}, "x", "drop", -7, "on a held wire: drop it", noneHeld, act(Drop)},
		{[]press{char('2')}, "2", "duplicate", -6, "on a held wire: duplicate it", noneHeld, act(Duplicate)},
		{[]press{char('z')}, "z", "delay", -5, "on a held wire: delay it by 1.5 s", noneHeld, act(Delay)},
		{[]press{char('o')}, "o", "swap", -4, "on a held wire: swap it with the one behind it: the next of its direction overtakes it", cannotSwap, act(Swap)},
		{[]press{char('a')}, "a", "time", -3, "on a held wire: let time pass until the next timer (stage sim, where the clock stands still)", clockRuns, act(PassTime)},
		{[]press{char('h')}, "h", "hold", -2, "hold the wire, so that each segment stops half-way, or let it go (stages wire and sim; what has happened already is performed again)", cannotHold, (*dashboard).hold},
	}
}
