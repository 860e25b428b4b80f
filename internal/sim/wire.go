package sim

import (
	"errors"
	"sync"
	"time"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"

	"tcpviz/internal/lang"
)

// MTU is the largest IP packet, in octets, that a host puts on the wire.
const MTU = 1500

// maxWaiting is how many packets a host keeps until the caller takes them.
const maxWaiting = 1 << 14

// Errors of the wire.
var (
	ErrClosed   = errors.New("the host is closed")
	ErrOverflow = errors.New("packets were lost: too many were waiting to be taken")
)

// Packet is an IP packet that a host put on the wire.
type Packet struct {
	Time time.Time // on the host's clock
	Data []byte    // the caller's
}

// Sent gives the packets that the host has put on the wire since the last time,
// in the order in which it did. At most 16,384 of them wait for that; when there
// were more, the error is [ErrOverflow], and the rest is lost.
func (h *Host) Sent() ([]Packet, error) {
	w := h.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	packets, lost := w.sent, w.lost
	w.sent, w.lost = nil, false
	if lost {
		return packets, lang.Errorf("sim: %s: %w", h, ErrOverflow)
	}
	return packets, nil
}

// Deliver hands the host an IP packet from the wire. When it returns, netstack has
// done all that it does because of it: its answers are in [Host.Sent], and the
// calls that it ends are about to return. The packet stays the caller's.
func (h *Host) Deliver(packet []byte) error {
	var protocol tcpip.NetworkProtocolNumber
	switch header.IPVersion(packet) {
	case header.IPv4Version:
		protocol = header.IPv4ProtocolNumber
	case header.IPv6Version:
		protocol = header.IPv6ProtocolNumber
	default:
		return lang.Errorf("sim: deliver %d octets to %s: not an IP packet", len(packet), h)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return lang.Errorf("sim: deliver %d octets to %s: %w", len(packet), h, ErrClosed)
	}
	opening := h.opening(protocol, packet)
	if opening.refuse(h) {
		return nil
	}
	h.wire.deliver(protocol, packet)
	h.settle(handOvers)
	opening.done(h)
	return nil
}

// wire is the network interface of a host, as netstack sees it: one without
// offloading, so that checksums are computed and segments are as on a real wire.
type wire struct {
	clock *Clock

	mu         sync.Mutex
	dispatcher stack.NetworkDispatcher
	sent       []Packet
	lost       bool // some packet found the queue full
	cut        bool // nothing goes out any more
}

func (w *wire) deliver(protocol tcpip.NetworkProtocolNumber, packet []byte) {
	w.mu.Lock()
	to := w.dispatcher
	w.mu.Unlock()
	if to == nil {
		return
	}
	p := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(packet)})
	defer p.DecRef()
	to.DeliverNetworkPacket(protocol, p)
}

// cutOff discards what is waiting and what will be written.
func (w *wire) cutOff() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent, w.cut = nil, true
}

// WritePackets implements stack.LinkWriter.
func (w *wire) WritePackets(packets stack.PacketBufferList) (int, tcpip.Error) {
	now := w.clock.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range packets.AsSlice() {
		switch {
		case w.cut:
		case len(w.sent) >= maxWaiting:
			w.lost = true
		default:
			view := p.ToView()
			w.sent = append(w.sent, Packet{Time: now, Data: append([]byte(nil), view.AsSlice()...)})
			view.Release()
		}
	}
	return packets.Len(), nil
}

// Attach implements stack.LinkEndpoint.
func (w *wire) Attach(dispatcher stack.NetworkDispatcher) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dispatcher = dispatcher
}

// IsAttached implements stack.LinkEndpoint.
func (w *wire) IsAttached() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dispatcher != nil
}

// The rest of stack.LinkEndpoint: there is no link layer.

func (*wire) MTU() uint32                                  { return MTU }
func (*wire) SetMTU(uint32)                                {}
func (*wire) MaxHeaderLength() uint16                      { return 0 }
func (*wire) LinkAddress() tcpip.LinkAddress               { return "" }
func (*wire) SetLinkAddress(tcpip.LinkAddress)             {}
func (*wire) Capabilities() stack.LinkEndpointCapabilities { return 0 }
func (*wire) Wait()                                        {}
func (*wire) ARPHardwareType() header.ARPHardwareType      { return header.ARPHardwareNone }
func (*wire) AddHeader(*stack.PacketBuffer)                {}
func (*wire) ParseHeader(*stack.PacketBuffer) bool         { return true }
func (*wire) Close()                                       {}
func (*wire) SetOnCloseAction(func())                      {}
