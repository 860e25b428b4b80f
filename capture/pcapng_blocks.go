package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"time"
)

var errShortBlock = errors.New("a block that is too short for what it is")

// section begins a section: its interfaces are its own.
func (r *ngReader) section(b ngBlock) error {
	if len(b.body) < 16 {
		return r.s.damaged(b.start, false, errShortBlock)
	}
	if major := r.order.Uint16(b.body[4:]); major != 1 {
		return r.s.damaged(b.start, false, fmt.Errorf("pcapng version %d, not 1", major))
	}
	r.interfaces = r.interfaces[:0]
	for code, value := range options(b.body[16:], r.order) {
		if code == optComment {
			r.comments = append(r.comments, string(value))
		}
	}
	return nil
}

// describe adds an interface to the section.
func (r *ngReader) describe(b ngBlock) error {
	if len(b.body) < 8 {
		return r.s.damaged(b.start, false, errShortBlock)
	}
	i := ngInterface{
		linkType: LinkType(r.order.Uint16(b.body)),
		snapLen:  r.order.Uint32(b.body[4:]),
		clock:    ngClock{perSecond: 1e6},
	}
	var err error
	for code, value := range options(b.body[8:], r.order) {
		switch {
		case code == optTsResol && len(value) == 1:
			i.clock.perSecond, err = unitsPerSecond(value[0])
		case code == optTsOffset && len(value) == 8:
			i.clock.offset = int64(r.order.Uint64(value))
		}
	}
	if err != nil {
		return r.s.damaged(b.start, false, err)
	}
	r.interfaces = append(r.interfaces, i)
	return nil
}

// frame gives the frame of a packet block.
func (r *ngReader) frame(b ngBlock) (Packet, error) {
	parse := r.enhanced
	switch b.kind {
	case blockSimple:
		parse = r.simple
	case blockPacket:
		parse = r.obsolete
	}
	p, err := parse(b.body)
	if err != nil {
		return Packet{}, r.s.damaged(b.start, true, err)
	}
	return p, nil
}

// enhanced reads the body of an enhanced packet block.
func (r *ngReader) enhanced(body []byte) (Packet, error) {
	if len(body) < 20 {
		return Packet{}, errShortBlock
	}
	return r.stamped(r.order.Uint32(body), body)
}

// obsolete reads the body of a packet block, which differs only in that the
// first word holds two numbers: the interface and the drops.
func (r *ngReader) obsolete(body []byte) (Packet, error) {
	if len(body) < 20 {
		return Packet{}, errShortBlock
	}
	return r.stamped(uint32(r.order.Uint16(body)), body)
}

func (r *ngReader) stamped(id uint32, body []byte) (Packet, error) {
	i, err := r.interfaceOf(id)
	if err != nil {
		return Packet{}, err
	}
	units := uint64(r.order.Uint32(body[4:]))<<32 | uint64(r.order.Uint32(body[8:]))
	p := Packet{Time: i.clock.time(units), LinkType: i.linkType, Length: int(r.order.Uint32(body[16:]))}
	captured := r.order.Uint32(body[12:])
	rest := body[20:]
	if captured > maxFrame {
		return Packet{}, tooLarge(captured)
	}
	if int(captured) > len(rest) {
		return Packet{}, fmt.Errorf("it claims %d captured bytes in a block that has room for %d", captured, len(rest))
	}
	p.Data = rest[:captured]
	rest = rest[min(len(rest), (int(captured)+3)&^3):]
	for code, value := range options(rest, r.order) {
		if code == optComment {
			p.Comments = append(p.Comments, string(value))
		}
	}
	return p, nil
}

// simple reads the body of a simple packet block: the first interface's, with
// no time stamp (Time is the zero value).
func (r *ngReader) simple(body []byte) (Packet, error) {
	if len(body) < 4 {
		return Packet{}, errShortBlock
	}
	i, err := r.interfaceOf(0)
	if err != nil {
		return Packet{}, err
	}
	length := r.order.Uint32(body)
	captured := min(length, uint32(len(body)-4))
	if i.snapLen > 0 {
		captured = min(captured, i.snapLen)
	}
	if captured > maxFrame {
		return Packet{}, tooLarge(captured)
	}
	return Packet{LinkType: i.linkType, Data: body[4 : 4+captured], Length: int(length)}, nil
}

func (r *ngReader) interfaceOf(id uint32) (ngInterface, error) {
	if int64(id) >= int64(len(r.interfaces)) {
		return ngInterface{}, fmt.Errorf("it names interface %d of %d", id, len(r.interfaces))
	}
	return r.interfaces[id], nil
}

// options ranges over the options in b; it ends quietly where they are broken,
// since what they belong to is whole.
func options(b []byte, order binary.ByteOrder) func(func(code uint16, value []byte) bool) {
	return func(yield func(uint16, []byte) bool) {
		for len(b) >= 4 {
			code, n := order.Uint16(b), int(order.Uint16(b[2:]))
			b = b[4:]
			if code == optEnd || n > len(b) || !yield(code, b[:n]) {
				return
			}
			b = b[min(len(b), (n+3)&^3):]
		}
	}
}

// The first second of year 1 and the last of year 9999, from 1970.
const firstSecond, lastSecond = -62135596800, 253402300799

// ngClock says what the time stamps of an interface mean.
type ngClock struct {
	perSecond uint64 // units
	offset    int64  // seconds
}

// unitsPerSecond reads a resolution: the negated exponent of 10, or of 2 when the
// top bit is set. It refuses units so small that a second of them does not fit 64 bits.
func unitsPerSecond(resolution byte) (uint64, error) {
	exponent := resolution & 0x7f
	if resolution&0x80 != 0 {
		if exponent > 63 {
			return 0, fmt.Errorf("time stamps in units of 2^-%d s", exponent)
		}
		return 1 << exponent, nil
	}
	if exponent > 19 {
		return 0, fmt.Errorf("time stamps in units of 10^-%d s", exponent)
	}
	units := uint64(1)
	for range exponent {
		units *= 10
	}
	return units, nil
}

// time gives the time that lies so many units after the clock's zero. What would
// lie beyond the year 9999 was written by a program that meant a negative number;
// if that makes no sense either the time is unknown, the zero value.
func (c ngClock) time(units uint64) time.Time {
	if c.offset < firstSecond || c.offset > lastSecond {
		return time.Time{}
	}
	if seconds := units / c.perSecond; seconds <= lastSecond {
		return inYears(int64(seconds)+c.offset, nanoseconds(units%c.perSecond, c.perSecond))
	}
	units = -units // the magnitude, if it was negative
	if seconds := units / c.perSecond; seconds <= lastSecond {
		return inYears(c.offset-int64(seconds), -nanoseconds(units%c.perSecond, c.perSecond))
	}
	return time.Time{}
}

// inYears gives the time so many seconds and nanoseconds from 1970, the zero value when it
// is not in the years 1 to 9999.
func inYears(seconds, nanoseconds int64) time.Time {
	if seconds <= firstSecond || seconds > lastSecond {
		return time.Time{}
	}
	return time.Unix(seconds, nanoseconds).UTC()
}

// nanoseconds gives the fraction part/whole of a second, rounded down.
func nanoseconds(part, whole uint64) int64 {
	high, low := bits.Mul64(part, uint64(time.Second))
	quotient, _ := bits.Div64(high, low, whole) // part < whole: it fits
	return int64(quotient)
}
