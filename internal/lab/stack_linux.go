package lab

import (
	"tcpviz/fsm"
	"tcpviz/internal/kernel"
	"tcpviz/internal/lang"
)

// stack is the kernel's TCP in one network namespace.
type stack struct {
	diag *kernel.Diag
	ipv6 bool
}

// openStack opens the way to the stack of the calling thread's namespace; the
// result can be used on any thread.
func openStack(ipv6 bool) (*stack, error) {
	diag, err := kernel.OpenDiag()
	if err != nil {
		return nil, err
	}
	return &stack{diag, ipv6}, nil
}

func (s *stack) close() { s.diag.Close() }

// sockets lists the stack's TCP sockets in the order of their addresses.
func (s *stack) sockets() ([]socketState, error) {
	sockets, err := s.diag.Sockets(s.ipv6)
	if err != nil {
		return nil, lang.Errorf("ask the kernel for its sockets: %w", err)
	}
	all := make([]socketState, 0, len(sockets))
	for _, socket := range sockets {
		all = append(all, socketStateOf(socket))
	}
	return all, nil
}

func socketStateOf(k kernel.Socket) socketState {
	s := socketState{endpoint: endpoint{k.Local, k.Remote}, state: k.State, queued: k.Message.RQueue}
	if info := k.Info; info != nil && s.state != fsm.Listen {
		s.unacked, s.unsent, s.window = info.Unacked, info.Notsent_bytes, info.Snd_wnd
		s.in, s.out = info.Segs_in, info.Segs_out
	}
	return s
}

// timed reports whether the kernel repeats something to a peer that does not
// answer, and will give up in the end. A peer whose window is closed answers: that can last for ever.
func (s socketState) timed() bool {
	return s.unacked > 0 || s.state == fsm.SynSent || s.state == fsm.SynReceived
}
