package lab

import (
	"slices"
	"testing"

	"tcpviz/fsm"
	"tcpviz/internal/lesson"
)

// saidByLinux gives the sockets that the kernel has.
func saidByLinux(both hosts) (all []string, err error) {
	for _, side := range []fsm.Side{fsm.Client, fsm.Server} {
		list, err := both.(*wireHosts).wire.Sockets(side)
		if err != nil {
			return nil, err
		}
		for _, k := range list {
			syn := 0
			for _, other := range list {
				if other.State == fsm.SynReceived && other.Local.Port() == k.Local.Port() {
					syn++
				}
			}
			all = append(all, socketLine(side, k.Local, k.Remote, k.State, syn, int(k.Waiting)))
		}
	}
	slices.Sort(all)
	return all, nil
}

// The sockets that the story knows of, and the lengths of their queues, are those that
// Linux has, at every moment of a lesson.
func TestSocketsOnWire(t *testing.T) {
	t.Parallel()
	if err := Works(Wire); err != nil {
		t.Skip(err)
	}
	for _, id := range []string{"backlog", "clients", "connection"} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			l, ok := lesson.Find(id)
			if !ok {
				t.Fatal("there is no such lesson")
			}
			both, err := openWireHosts(false)
			if err != nil {
				t.Fatal(err)
			}
			if _, longest := compareSockets(t, l, Wire, both, saidByLinux); longest < fullest[id] {
				t.Errorf("%d in a queue at most", longest)
			}
		})
	}
}
