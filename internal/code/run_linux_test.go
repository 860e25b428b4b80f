package code_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"tcpviz/internal/code"
	"tcpviz/internal/kernel"
	"tcpviz/internal/lab"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
)

// TestMain runs the tests in a user namespace, in which they may make network
// namespaces, where the user may not make them outside.
func TestMain(m *testing.M) {
	code, done, _ := lab.Reexec()
	if done {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// patience is when a program that goes on no more is given up.
const patience = 90 * time.Second

// few are the lessons whose programs are built and run in Go, where each program takes
// the linker a second; those of all lessons are type-checked.
var few = map[string]bool{"connection": true, "refused": true, "broken-pipe": true, "recv-timeout": true}

// TestProgramsRun runs the programs of each lesson against each other, as somebody would
// who copied them out: in a network namespace of their own, started when their first
// lines say so, and with Enter pressed when they ask for it. Each call must give what
// the lesson states.
func TestProgramsRun(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles and runs some hundred programs")
	}
	for _, language := range code.Languages() {
		tool := toolOf(language)
		t.Run(language.String(), func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(tool); err != nil {
				t.Skipf("%s is not here", tool)
			}
			if language == code.PHP && exec.Command(tool, "-r", "exit(extension_loaded('sockets') ? 0 : 1);").Run() != nil {
				t.Skip("this php has no sockets")
			}
			for _, l := range lessons(t) {
				if !l.CanPlayOn(lesson.Loopback) || language == code.Go && !few[l.ID] {
					continue
				}
				t.Run(l.ID, func(t *testing.T) {
					t.Parallel()
					runLesson(t, l, language)
				})
			}
		})
	}
}

func toolOf(l code.Language) string { return [...]string{"gcc", "python3", "go", "php"}[l] }

// runLesson runs the programs of a lesson.
func runLesson(t *testing.T, l lesson.Lesson, language code.Language) {
	commands := make(map[string][]string)
	listings := code.Programs(l, language, lang.English)
	for _, p := range listings {
		commands[p.Program.Name] = prepare(t, t.TempDir(), p)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := kernel.OnThread(func() error {
		namespace, err := kernel.NewNamespace()
		if err != nil {
			return &noNamespace{err}
		}
		defer namespace.Close()
		lo, err := netlink.LinkByName("lo")
		if err != nil {
			return err
		}
		if err := netlink.LinkSetUp(lo); err != nil {
			return err
		}
		return newStage(ctx, listings, commands).play()
	})
	if none, ok := err.(*noNamespace); ok {
		t.Skip(none)
	}
	if err != nil {
		t.Error(err)
	}
}

type noNamespace struct{ error }

// prepare writes a program out, compiles it where that is needed, and gives the command
// that runs it.
func prepare(t *testing.T, folder string, l code.Listing) []string {
	t.Helper()
	file := filepath.Join(folder, "main"+l.Language.Extension())
	if err := os.WriteFile(file, []byte(l.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(folder, "main")
	var compile *exec.Cmd
	switch l.Language {
	case code.C:
		compile = exec.Command("gcc", "-Wall", "-Wextra", "-Werror", "-pipe", "-o", program, file)
	case code.Python:
		return []string{"python3", "-S", file}
	case code.PHP:
		return []string{"php", file}
	case code.Go:
		compile = exec.Command("go", "build", "-o", program, file)
		compile.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=mod", "GOWORK=off")
	}
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s\n%s", compile, err, out, l)
	}
	return []string{program}
}

// stage is where the programs of a lesson run.
type stage struct {
	ctx    context.Context
	actors []*actor
	news   chan struct{} // something was written, or a program ended
}

// actor is a program that runs.
type actor struct {
	listing code.Listing
	command []string
	process *exec.Cmd // nil: not started yet
	stdin   io.WriteCloser
	errors  bytes.Buffer // what it wrote to standard error
	ended   chan error

	mu      sync.Mutex
	written bytes.Buffer

	read     int // octets of written that were understood
	returned int // calls whose outcome was seen
	waits    int // pauses that are over
	asked    bool
}

func newStage(ctx context.Context, listings []code.Listing, commands map[string][]string) *stage {
	s := &stage{ctx: ctx, news: make(chan struct{}, 1)}
	for _, l := range listings {
		s.actors = append(s.actors, &actor{listing: l, command: commands[l.Program.Name], ended: make(chan error, 1)})
	}
	return s
}

// play runs the programs until all of them have ended.
func (s *stage) play() error {
	defer s.end()
	poll := time.NewTicker(5 * time.Millisecond) // that a call blocks is written nowhere
	defer poll.Stop()
	for {
		over := true
		for _, a := range s.actors {
			if err := s.advance(a); err != nil {
				return err
			}
			over = over && a.process != nil && a.returned == len(a.listing.Calls) && a.waits == len(a.listing.Waits)
		}
		if over {
			return s.allEnd()
		}
		select {
		case <-s.news:
		case <-poll.C:
		case <-s.ctx.Done():
			return fmt.Errorf("they do not go on:\n%s", s)
		}
	}
}

// advance starts the program, understands what it wrote, and presses Enter, as far as
// each is due.
func (s *stage) advance(a *actor) error {
	if a.process == nil {
		if !s.met(a.listing.Start) {
			return nil
		}
		return s.start(a)
	}
	for {
		a.mu.Lock()
		text := a.written.String()[a.read:]
		a.mu.Unlock()
		if a.waits < len(a.listing.Waits) && a.listing.Waits[a.waits].Before == a.returned {
			wait := a.listing.Waits[a.waits]
			if !a.asked {
				if !strings.HasPrefix(text, wait.Prompt) {
					return s.unlike(a, text, wait.Prompt)
				}
				a.asked = true
				a.read += len(wait.Prompt)
				continue
			}
			if !s.met(wait.For) || wait.Before == len(a.listing.Calls) && !s.allReturned() {
				return nil
			}
			if _, err := io.WriteString(a.stdin, "\n"); err != nil {
				return err
			}
			a.asked = false
			a.waits++
			continue
		}
		if a.returned == len(a.listing.Calls) {
			return nil
		}
		want := regexp.MustCompile("^" + outcome(a.listing.Language, a.listing.Calls[a.returned].Call))
		found := want.FindString(text)
		if found == "" {
			return s.unlike(a, text, want.String())
		}
		a.read += len(found)
		a.returned++
	}
}

// unlike tells that a program wrote something else than was wanted, unless it has not
// written all of it yet.
func (s *stage) unlike(a *actor, text, want string) error {
	select {
	case err := <-a.ended:
		a.ended <- err
		a.mu.Lock()
		more := len(a.written.String()[a.read:]) > len(text)
		a.mu.Unlock()
		if !more {
			return fmt.Errorf("%s ended (%v), wrote %q, wanted %q, said %q\n%s", a.listing.Program.Name, err, text, want, a.errors.String(), s)
		}
	default:
	}
	if len(text) > len(want)+100 {
		return fmt.Errorf("%s wrote %q, wanted %q\n%s", a.listing.Program.Name, text, want, s)
	}
	return nil
}

// met reports whether the calls have happened.
func (s *stage) met(needs []code.Need) bool {
	for _, need := range needs {
		for _, a := range s.actors {
			switch {
			case a.listing.Program.Name != need.Program, a.returned > need.Call:
			case need.Returned, a.returned < need.Call, !a.sleeps():
				return false
			}
		}
	}
	return true
}

func (s *stage) allReturned() bool {
	for _, a := range s.actors {
		if a.returned < len(a.listing.Calls) {
			return false
		}
	}
	return true
}

// sleeps reports whether the program waits in the kernel.
func (a *actor) sleeps() bool {
	if a.process == nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", a.process.Process.Pid))
	_, after, found := strings.Cut(string(stat), ") ")
	return err == nil && found && strings.HasPrefix(after, "S")
}

// start starts a program on the calling thread, whose network namespace it gets.
func (s *stage) start(a *actor) error {
	c := exec.CommandContext(s.ctx, a.command[0], a.command[1:]...)
	c.Stdout, c.Stderr = &tell{a, s.news}, &a.errors
	stdin, err := c.StdinPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	a.process, a.stdin = c, stdin
	go func() {
		a.ended <- c.Wait()
		wake(s.news)
	}()
	return nil
}

// allEnd waits until the programs have ended, each without an error.
func (s *stage) allEnd() error {
	for _, a := range s.actors {
		err := <-a.ended
		a.ended <- err
		if err != nil {
			return fmt.Errorf("%s: %v\n%s", a.listing.Program.Name, err, s)
		}
		if rest := a.written.String()[a.read:]; rest != "" || a.errors.Len() > 0 {
			return fmt.Errorf("%s wrote more: %q, %q", a.listing.Program.Name, rest, a.errors.String())
		}
	}
	return nil
}

// end leaves no program behind.
func (s *stage) end() {
	for _, a := range s.actors {
		if a.process != nil {
			_ = a.process.Process.Kill() // it has ended, as a rule
			<-a.ended
		}
	}
}

// String shows how far each program has come.
func (s *stage) String() string {
	var b strings.Builder
	for _, a := range s.actors {
		a.mu.Lock()
		fmt.Fprintf(&b, "--- %s, %d of %d calls:\n%s\n", a.listing.Program.Name, a.returned, len(a.listing.Calls), a.written.String())
		a.mu.Unlock()
	}
	return b.String()
}

// tell takes what a program writes.
type tell struct {
	a    *actor
	news chan struct{}
}

func (w *tell) Write(p []byte) (int, error) {
	w.a.mu.Lock()
	w.a.written.Write(p)
	w.a.mu.Unlock()
	wake(w.news)
	return len(p), nil
}

func wake(news chan struct{}) {
	select {
	case news <- struct{}{}:
	default:
	}
}

// outcome gives, as a pattern, what a program writes when a call has given what the
// lesson states.
func outcome(l code.Language, c lesson.Call) string {
	begin := string(c.Op) + " = "
	zero := "0"
	if l == code.PHP {
		zero = "ok"
	}
	switch {
	case c.Want.Stated && c.Want.Result < 0:
		return begin + "-1 " + c.Want.Errno + "\n"
	case c.Want.HasData:
		n := strconv.Itoa(len(c.Want.Data))
		switch l {
		case code.Python:
			return regexp.QuoteMeta(begin+pythonBytes(c.Want.Data)) + "\n"
		case code.Go:
			return regexp.QuoteMeta(begin + n + "\n  " + strconv.Quote(string(c.Want.Data)) + "\n")
		}
		return regexp.QuoteMeta(begin + n + "\n  " + string(c.Want.Data) + "\n")
	}
	switch c.Op {
	case lesson.Send, lesson.Recv:
		if c.Want.Stated {
			return begin + strconv.FormatInt(c.Want.Result, 10) + "\n"
		}
		return begin + "\\d+\n"
	case lesson.Socket, lesson.Accept:
		if l == code.PHP {
			return begin + "ok\n"
		}
		return begin + "\\d+\n"
	case lesson.GetSockName, lesson.GetPeerName:
		switch l {
		case code.Python:
			return begin + `\('(127\.0\.0\.1|::1?)', \d+[^)]*\)` + "\n"
		case code.Go:
			return begin + "0\n  port \\d+\n"
		}
		return begin + zero + "\n  (127\\.0\\.0\\.1|::1?):\\d+\n"
	}
	return begin + zero + "\n"
}

// pythonBytes writes octets as Python shows them; those of the lessons are ASCII.
func pythonBytes(data []byte) string {
	return "b'" + strings.ReplaceAll(strings.Trim(strconv.Quote(string(data)), `"`), `\"`, `"`) + "'"
}
