package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"tcpviz/internal/traffic"
)

// showing is the condition on a screen that it shows all of the texts, and is settled.
func showing(texts ...string) func(string) bool {
	return settled(func(screen string) bool {
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				return false
			}
		}
		return true
	})
}

// fourth is the cursor on the fourth connection that the filter leaves.
var fourth = regexp.MustCompile(`▸ +105 `)

// A large capture is browsed: list, order, filter, a connection, its time-sequence
// picture, and back to the same row.
func TestBrowse(t *testing.T) {
	name := largeCapture(t, traffic.Lossy(1500))
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			x := openTerminal(t, size[0], size[1])
			var screens strings.Builder
			golden := func(what, screen string) { fmt.Fprintf(&screens, "== %s ==\n%s", what, screen) }

			x.line("cp " + name + " large.pcap && tcpviz replay large.pcap; echo status $?")
			golden("the list", x.await("the list", showing("1,555 connections", "#▲", "SF: established")))
			x.press("/")
			x.tmux("send-keys", "-l", "zero-windw")
			x.await("the mistake", showing("did you mean zero_window"))
			x.press("BSpace")
			x.tmux("send-keys", "-l", "ow and bytes>8k")
			x.press("Enter", "Down", "Down", "Down")
			list := x.await("the fourth row of the filtered list", settled(fourth.MatchString))
			golden("filtered", list)
			x.press("Enter")
			x.await("the ladder", showing("step", "/"))
			x.press("End")
			golden("a connection", x.await("its end", showing("  end  ", "FIN")))
			x.press("t")
			golden("its sequence numbers", x.await("the picture", showing("sent again", "ACK")))
			x.press("Escape")
			x.await("the ladder again", settled(func(screen string) bool { return !strings.Contains(screen, "sent again") }))
			x.press("Escape")
			x.await("the list as it was", func(screen string) bool { return screen == list })
			x.press("q")
			x.awaitText("status 0")
			wantGolden(t, fmt.Sprintf("large-%dx%d", size[0], size[1]), screens.String())
		})
	}
}
