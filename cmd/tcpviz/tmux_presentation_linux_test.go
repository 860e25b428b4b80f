package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Somebody who is here for the first time is greeted, once; what is chosen is found again.
func TestFirstTimeInATerminal(t *testing.T) {
	x := openTerminal(t, 80, 24)
	home := "XDG_CONFIG_HOME=" + filepath.Join(x.folder, "new")
	replay := home + " tcpviz replay --lang en " + recordingPath(t, "handshake")
	kept := func() string {
		data, err := os.ReadFile(filepath.Join(x.folder, "new", "tcpviz", "preferences.json"))
		if err != nil {
			return ""
		}
		return string(data)
	}
	x.line(replay)
	x.await("the greeting", func(screen string) bool {
		return strings.Contains(screen, "Welcome") && strings.Contains(screen, "plays, and pauses")
	})
	if kept() != "" {
		t.Errorf("it is remembered before it was seen: %s", kept())
	}
	x.press("Space")
	x.await("the story that plays", func(screen string) bool {
		n, _, ok := stepOf(screen)
		return ok && n > 1 && !strings.Contains(screen, "Welcome")
	})
	poll(t, "that it is remembered", func() bool { return strings.Contains(kept(), `"greeted": true`) })
	x.press("m", "C")
	poll(t, "that the choices are remembered", func() bool {
		return strings.Contains(kept(), `"large": true`) && strings.Contains(kept(), `"theme": "dark"`)
	})
	x.press("q")
	x.awaitText("ready>")
	x.line("clear; " + replay)
	screen := x.await("the large story, at once", func(screen string) bool {
		return strings.Contains(screen, "● CLIENT") && strings.Contains(screen, "? help")
	})
	if strings.Contains(screen, "Welcome") || !strings.Contains(screen, "┏━") {
		t.Errorf("what was chosen is not found again:\n%s", screen)
	}
	x.press("q")
	x.awaitText("ready>")
	// A flag has the last word, and counts as chosen.
	x.line("clear; " + replay + " --large=false --theme light")
	x.awaitText("what happened")
	if k := kept(); strings.Contains(k, "large") || !strings.Contains(k, `"theme": "light"`) {
		t.Errorf("kept %s", k)
	}
	x.press("q")
	x.awaitText("ready>")
	// A file that makes no sense is said so, and does no harm.
	if err := os.WriteFile(filepath.Join(x.folder, "new", "tcpviz", "preferences.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	x.line("clear; " + replay + " 2> errors")
	x.awaitText("Welcome")
	x.press("q")
	x.awaitText("ready>")
	if got := x.file("errors"); !strings.Contains(got, "preferences.json") || strings.Count(got, "\n") != 1 {
		t.Errorf("on standard error: %q", got)
	}
	// Without a home nobody is disturbed.
	x.line(fmt.Sprintf("clear; HOME=%s/none XDG_CONFIG_HOME= tcpviz replay %s 2> errors; echo status $?", x.folder, recordingPath(t, "handshake")))
	x.awaitText("Welcome")
	x.press("Space", "C")
	x.awaitText("theme: dark")
	x.press("q")
	x.awaitText("status 0")
	if got := x.file("errors"); got != "" {
		t.Errorf("on standard error: %q", got)
	}
	if _, err := os.Stat(filepath.Join(x.folder, "none")); err == nil {
		t.Error("a home was made")
	}
}

// A click on an arrow goes to it, and M gives the mouse back to the terminal at once.
func TestMouseInATerminal(t *testing.T) {
	x := openTerminal(t, 80, 24)
	mouse := func() string { return x.tmux("display-message", "-p", "#{mouse_any_flag}") }
	x.line("tcpviz replay --lang en " + recordingPath(t, "handshake"))
	x.await("the dashboard", func(screen string) bool { _, _, ok := stepOf(screen); return ok })
	x.press("End")
	screen := x.await("the end", settled(func(screen string) bool { n, of, ok := stepOf(screen); return ok && n == of && of > 10 }))
	row := -1
	for y, line := range strings.Split(screen, "\n") {
		if strings.Contains(line, "── SYN seq=") {
			row = y
		}
	}
	if row < 0 {
		t.Fatalf("no SYN in\n%s", screen)
	}
	_, last, _ := stepOf(screen)
	for _, event := range []string{"M", "m"} { // pressed, and let go (xterm's SGR mode)
		x.tmux("send-keys", "-l", fmt.Sprintf("\x1b[<0;40;%d%s", row+1, event))
	}
	x.await("the step of the SYN", func(screen string) bool {
		n, _, ok := stepOf(screen)
		return ok && n > 1 && n < last && strings.Contains(screen, "CLOSED") && strings.Contains(strings.Split(screen, "\n")[row], "▸")
	})
	if got := mouse(); got != "1\n" {
		t.Errorf("the mouse is the program's: %q", got)
	}
	x.press("M")
	x.awaitText("the mouse is off")
	if got := mouse(); got != "0\n" {
		t.Errorf("after M the mouse is the program's: %q", got)
	}
	x.press("M")
	x.awaitText("the mouse is on")
	if got := mouse(); got != "1\n" {
		t.Errorf("after the second M the mouse is the program's: %q", got)
	}
	x.press("q")
	x.awaitText("ready>")
	x.line("clear; tcpviz replay --no-mouse --lang en " + recordingPath(t, "handshake"))
	x.awaitText("what happened")
	if got := mouse(); got != "0\n" {
		t.Errorf("with --no-mouse the mouse is the program's: %q", got)
	}
	x.press("q")
	x.awaitText("ready>")
}
