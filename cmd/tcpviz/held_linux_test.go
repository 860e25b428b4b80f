package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/internal/lab"
)

// The user holds a SYN, drops it, and the TCP's own timer sends it again. On sim, whose
// clock waits for the user, the screens are the same each time.
func TestHeldSYN(t *testing.T) {
	t.Parallel()
	x := openTerminal(t, 80, 24)
	x.line("tcpviz demo handshake --stage sim --hold")
	x.awaitText(" 1/")
	x.press("End") // to what waits for the user
	held := x.await("the held SYN", settled(showing("SYN seq=0 held", "SYN-SENT", "waits half-way")))
	x.press("x")
	again := x.await("the SYN that was sent again", settled(showing("SYN seq=0 dropped", "SYN again held", "waits half-way")))
	x.press("q")
	x.awaitText("ready>")
	wantGolden(t, "held-80x24", "== held ==\n"+held+"== dropped, and sent again ==\n"+again)
}

// Held on the kernel's own wire, a SYN is sent again though nobody does anything: the
// kernel's timer really runs. Released, it makes the connection.
func TestHeldSYNOfTheKernel(t *testing.T) {
	if err := lab.Works(lab.Wire); err != nil {
		t.Skip(err)
	}
	t.Parallel()
	x := openTerminal(t, 120, 40)
	x.line("tcpviz demo handshake --stage wire --hold")
	x.awaitText("step 1/")
	x.press("End")
	x.await("the held SYN", regexp.MustCompile(`(?s)kernel SYN-SENT.*SYN seq=0 .*held`).MatchString)
	x.await("the SYN that the kernel sends again", regexp.MustCompile(`◷── SYN seq=0 `).MatchString)
	x.press("h") // lets go of everything
	x.await("the connection", func(screen string) bool {
		return strings.Contains(screen, "model ESTABLISHED") && strings.Contains(screen, "kernel ESTABLISHED")
	})
	x.press("q")
	x.awaitText("ready>")
}

// What was done by hand is recorded: replayed, it shows the same pictures, forward and
// back.
func TestHeldIsReplayed(t *testing.T) {
	t.Parallel()
	x := openTerminal(t, 120, 40)
	x.line("tcpviz demo handshake --stage sim --hold --record held.pcapng")
	x.awaitText("step 1/")
	x.press("End")
	x.await("the held SYN", showing("SYN seq=0 · held by hand", "waits half-way"))
	x.press("x")
	x.await("the SYN that was sent again", showing("SYN seq=0 · dropped by hand", "the client's SYN (#2) waits half-way"))
	x.press("h") // lets go of everything
	x.press("End")
	atEnd := func(screen string) bool { n, of, ok := stepOf(screen); return ok && n == of }
	x.await("the end of the lesson", showing("model ESTABLISHED ✓ netstack ESTABLISHED", "recorded to held.pcapng", " end "))
	played := []string{ladderOf(x.await("its last step", settled(atEnd)))}
	_, steps, _ := stepOf(x.screen())
	for n := steps - 1; n >= steps-6; n-- {
		x.press("Left")
		played = append(played, ladderOf(x.await(fmt.Sprintf("step %d", n), settled(atStep(n)))))
	}
	x.press("q")
	x.awaitText("ready>")

	x.line("tcpviz replay held.pcapng")
	x.await("the dashboard", func(screen string) bool { _, of, ok := stepOf(screen); return ok && of == steps })
	x.press("End")
	for i, want := range played {
		if i > 0 {
			x.press("Left")
		}
		got := ladderOf(x.await(fmt.Sprintf("step %d", steps-i), settled(atStep(steps-i))))
		if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
			t.Errorf("step %d is replayed otherwise than it was played (-played +replayed):\n%s", steps-i, diff)
		}
	}
	x.press("h")
	x.awaitText("h: a recording cannot be changed: play the lesson with tcpviz demo")
	x.press("q")
	x.awaitText("ready>")
}

// ladderOf gives the part of a screen that is the ladder.
func ladderOf(screen string) string {
	_, rest, _ := strings.Cut(screen, "\n")
	ladder, _, _ := strings.Cut(rest, "─ state machine")
	return ladder
}

// A dashboard that is left while a segment is held, or in which another lesson is
// chosen then, waits for nothing.
func TestHeldIsLeft(t *testing.T) {
	t.Parallel()
	x := openTerminal(t, 80, 24)
	for i, end := range []string{"q", "C-c"} {
		x.line(fmt.Sprintf("tcpviz demo handshake --stage sim --hold; echo end %d: $?", i))
		x.awaitText(" 1/")
		x.press("End")
		x.awaitText("waits half-way")
		x.press(end)
		x.await("the end", showing(fmt.Sprintf("\nend %d: 0\nready>", i)))
	}
	x.line("tcpviz demo handshake --stage sim --hold --lang en")
	x.awaitText(" 1/")
	x.press("End")
	x.awaitText("waits half-way")
	x.press("l")
	x.awaitText("A whole connection")
	x.press("Home", "Enter")
	x.await("the other lesson, not held", func(screen string) bool {
		title, _, _ := strings.Cut(screen, "\n")
		_, of, ok := stepOf(screen)
		return ok && of > 3 && strings.Contains(title, "A whole connection") && !strings.Contains(screen, "WIRE HELD")
	})
	x.press("q")
	x.awaitText("ready>")
}
