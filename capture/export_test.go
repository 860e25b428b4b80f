package capture

import "tcpviz/fsm"

// What the tests of this package need to see of its inside.

// Fast decodes the frame by the fast path alone; ok is false when it leaves it to the walk.
func (d *Decoder) Fast(p *Packet, out *Decoded) (ok bool) {
	if _, ok = fast(p, new(fsm.Address), new(fsm.Address), new(fsm.Segment)); ok {
		ok = d.decode(p, out) == nil
	}
	return ok
}

// Walk decodes the frame without the fast path.
func (d *Decoder) Walk(p *Packet, out *Decoded) error { return d.walk(p, out) }

// DecodeInto is Decode without its copies.
func (d *Decoder) DecodeInto(p *Packet, out *Decoded) error { return d.decode(p, out) }
