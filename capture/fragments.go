package capture

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"slices"
	"time"
)

const (
	// fragmentTime is how long the fragments of a packet are waited for (RFC 8200 section 4.5).
	fragmentTime = 60 * time.Second
	// maxIncomplete and maxFragmentBytes bound what is kept of packets that are not
	// complete; the oldest give way.
	maxIncomplete    = 1024
	maxFragmentBytes = 4 << 20
	// fragmentCost is what a fragment counts beside its bytes.
	fragmentCost = 64
	maxPacket    = 1<<16 - 1
)

// fragmentKey names the packet that a fragment is of (RFC 791, RFC 8200 section 4.5).
type fragmentKey struct {
	src, dst netip.Addr
	id       uint32
	protocol uint8 // IPv4 only
}

// fragment is one fragment of an IP packet.
type fragment struct {
	key    fragmentKey
	offset int // of its data in that of the packet, bytes
	more   bool
	header []byte // the IP header, without the one that says that this is a fragment
	data   []byte
	// Of IPv6: where in header the kind of the fragment header stands, and what
	// that header says that follows.
	named int
	next  byte
}

// fragments are the fragments of packets that are not complete yet. The zero value is ready.
type fragments struct {
	packets map[fragmentKey]*incomplete
	order   []*incomplete // by age
	bytes   int
}

// incomplete is a packet of which fragments are missing.
type incomplete struct {
	key    fragmentKey
	begun  time.Time
	length int // of its data, once the last fragment is there, else -1
	header []byte
	named  int
	next   byte
	pieces []piece // by offset
	cost   int
}

type piece struct {
	offset int
	data   []byte
}

// add keeps a copy of the fragment, and gives the whole packet when it was the
// last that was missing, else SkipFragment. Where fragments overlap, the one that
// begins first counts.
func (f *fragments) add(p fragment, now time.Time) ([]byte, error) {
	if p.offset+len(p.data)+len(p.header) > maxPacket {
		return nil, SkipMalformed
	}
	packet := f.packets[p.key]
	if packet != nil && now.Sub(packet.begun) > fragmentTime {
		f.drop(packet)
		packet = nil
	}
	if packet == nil {
		packet = f.begin(p.key, now)
	}
	packet.keep(p)
	f.charge(packet, len(p.data)+fragmentCost)
	if !packet.complete() {
		return nil, SkipFragment
	}
	f.drop(packet)
	return packet.whole(), nil
}

func (f *fragments) begin(key fragmentKey, now time.Time) *incomplete {
	for len(f.order) >= maxIncomplete {
		f.drop(f.order[0])
	}
	packet := &incomplete{key: key, begun: now, length: -1}
	if f.packets == nil {
		f.packets = make(map[fragmentKey]*incomplete)
	}
	f.packets[key] = packet
	f.order = append(f.order, packet)
	return packet
}

// charge counts bytes that the packet keeps; others give way when there are too many.
func (f *fragments) charge(packet *incomplete, bytes int) {
	packet.cost += bytes
	f.bytes += bytes
	for f.bytes > maxFragmentBytes && f.order[0] != packet {
		f.drop(f.order[0])
	}
}

func (f *fragments) drop(packet *incomplete) {
	delete(f.packets, packet.key)
	if i := slices.Index(f.order, packet); i >= 0 {
		f.order = slices.Delete(f.order, i, i+1)
	}
	f.bytes -= packet.cost
}

func (i *incomplete) keep(p fragment) {
	if p.offset == 0 && i.header == nil {
		i.header, i.named, i.next = slices.Clone(p.header), p.named, p.next
	}
	if !p.more && i.length < 0 {
		i.length = p.offset + len(p.data)
	}
	at, found := slices.BinarySearchFunc(i.pieces, p.offset, func(x piece, offset int) int { return cmp.Compare(x.offset, offset) })
	switch {
	case !found:
		i.pieces = slices.Insert(i.pieces, at, piece{p.offset, slices.Clone(p.data)})
	case len(p.data) > len(i.pieces[at].data):
		i.pieces[at].data = append(slices.Clip(i.pieces[at].data), p.data[len(i.pieces[at].data):]...)
	}
}

// complete reports whether no octet is missing.
func (i *incomplete) complete() bool {
	if i.length < 0 || i.header == nil {
		return false
	}
	reach := 0
	for _, p := range i.pieces {
		if p.offset > reach {
			return false
		}
		reach = max(reach, p.offset+len(p.data))
	}
	return reach >= i.length
}

// whole gives the packet as if it had never been in fragments.
func (i *incomplete) whole() []byte {
	packet := make([]byte, 0, len(i.header)+i.length)
	packet = append(packet, i.header...)
	for _, p := range i.pieces {
		reach := len(packet) - len(i.header)
		if end := min(p.offset+len(p.data), i.length); end > reach {
			packet = append(packet, p.data[reach-p.offset:end-p.offset]...)
		}
	}
	if packet[0]>>4 == 6 {
		binary.BigEndian.PutUint16(packet[4:], uint16(len(packet)-40))
		packet[i.named] = i.next
		return packet
	}
	const keepDontFragment = 0x40
	binary.BigEndian.PutUint16(packet[2:], uint16(len(packet)))
	packet[6], packet[7] = packet[6]&keepDontFragment, 0
	packet[10], packet[11] = 0, 0
	binary.BigEndian.PutUint16(packet[10:], checksum(packet[:len(i.header)]))
	return packet
}

// checksum is the Internet checksum (RFC 1071) of a header.
func checksum(b []byte) uint16 {
	var sum uint32
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(binary.BigEndian.Uint16(b))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
