package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// terminal is a real terminal: a tmux server of its own with one window, in which
// a shell runs.
type terminal struct {
	t      *testing.T
	socket string
	folder string // the shell's working directory
}

// deadline bounds the wait for something that must appear on the screen.
const deadline = time.Minute

// openTerminal opens a terminal of that size; it is gone when the test ends.
func openTerminal(t *testing.T, width, height int) *terminal {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed")
	}
	folder := filepath.Dir(programPath(t))
	x := &terminal{t: t, socket: filepath.Join(folder, "tmux"), folder: folder}
	x.tmux("-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height), "-c", folder,
		"env", "LC_ALL=C.UTF-8", "PS1=ready> ", "PATH="+folder+":"+os.Getenv("PATH"), "sh")
	t.Cleanup(func() { x.tmux("kill-server") })
	x.await("the shell", func(screen string) bool { return strings.Contains(screen, "ready>") })
	return x
}

func (x *terminal) tmux(args ...string) string {
	x.t.Helper()
	command := exec.Command("tmux", append([]string{"-u", "-S", x.socket}, args...)...)
	command.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TMUX=")
	out, err := command.CombinedOutput()
	if err != nil {
		x.t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// screen gives what the terminal shows.
func (x *terminal) screen() string {
	x.t.Helper()
	return x.tmux("capture-pane", "-p")
}

// press sends keys, each by tmux's name for it.
func (x *terminal) press(keys ...string) {
	x.t.Helper()
	x.tmux(append([]string{"send-keys"}, keys...)...)
}

// line types a line into the shell.
func (x *terminal) line(text string) {
	x.t.Helper()
	x.tmux("send-keys", "-l", text)
	x.press("Enter")
}

// await looks at the screen until it satisfies the condition, and gives it.
func (x *terminal) await(what string, condition func(screen string) bool) string {
	x.t.Helper()
	screen := ""
	defer func() {
		if x.t.Failed() {
			x.t.Logf("the screen shows\n%s", screen)
		}
	}()
	poll(x.t, what, func() bool {
		screen = x.screen()
		return condition(screen)
	})
	return screen
}

// awaitText looks at the screen until it shows the text.
func (x *terminal) awaitText(text string) string {
	x.t.Helper()
	return x.await(fmt.Sprintf("%q", text), func(screen string) bool { return strings.Contains(screen, text) })
}

// modes gives what a program can leave behind in a terminal: whether it shows the
// alternate screen, whether the cursor is visible, which mouse modes are on.
func (x *terminal) modes() string {
	x.t.Helper()
	return x.tmux("display-message", "-p",
		"alternate=#{alternate_on} cursor=#{cursor_flag} mouse=#{mouse_any_flag}#{mouse_sgr_flag} keypad=#{keypad_flag}#{keypad_cursor_flag}")
}

// file gives the content of a file in the shell's working directory.
func (x *terminal) file(name string) string {
	x.t.Helper()
	data, err := os.ReadFile(filepath.Join(x.folder, name))
	if err != nil {
		x.t.Fatal(err)
	}
	return string(data)
}

var sizes = [][2]int{{80, 24}, {120, 40}, {200, 60}}

// Stepped to the end and back to the start, a story gives the same screens, at
// each size.
func TestScreensAreTheSameBothWays(t *testing.T) {
	for _, lesson := range []string{"handshake", "close"} {
		for _, size := range sizes {
			name := fmt.Sprintf("%s-%dx%d", lesson, size[0], size[1])
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				x := openTerminal(t, size[0], size[1])
				x.line("tcpviz replay " + recordingPath(t, lesson))
				x.awaitText(" 1/")
				x.press("Home")
				begin := x.await("the beginning of the whole story", settled(func(screen string) bool {
					n, of, ok := stepOf(screen)
					return ok && n == 0 && of > 20
				}))
				_, steps, _ := stepOf(begin)
				forward := []string{begin}
				for n := 1; n <= steps; n++ {
					x.press("Right")
					forward = append(forward, x.await(fmt.Sprintf("step %d", n), settled(atStep(n))))
				}
				for n := steps - 1; n >= 0; n-- {
					x.press("Left")
					x.await(fmt.Sprintf("the screen of step %d, which was\n%s", n, forward[n]), func(screen string) bool {
						return screen == forward[n]
					})
				}
				x.press("q")
				wantScreens(t, name, forward)
			})
		}
	}
}

var stepText = regexp.MustCompile(`(\d+)/(\d+)`)

// stepOf finds the position in the title line: step 12/31.
func stepOf(screen string) (n, of int, ok bool) {
	title, _, _ := strings.Cut(screen, "\n")
	found := stepText.FindStringSubmatch(title)
	if found == nil {
		return 0, 0, false
	}
	n, _ = strconv.Atoi(found[1])
	of, _ = strconv.Atoi(found[2])
	return n, of, true
}

func atStep(want int) func(string) bool {
	return func(screen string) bool {
		n, _, ok := stepOf(screen)
		return ok && n == want
	}
}

// settled is the condition on a screen that stays the same when it is looked at
// again and again: a frame reaches the terminal in several pieces.
func settled(condition func(string) bool) func(string) bool {
	const looks = 10
	last, same := "", 0
	return func(screen string) bool {
		if screen != last {
			last, same = screen, 0
		}
		same++
		return same >= looks && condition(screen)
	}
}

// wantScreens compares the screens at the beginning, half-way and at the end with the golden ones.
func wantScreens(t *testing.T, name string, screens []string) {
	t.Helper()
	var b strings.Builder
	for _, n := range []int{0, len(screens) / 2, len(screens) - 1} {
		fmt.Fprintf(&b, "== step %d ==\n%s", n, screens[n])
	}
	wantGolden(t, name, b.String())
}

// wantGolden compares screens with the golden ones.
func wantGolden(t *testing.T, name, screens string) {
	t.Helper()
	path := filepath.Join("..", "..", "testdata", "screens", name+".txt")
	if *updateGoldens {
		if err := os.WriteFile(path, []byte(screens), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(screens, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// However the dashboard ends, the terminal is as it was.
func TestTerminalIsGivenBack(t *testing.T) {
	for name, test := range map[string]struct {
		command string
		end     func(x *terminal)
		status  int
	}{
		"quit":                {"replay " + recordingPath(t, "close"), func(x *terminal) { x.press("q") }, 0},
		"interrupt":           {"replay " + recordingPath(t, "close"), func(x *terminal) { x.press("C-c") }, 0},
		"termination":         {"replay " + recordingPath(t, "close"), func(x *terminal) { x.kill("TERM") }, 128 + 15},
		"hangup":              {"replay " + recordingPath(t, "close"), func(x *terminal) { x.kill("HUP") }, 128 + 1},
		"lesson":              {"demo connection", func(x *terminal) { x.press("q") }, 0},
		"lesson, termination": {"demo recv-timeout", func(x *terminal) { x.kill("TERM") }, 128 + 15},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if strings.HasPrefix(test.command, "demo") {
				needLab(t)
			}
			x := openTerminal(t, 80, 24)
			before := x.modes()
			x.line("stty -a > before; sh -c 'echo $$ > pid; exec tcpviz " + test.command + "'; echo status $? > status; stty -a > after; echo done")
			x.await("the dashboard", func(screen string) bool { _, _, ok := stepOf(screen); return ok })
			if x.modes() == before {
				t.Errorf("the dashboard changes no mode: %s", before)
			}
			test.end(x)
			screen := x.await("the shell", func(screen string) bool { return strings.Contains(screen, "\ndone\n") })
			if !strings.Contains(screen, "stty -a") {
				t.Errorf("what stood on the screen before is gone:\n%s", screen)
			}
			if after := x.modes(); after != before {
				t.Errorf("the terminal's modes were %s, are %s", before, after)
			}
			if diff := cmp.Diff(x.file("before"), x.file("after")); diff != "" {
				t.Errorf("stty -a (-before +after):\n%s", diff)
			}
			if got, want := x.file("status"), fmt.Sprintf("status %d\n", test.status); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
}

// A lesson that an ordinary user plays runs in a second process: it too gives the
// terminal back when the first one is told to end.
func TestTerminalOfAnOrdinaryUserIsGivenBack(t *testing.T) {
	if _, err := exec.LookPath("setpriv"); err != nil {
		t.Skip("setpriv is not installed")
	}
	program := publicProgram(t)
	needLab(t)
	x := openTerminal(t, 80, 24)
	before := x.modes()
	x.line("sh -c 'echo $$ > pid; exec setpriv --reuid 65534 --regid 65534 --clear-groups " + program + " demo recv-timeout'; echo status $? > status; echo done")
	x.await("the dashboard", func(screen string) bool { _, _, ok := stepOf(screen); return ok })
	x.kill("TERM")
	x.await("the shell", func(screen string) bool { return strings.Contains(screen, "\ndone\n") })
	if after := x.modes(); after != before {
		t.Errorf("the terminal's modes were %s, are %s", before, after)
	}
	if got, want := x.file("status"), "status 143\n"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// kill sends a signal to the program whose number is in the file pid.
func (x *terminal) kill(signal string) {
	x.t.Helper()
	if out, err := exec.Command("kill", "-"+signal, strings.TrimSpace(x.file("pid"))).CombinedOutput(); err != nil {
		x.t.Fatalf("kill: %v\n%s", err, out)
	}
}

// Another lesson is chosen from the list, while the first is still played.
func TestAnotherLesson(t *testing.T) {
	needLab(t)
	x := openTerminal(t, 120, 40)
	x.line("tcpviz demo recv-timeout --step --lang en")
	inTitle := func(text string) func(string) bool {
		return func(screen string) bool {
			title, _, _ := strings.Cut(screen, "\n")
			return strings.Contains(title, text)
		}
	}
	x.await("the first lesson", inTitle("Waiting with a limit"))
	x.press("l")
	x.awaitText("A whole connection")
	x.press("Home", "Enter")
	x.await("the other lesson, played to its end", func(screen string) bool {
		_, of, ok := stepOf(screen)
		return ok && of > 40 && inTitle("A whole connection")(screen)
	})
	x.await("its end", func(screen string) bool {
		n, of, ok := stepOf(screen)
		if ok && n < of {
			x.press("End") // again, when its last steps came after the key
		}
		return ok && n == of
	})
	x.press("q")
	x.awaitText("ready>")
}

// Where the dashboard cannot be drawn there is text, and a line that says why.
func TestDumbTerminal(t *testing.T) {
	x := openTerminal(t, 100, 30)
	for i, test := range []struct{ env, reason string }{
		{"TERM=dumb", "the terminal is dumb (TERM=dumb): showing plain text instead of the dashboard"},
		{"TERM=unheard-of", "the terminal is not known (TERM=unheard-of): showing plain text"},
		{"LC_ALL=zh_CN.GBK", "character set GBK is not known: showing plain text"},
		{"LC_ALL=C TERM=dumb", "(TERM=dumb)"},
	} {
		end := fmt.Sprintf("\nstatus 0 of %d\n", i)
		x.line(fmt.Sprintf("%s tcpviz replay %s 2> errors; echo status $? of %d", test.env, recordingPath(t, "handshake"), i))
		x.await("the summary", func(screen string) bool {
			return strings.Contains(screen, "3 frames, 3 segments, 1 connection") && strings.Contains(screen, end)
		})
		if got := x.file("errors"); !strings.Contains(got, test.reason) || strings.Count(got, "\n") != 1 {
			t.Errorf("%s: on standard error %q, want %q", test.env, got, test.reason)
		}
	}
	// On request it fails instead.
	x.line("TERM=dumb tcpviz --output tui 2> errors; echo status $?")
	x.awaitText("\nstatus 1\n")
	if got := x.file("errors"); !strings.Contains(got, "use --output text") {
		t.Errorf("on standard error %q", got)
	}
}

// LC_ALL=C still gives a dashboard, in ASCII.
func TestASCIIDashboard(t *testing.T) {
	x := openTerminal(t, 120, 40)
	x.line("LC_ALL=C tcpviz replay " + recordingPath(t, "handshake"))
	x.await("the dashboard", func(screen string) bool { _, _, ok := stepOf(screen); return ok })
	x.press("End")
	screen := x.await("the end", func(screen string) bool { n, of, ok := stepOf(screen); return ok && n == of })
	for _, r := range screen {
		if r > unicode.MaxASCII {
			t.Fatalf("%q on the screen\n%s", r, screen)
		}
	}
	if strings.Contains(screen, "?") && strings.Count(screen, "?") > 3 {
		t.Errorf("question marks instead of lines:\n%s", screen)
	}
	x.press("q")
	x.awaitText("ready>")
}
