package sim

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"

	"gvisor.dev/gvisor/pkg/log"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"

	"tcpviz/internal/lang"
)

// Config says what a host is.
type Config struct {
	Addrs []netip.Addr // its addresses: an IPv4 one, an IPv6 one, or both
	Clock *Clock       // never nil; hosts that are on one wire share it
	Seed  uint64       // of its random numbers (sequence numbers, timestamps): give each host its own
}

// The range of the ports that are chosen for a socket, one after the other.
const (
	firstEphemeral = 40000
	lastEphemeral  = 60999
)

// The buffers that Linux gives a socket, in octets: net.ipv4.tcp_rmem and tcp_wmem.
const (
	minBuffer            = 4096
	defaultReceiveBuffer = 131072
	maxReceiveBuffer     = 6 << 20
	defaultSendBuffer    = 16384
	maxSendBuffer        = 4 << 20
)

// nic is the number of a host's only interface.
const nic tcpip.NICID = 1

// Host is one host with its TCP. Its methods may be called from several goroutines.
type Host struct {
	addrs    []netip.Addr
	clock    hostClock
	stack    *stack.Stack
	protocol stack.TransportProtocol
	wire     *wire
	queued   sendQueues
	stopped  bool // its timers; guarded by the clock's mutex

	mu       sync.Mutex // held while anything happens on the host
	closed   bool
	nextPort uint16
	sockets  map[tcpip.Endpoint]*Socket // that programs hold
	children map[stack.TransportEndpointID]child
	blocked  []*call // in the order in which they were made
	running  int     // threads that are neither idle nor blocked
	atRest   chan struct{}
}

// New makes a host. It must be closed.
func New(config Config) (*Host, error) {
	if config.Clock == nil {
		return nil, errors.New("sim: new host: no clock")
	}
	if len(config.Addrs) == 0 {
		return nil, errors.New("sim: new host: no address")
	}
	log.SetTarget(nobody{})
	h := &Host{
		addrs:    slices.Clone(config.Addrs),
		wire:     &wire{clock: config.Clock},
		nextPort: firstEphemeral,
		sockets:  make(map[tcpip.Endpoint]*Socket),
		children: make(map[stack.TransportEndpointID]child),
	}
	h.clock = hostClock{Clock: config.Clock, host: h}
	config.Clock.add(h)
	h.stack = stack.New(stack.Options{
		Clock:              h.clock,
		NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol, ipv6.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocolProbe(h.queued.observe)},
		SecureRNG:          newRandom(config.Seed),
	})
	h.protocol = h.stack.TransportProtocolInstance(tcp.ProtocolNumber)
	if err := h.configure(); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// configure gives the stack its interface, its addresses, and Linux's defaults.
func (h *Host) configure() error {
	if err := h.stack.CreateNIC(nic, h.wire); err != nil {
		return lang.Errorf("sim: new host: create its interface: %s", err)
	}
	for _, a := range h.addrs {
		protocol := ipv4.ProtocolNumber
		if !a.Is4() {
			protocol = ipv6.ProtocolNumber
		}
		err := h.stack.AddProtocolAddress(nic, tcpip.ProtocolAddress{
			Protocol: protocol, AddressWithPrefix: tcpip.AddrFromSlice(a.AsSlice()).WithPrefix(),
		}, stack.AddressProperties{})
		if err != nil {
			return lang.Errorf("sim: new host: give it the address %s: %s", a, err)
		}
	}
	h.stack.SetRouteTable([]tcpip.Route{
		{Destination: header.IPv4EmptySubnet, NIC: nic},
		{Destination: header.IPv6EmptySubnet, NIC: nic},
	})
	nagle := tcpip.TCPDelayEnabled(true)
	cubic := tcpip.CongestionControlOption("cubic")
	for _, option := range []tcpip.SettableTransportProtocolOption{
		&nagle, &cubic,
		&tcpip.TCPReceiveBufferSizeRangeOption{Min: minBuffer, Default: defaultReceiveBuffer, Max: maxReceiveBuffer},
		&tcpip.TCPSendBufferSizeRangeOption{Min: minBuffer, Default: defaultSendBuffer, Max: maxSendBuffer},
	} {
		if err := h.stack.SetTransportProtocolOption(tcp.ProtocolNumber, option); err != nil {
			return lang.Errorf("sim: new host: set %T: %s", option, err)
		}
	}
	return nil
}

// String gives the host's first address.
func (h *Host) String() string { return h.addrs[0].String() }

// Close switches the host off, as a power failure does: its packets, its timers
// and its sockets are gone, and no peer hears of it. Calls that are blocked give
// EINTR, later ones EBADF. It waits until netstack's goroutines have ended.
func (h *Host) Close() error {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil
	}
	h.closed = true
	h.wire.cutOff()
	for _, c := range slices.Clone(h.blocked) {
		c.fail(EINTR)
		h.complete(c)
	}
	for ep := range h.sockets {
		ep.Abort()
	}
	clear(h.sockets)
	clear(h.children)
	h.rest(handOvers)
	if h.running == 0 {
		h.clock.drop(h)
	}
	h.mu.Unlock()
	h.stack.Destroy()
	h.clock.stop(h)
	return nil
}

// handOvers is how often netstack's barrier is passed after a packet: a segment is
// handled by one of its goroutines, and handed on to another at most twice.
const handOvers = 3

// rest waits until netstack's goroutines have nothing left to do. No other
// goroutine may use the stack at that time.
func (h *Host) rest(handOvers int) {
	for range handOvers {
		h.protocol.Pause()
		h.protocol.Resume()
	}
}

// settle lets happen all that happens without a packet, a program or the clock:
// netstack comes to rest, calls whose event has come return, timers that are due run.
func (h *Host) settle(handOvers int) {
	h.rest(handOvers)
	for h.retry() || h.runTimer() {
		h.rest(1)
	}
}

// runTimer runs the first timer that is due. It tells whether there was one.
func (h *Host) runTimer() bool {
	t := h.clock.takeDue(h)
	if t == nil {
		return false
	}
	t.run()
	return true
}

// runTimers runs the timers that are due.
func (h *Host) runTimers() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		h.settle(1)
	}
}

// Quiet waits until no thread of the host is running: each is blocked in a call or
// idle ([Thread.Begin]). Nothing can then happen on the host any more without a
// packet, a call or the clock. The only error is the context's.
func (h *Host) Quiet(ctx context.Context) error {
	for {
		h.mu.Lock()
		if h.running == 0 {
			h.mu.Unlock()
			return nil
		}
		if h.atRest == nil {
			h.atRest = make(chan struct{})
		}
		atRest := h.atRest
		h.mu.Unlock()
		select {
		case <-atRest:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// RetransmissionTimeouts counts the retransmission timers that have run out on the
// host, those of a SYN or a SYN-ACK excepted, and those that ended a connection
// included. A tail loss probe (RFC 8985 section 7) is none of them.
func (h *Host) RetransmissionTimeouts() int {
	return int(h.stack.Stats().TCP.Timeouts.Value())
}

// nobody reads what netstack logs: it writes to the standard error, which is not
// this package's, of segments that it has no use for.
type nobody struct{}

// Emit implements log.Emitter.
func (nobody) Emit(int, log.Level, time.Time, string, ...any) {}

// random is a source of random numbers that gives the same ones for the same seed.
type random struct {
	mu     sync.Mutex
	source *rand.ChaCha8
}

func newRandom(seed uint64) *random {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	return &random{source: rand.NewChaCha8(key)}
}

// Read implements io.Reader.
func (r *random) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.source.Read(p)
}
