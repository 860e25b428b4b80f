package lab

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// socketLine is one socket as the comparison writes it: "server 127.0.0.1:10008
// LISTEN, SYN queue 0, accept queue 1".
func socketLine(side fsm.Side, local, remote netip.AddrPort, state fsm.State, syn, accept int) string {
	if state == fsm.Listen {
		return fmt.Sprintf("%s %s LISTEN, SYN queue %d, accept queue %d", side, local, syn, accept)
	}
	return fmt.Sprintf("%s %s %s %s", side, local, remote, state)
}

// saidByStory gives the sockets that a story knows of at its end, and that a TCP has.
func saidByStory(s *story.Story) (all []string) {
	for _, k := range story.NewSockets(s).At(len(s.Steps), 0) {
		switch {
		case k.Queues != nil:
			all = append(all, socketLine(k.Side, k.Local, k.Remote, k.State, len(k.Queues.SYN), len(k.Queues.Accept)))
		case k.State != fsm.Closed:
			all = append(all, socketLine(k.Side, k.Local, k.Remote, k.State, 0, 0))
		}
	}
	slices.Sort(all)
	return all
}

// saidBySim gives the sockets that netstack has.
func saidBySim(both hosts) (all []string, err error) {
	for side, host := range both.(*simHosts).hosts {
		for _, k := range host.Sockets() {
			all = append(all, socketLine(fsm.Side(side), k.Local, k.Remote, k.State, k.SynQueue, k.AcceptQueue))
		}
	}
	slices.Sort(all)
	return all, nil
}

// compareSockets plays a lesson, and compares after each thing that has happened
// what the story says of the hosts' sockets with what the hosts' TCPs say.
func compareSockets(
	t *testing.T, l lesson.Lesson, stage string, both hosts, said func(hosts) ([]string, error),
) (compared int, longest int) {
	t.Helper()
	b := story.NewBuilder(story.Meta{Lesson: l.ID, Stage: stage, Ordered: stage == Sim})
	h := &held{
		lesson: l, hosts: both, queues: make(map[string]*queue), skipped: make(map[string]int),
		sides: make(map[endpoint]fsm.Side), senders: make(map[endpoint]*sender),
	}
	h.emit = func(events []story.Event) {
		b.Add(events...)
		s := b.Story()
		want, err := said(both)
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(want, saidByStory(s)); diff != "" && !t.Failed() {
			t.Errorf("after step %d (-stack +story):\n%s", len(s.Steps), diff)
		}
		for _, k := range story.NewSockets(s).At(len(s.Steps), 0) {
			if q := k.Queues; q != nil {
				longest = max(longest, len(q.Accept), len(q.SYN))
				if q.AcceptLimit > 0 && len(q.Accept) > q.AcceptLimit || q.SYNLimit > 0 && len(q.SYN) > q.SYNLimit {
					t.Errorf("after step %d the queues hold more than they can: %+v", len(s.Steps), *q)
				}
			}
		}
		compared++
	}
	err := h.startPrograms()
	if err == nil {
		err = h.perform(t.Context())
	}
	h.over.Store(true)
	if failed := both.close(h.programsAndCalls); err == nil {
		err = failed
	}
	if err != nil {
		t.Fatal(err)
	}
	return compared, longest
}

// fullest is how many connections stand in one queue at most, in the lessons that are about them.
var fullest = map[string]int{"backlog": 2, "clients": 3, "syn-flood": 3}

// The sockets that the story knows of, and the lengths of their queues, are those that
// netstack itself has, at every moment of every lesson.
func TestSocketsOnSim(t *testing.T) {
	t.Parallel()
	for _, l := range lesson.All() {
		if !l.CanPlayOn(Sim) {
			continue
		}
		t.Run(l.ID, func(t *testing.T) {
			t.Parallel()
			both, err := openSimHosts(needsIPv6(l))
			if err != nil {
				t.Fatal(err)
			}
			compared, longest := compareSockets(t, l, Sim, both, saidBySim)
			if compared < 3 || longest < fullest[l.ID] {
				t.Errorf("%d comparisons, %d in a queue at most", compared, longest)
			}
		})
	}
}
