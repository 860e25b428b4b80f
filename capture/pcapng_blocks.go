package capture

import (
	"errors"
)

var errShortBlock = errors.New("a block that is too short for what it is")

// begin begins a section: its interfaces are its own.
func (r *ngReader) begin(body []byte) error {
	const least = 16
	if len(body) < least {
		return errShortBlock
	}
	section := &r.section
	if major := section.order.uint16(body[4:]); major != 1 {
		return errorf("pcapng version %d, not 1", major)
	}
	r.changed = true
	section.interfaces = nil // marks may share them
	for code, value := range options(body[least:], section.order) {
		if code != optComment {
			continue
		}
		if section.commentBytes += len(value); section.commentBytes > maxSectionComments {
			return errorf("section headers with more than %d bytes of comments", maxSectionComments)
		}
		section.comments = append(section.comments, string(value))
	}
	return nil
}

// describe adds an interface to the section.
func (r *ngReader) describe(body []byte) error {
	const least = 8
	if len(body) < least {
		return errShortBlock
	}
	section := &r.section
	if len(section.interfaces) == maxInterfaces {
		return errorf("a section with more than %d interfaces", maxInterfaces)
	}
	i := ngInterface{
		linkType: LinkType(section.order.uint16(body)),
		snapLen:  section.order.uint32(body[4:]),
		clock:    ngClock{perSecond: 1e6},
	}
	var err error
	for code, value := range options(body[least:], section.order) {
		switch {
		case code == optTsResol && len(value) == 1:
			i.clock.perSecond, err = unitsPerSecond(value[0])
		case code == optTsOffset && len(value) == 8:
			i.clock.offset = int64(section.order.uint64(value))
		}
	}
	if err != nil {
		return err
	}
	r.changed = true
	section.interfaces = append(section.interfaces, i)
	return nil
}

// leastStamped is the size of the fields before the frame in a block with a time stamp.
const leastStamped = 20

// enhanced sets p by the body of an enhanced packet block.
func (r *ngReader) enhanced(p *Packet, body []byte) error {
	if len(body) < leastStamped {
		return errShortBlock
	}
	return r.stamped(p, r.section.order.uint32(body), body)
}

// obsolete sets p by the body of a packet block, which differs only in that the
// first word holds two numbers: the interface and the drops.
func (r *ngReader) obsolete(p *Packet, body []byte) error {
	if len(body) < leastStamped {
		return errShortBlock
	}
	return r.stamped(p, uint32(r.section.order.uint16(body)), body)
}

func (r *ngReader) stamped(p *Packet, id uint32, body []byte) error {
	order := r.section.order
	i, err := r.interfaceOf(id)
	if err != nil {
		return err
	}
	captured := order.uint32(body[12:])
	if captured > maxFrame {
		return tooLarge(captured)
	}
	rest := body[leastStamped:]
	if int(captured) > len(rest) {
		return errorf("it claims %d captured bytes in a block that has room for %d", captured, len(rest))
	}
	p.Time = i.clock.time(uint64(order.uint32(body[4:]))<<32 | uint64(order.uint32(body[8:])))
	p.LinkType = i.linkType
	p.Data = rest[:captured:captured]
	p.Length = int(order.uint32(body[16:]))
	p.Comments = nil
	if padded := (int(captured) + 3) &^ 3; padded < len(rest) {
		p.Comments = comments(rest[padded:], order)
	}
	return nil
}

// comments gives those among the options in b.
func comments(b []byte, order byteOrder) (all []string) {
	for code, value := range options(b, order) {
		if code == optComment {
			all = append(all, string(value))
		}
	}
	return all
}

// simple sets p by the body of a simple packet block: the first interface's, with
// no time stamp (Time is the zero value).
func (r *ngReader) simple(p *Packet, body []byte) error {
	const least = 4
	if len(body) < least {
		return errShortBlock
	}
	i, err := r.interfaceOf(0)
	if err != nil {
		return err
	}
	length := r.section.order.uint32(body)
	captured := min(length, uint32(len(body)-least))
	if i.snapLen > 0 {
		captured = min(captured, i.snapLen)
	}
	if captured > maxFrame {
		return tooLarge(captured)
	}
	*p = Packet{LinkType: i.linkType, Data: body[least : least+captured : least+captured], Length: int(length)}
	return nil
}

func (r *ngReader) interfaceOf(id uint32) (*ngInterface, error) {
	if int64(id) >= int64(len(r.section.interfaces)) {
		return nil, errorf("it names interface %d of %d", id, len(r.section.interfaces))
	}
	return &r.section.interfaces[id], nil
}

// options ranges over the options in b; it ends quietly where they are broken,
// since what they belong to is whole.
func options(b []byte, order byteOrder) func(func(code uint16, value []byte) bool) {
	return func(yield func(uint16, []byte) bool) {
		for len(b) >= 4 {
			code, n := order.uint16(b), int(order.uint16(b[2:]))
			b = b[4:]
			if code == optEnd || n > len(b) || !yield(code, b[:n]) {
				return
			}
			b = b[min(len(b), (n+3)&^3):]
		}
	}
}
