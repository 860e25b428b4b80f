package ui

import (
	"tcpviz/internal/story"
)

// wireRows is what the layout of a ladder keeps of a wire that somebody holds.
type wireRows struct {
	done   map[int32]int32 // by the row of the view that sent it, what was done last to a segment
	copies map[int32]int   // how many more than one of it there are
	newest [2]int32        // by sender, the latest sending that has arrived; counted from 1
}

// impair places what was done to a segment: in the row that sends it, where nothing
// came in between, else in one of its own.
func (b *rowBuilder) impair(i int32, step *story.Step) {
	sent := b.index(step.Peer)
	joins := false
	if b.main >= 0 && sent >= 0 {
		r := &b.rows[b.main]
		joins = r.sent == sent && r.arrived < 0 && r.impaired < 0
	}
	r := b.row(i, step, joins)
	r.impaired = i
	for slot, flying := range b.flying {
		if flying == sent && sent >= 0 && r.sent != sent {
			r.fly = int8(slot)
		}
	}
	if sent < 0 {
		return
	}
	if b.wire.done == nil {
		b.wire.done, b.wire.copies = make(map[int32]int32), make(map[int32]int)
	}
	b.wire.done[sent] = i
	if step.Impairment.What == story.Duplicated {
		b.wire.copies[sent]++
	}
}

// droppedHere tells that the newest row shows how the segment was taken off the wire
// whose loss the step tells.
func (b *rowBuilder) droppedHere(step *story.Step) bool {
	r := &b.rows[b.main]
	return step.Kind == story.SegmentLost && r.impaired >= 0 && r.sent < 0 && r.impaired == b.index(step.Cause)
}

// ends notes in a row what is known of the way of the segment that arrives or is lost there.
func (w *wireRows) ends(r *ladderRow, sent int32, step *story.Step) {
	if sent < 0 {
		return
	}
	if done, ok := w.done[sent]; ok && done != r.impaired {
		r.before = done
	}
	if w.copies[sent] > 0 {
		w.copies[sent]--
		r.copied = true
	}
	if step.Kind == story.SegmentReceived && !step.Again {
		newest := &w.newest[step.Sender()]
		r.overtaken = sent+1 < *newest
		*newest = max(*newest, sent+1)
	}
}

// waiting gives a bit for each flight that is held up on the wire.
func (w *wireRows) waiting(flying *[maxFlights]int32, v story.View, s *story.Story) (bits uint8) {
	if len(w.done) == 0 {
		return 0
	}
	for slot, sent := range flying {
		done, ok := w.done[sent]
		if !ok {
			continue
		}
		if step := s.At(v.Rows[done].Step); step != nil && holdsUp(step) {
			bits |= 1 << slot
		}
	}
	return bits
}

// holdsUp tells that what was done to a segment makes it wait on the wire.
func holdsUp(step *story.Step) bool {
	switch step.Impairment.What {
	case story.Held, story.Delayed, story.Swapped:
		return true
	case story.Duplicated, story.Dropped:
	}
	return false
}

// remark is what a label says of a segment besides what is in it: long, and short.
type remark struct{ long, short string }

// remarkOf says what was done on the wire to the segment that a row shows, as far as
// it has happened.
func (p *painter) remarkOf(row *ladderRow, step *story.Step) remark {
	if !told(step) {
		return remark{}
	}
	var all remark
	l := p.moment.lang
	if p.happened(row.impaired) {
		all = p.impairedRemark(p.ladder.stepAt(int(row.impaired)))
	}
	if !p.happened(row.arrived) {
		return all
	}
	end := p.ladder.stepAt(int(row.arrived))
	if end.Again {
		all = all.and(p, l.Text("a copy"), l.Text("copy"))
	}
	if p.happened(row.before) && !row.overtaken {
		done := p.ladder.stepAt(int(row.before))
		if sending := p.ladder.story.At(done.Peer); sending != nil && holdsUp(done) && !end.Again && row.sent < 0 {
			what := l.Text(done.Impairment.What.String())
			all = all.and(p, what+" "+story.Lasting(end.Time.Sub(sending.Time), l), what)
		}
	}
	if row.overtaken {
		all = all.and(p, l.Text("overtaken"), l.Text("late"))
	}
	return all
}

// impairedRemark says what was done to a segment.
func (p *painter) impairedRemark(step *story.Step) remark {
	i, l := step.Impairment, p.moment.lang
	short := l.Text(i.What.String())
	long := short
	if i.For > 0 {
		long += " " + story.Lasting(i.For, l)
	}
	if i.ByUser {
		long = l.Say("%s by hand", long)
	}
	if i.What == story.Duplicated {
		short = string(p.theme.times) + "2"
	}
	return remark{}.and(p, long, short)
}

// and adds words to a remark.
func (m remark) and(p *painter, long, short string) remark {
	return remark{m.long + " " + string(p.theme.middot) + " " + long, m.short + " " + short}
}

// impaired draws what is done to a segment that left in an earlier row.
func (p *painter) impaired(row *ladderRow, y int) {
	step := p.ladder.stepAt(int(row.impaired))
	a := p.arrowOf(row, step, y)
	turn := a.turn(max(int(row.fly), 0))
	text, _ := p.ladder.labelOf(step, p.remarkOf(row, step), a.room(turn-1), p.moment.lang, p.theme)
	x := a.x0 + a.start
	if a.reverse {
		x = a.x0 + a.n - a.start - textWidth(text)
	}
	style := p.theme.accent
	if step.Impairment.What == story.Dropped {
		style = p.theme.warn
	}
	p.canvas.text(x, y, text, style)
	a.style = style
	a.set(turn, p.impairedGlyph(step))
}

// impairedGlyph is the mark of a segment to which something was done.
func (p *painter) impairedGlyph(step *story.Step) rune {
	switch step.Impairment.What {
	case story.Held, story.Delayed, story.Swapped:
		return p.theme.pause
	case story.Duplicated:
		return p.theme.times
	case story.Dropped:
		return p.theme.lost
	}
	return p.theme.flight
}

// told tells that the arrival of the step's segment is told apart from its sending:
// until then it is seen half-way.
func told(step *story.Step) bool {
	return step.Frame != nil && step.Frame.Fate == story.FateUnderWay
}
