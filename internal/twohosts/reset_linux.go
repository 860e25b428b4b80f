package twohosts

import (
	"context"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
)

// Reset ends all TCP sockets of both hosts, those of programs, TIME-WAIT and
// listening ones included, and forgets the packets that wait: the next run sees
// nothing of the one before, and its packets are numbered from 1.
//
// Descriptors are the caller's. A call that blocks returns with ECONNABORTED; a
// socket that a program has bound keeps its port until the program has closed it
// and is in no call on it any more. A cookie of TCP Fast Open (RFC 7413)
// is kept by the kernel: for that take another wire.
//
// The error says why the wire must not be used again: an older kernel cannot end
// TIME-WAIT, or keeps what it has measured for the next connection.
func (w *Wire) Reset(ctx context.Context) error {
	for _, h := range w.hosts {
		if h.remembers != nil {
			return lang.Errorf("twohosts: reset: the kernel keeps what it has measured: %w", h.remembers)
		}
	}
	for {
		for side := range w.hosts {
			if err := w.EndSockets(fsm.Side(side)); err != nil {
				return err
			}
		}
		sockets, err := w.Quiet(ctx) // what ended has sent resets
		if err != nil {
			return err
		}
		if len(sockets[fsm.Client])+len(sockets[fsm.Server]) == 0 {
			break
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue, w.number = nil, 0
	return nil
}

// EndSockets ends the TCP sockets that a host has now, as in Reset: those that no
// program holds any more included. What its kernel says about that (RSTs) is on
// the wire like any other packet.
func (w *Wire) EndSockets(side fsm.Side) error {
	h := w.hosts[side]
	sockets, err := h.sockets()
	if err != nil {
		return w.failed(lang.Phrasef("ask the %s for its sockets", side), err)
	}
	for _, socket := range sockets {
		if err := h.destroy(*socket.Message); err != nil {
			return w.failed(lang.Phrasef("end a socket of the %s", side), err)
		}
	}
	return nil
}
