package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tcpviz/internal/lab"
)

// programPath gives the path of the program, in a folder of the test's own: the
// test binary under another name.
func programPath(t *testing.T) string {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "tcpviz")
	if err := os.Symlink(binary, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// process is the program while it runs.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdout *lockedBuffer
	stderr *bufio.Reader
	stop   context.CancelFunc
}

// lockedBuffer is what the program has written so far.
type lockedBuffer struct {
	mu   sync.Mutex
	text []byte
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = append(b.text, p...)
	return len(p), nil
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.text)
}

// start starts the program; it is killed when it has not ended before the deadline.
func start(t *testing.T, stdin io.Reader, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	x := &process{t: t, cmd: exec.CommandContext(ctx, programPath(t), args...), stdout: new(lockedBuffer), stop: cancel}
	x.cmd.Stdin, x.cmd.Stdout = stdin, x.stdout
	x.cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	x.cmd.Dir = filepath.Dir(x.cmd.Path)
	stderr, err := x.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	x.stderr = bufio.NewReader(stderr)
	if err := x.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return x
}

// awaitNote waits for a line on standard error that holds the text.
func (x *process) awaitNote(text string) {
	x.t.Helper()
	line, err := x.stderr.ReadString('\n')
	if err != nil || !strings.Contains(line, text) {
		x.t.Fatalf("on standard error %q, %v; want %q", line, err, text)
	}
}

// awaitOutput waits until standard output holds the texts.
func (x *process) awaitOutput(texts ...string) {
	x.t.Helper()
	poll(x.t, fmt.Sprintf("output with %q", texts), func() bool {
		out := x.stdout.String()
		return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(out, text) })
	})
}

// poll waits until the condition holds.
func poll(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for limit := time.After(deadline); !condition(); {
		select {
		case <-ticker.C:
		case <-limit:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// signal sends a signal.
func (x *process) signal(s syscall.Signal) {
	x.t.Helper()
	if err := x.cmd.Process.Signal(s); err != nil {
		x.t.Fatal(err)
	}
}

// end waits for the program's end and gives its status and the rest of its errors.
func (x *process) end() (status int, stderr string) {
	x.t.Helper()
	defer x.stop()
	rest, err := io.ReadAll(x.stderr)
	if err != nil {
		x.t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := x.cmd.Wait(); err != nil {
		exit, _ = err.(*exec.ExitError)
		if exit == nil {
			x.t.Fatal(err)
		}
	}
	return x.cmd.ProcessState.ExitCode(), string(rest)
}

// A live capture shows what happens as it happens; Ctrl-C is its normal end.
func TestLive(t *testing.T) {
	if ok, err := canCapture(); err != nil || !ok {
		t.Skipf("lo cannot be captured on here (needs CAP_NET_RAW): %v", err)
	}
	for _, test := range []struct {
		name   string
		args   []string
		signal syscall.Signal
		status int
	}{
		{"interrupt", []string{"--output", "json"}, syscall.SIGINT, 0},
		{"termination", []string{"--output", "text"}, syscall.SIGTERM, 128 + int(syscall.SIGTERM)},
		{"count", []string{"-c", "3", "--output", "json"}, 0, 0},
		{"written", []string{"-w", "seen.pcapng", "--output", "text"}, syscall.SIGINT, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			x := start(t, nil, append([]string{"live", "-i", "lo"}, test.args...)...)
			x.awaitNote("capturing on lo")
			address := connectOnce(t)
			if test.signal != 0 {
				x.awaitOutput(address, "SYN-SENT", "ESTABLISHED", "FIN-WAIT-1")
				x.signal(test.signal)
			}
			status, stderr := x.end()
			if status != test.status || stderr != "" {
				t.Errorf("status %d, stderr %q; want %d", status, stderr, test.status)
			}
			if test.name == "count" {
				if n := strings.Count(x.stdout.String(), `"kind":"segment"`); n != 3 {
					t.Errorf("%d segments after -c 3", n)
				}
				return
			}
			if out := x.stdout.String(); !strings.Contains(out, "connections") && !strings.Contains(out, "1 connection") && !strings.Contains(out, `"kind":"summary"`) {
				t.Errorf("no summary in\n%s", out)
			}
			if test.name == "written" {
				again := start(t, nil, "replay", filepath.Join(x.cmd.Dir, "seen.pcapng"))
				if status, stderr := again.end(); status != 0 || !strings.Contains(again.stdout.String(), address) {
					t.Errorf("replayed: status %d, %s\n%s", status, stderr, again.stdout)
				}
			}
		})
	}
}

// connectOnce makes one connection on the loopback interface, with a line each
// way, and gives its server's address.
func connectOnce(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return // seen at the other end
		}
		defer conn.Close()
		io.Copy(conn, conn)
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("hello\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, make([]byte, 6)); err != nil {
		t.Fatal(err)
	}
	return listener.Addr().String()
}

// Whatever ends the program while it reads a stream, what came is shown, with the
// summary.
func TestSignalsWhileReading(t *testing.T) {
	capture, err := os.ReadFile("../../testdata/captures/curl.pcap")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			reader, writer, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer reader.Close()
			defer writer.Close()
			if _, err := writer.Write(capture); err != nil {
				t.Fatal(err)
			}
			x := start(t, reader, "replay", "-", "--output", "json")
			x.awaitOutput(`"frame":12,`) // shows what came and, as the writer stays open, waits for more
			x.signal(s)
			status, stderr := x.end()
			if status != 128+int(s) || stderr != "" {
				t.Errorf("status %d, stderr %q", status, stderr)
			}
			if out := x.stdout.String(); !strings.Contains(out, `"kind":"summary","frames":12,`) {
				t.Errorf("no summary of the twelve frames in\n%s", out)
			}
		})
	}
}

// A lesson that is stopped leaves no half recording.
func TestSignalWhileALessonIsPlayed(t *testing.T) {
	needLab(t)
	x := start(t, nil, "demo", "recv-timeout", "--record", "x.pcapng")
	poll(t, "the unfinished recording", func() bool {
		found, _ := filepath.Glob(filepath.Join(x.cmd.Dir, ".x.pcapng.*.part"))
		return len(found) > 0
	})
	x.signal(syscall.SIGTERM)
	status, stderr := x.end()
	if status != 128+int(syscall.SIGTERM) || stderr != "" {
		t.Errorf("status %d, stderr %q", status, stderr)
	}
	if out := x.stdout.String(); !strings.Contains(out, "(recv-timeout)") || !strings.Contains(out, " connection") {
		t.Errorf("no summary in\n%s", out)
	}
	if left, _ := filepath.Glob(filepath.Join(x.cmd.Dir, "*x.pcapng*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A reader that has seen enough (| head) ends the program quietly.
func TestClosedPipe(t *testing.T) {
	for _, args := range [][]string{
		{"replay", recordingPath(t, "clients"), "--output", "text"},
		{"replay", recordingPath(t, "clients"), "--output", "json"},
		{"lessons"},
	} {
		t.Run(strings.Join(slices.DeleteFunc(slices.Clone(args), filepath.IsAbs), " "), func(t *testing.T) {
			t.Parallel()
			reader, writer, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			reader.Close()
			var stderr bytes.Buffer
			cmd := exec.CommandContext(t.Context(), programPath(t), args...)
			cmd.Stdout, cmd.Stderr = writer, &stderr
			err = cmd.Run()
			writer.Close()
			if err != nil || stderr.Len() > 0 {
				t.Errorf("%v, stderr %q", err, &stderr)
			}
		})
	}
}

// nobody is an ordinary user.
const nobody = 65534

// publicProgram gives the path of a copy of the program that every user can run,
// in a folder of its own that every user can write to.
func publicProgram(t *testing.T) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can become another user; the other tests show what an ordinary user sees")
	}
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := os.MkdirTemp("", "tcpviz")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "tcpviz")
	if err := os.WriteFile(path, data, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// An ordinary user can play lessons too, in a user namespace.
func TestOrdinaryUser(t *testing.T) {
	path := publicProgram(t)
	needLab(t)
	run := func(args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), path, args...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		cmd.Env, cmd.Dir = []string{"LC_ALL=C.UTF-8"}, filepath.Dir(path)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := run("demo", "handshake", "--record", "x.pcapng")
	switch {
	case strings.Contains(out, "\nstage sim: "):
		t.Skipf("user namespaces are forbidden here: %s", out)
	case err != nil || !strings.Contains(out, "Three-way handshake") || !strings.Contains(out, "private user and network namespace"):
		t.Fatalf("%v\n%s", err, out)
	}
	var stat syscall.Stat_t
	if err := syscall.Stat(filepath.Join(filepath.Dir(path), "x.pcapng"), &stat); err != nil || stat.Uid != nobody {
		t.Errorf("the recording belongs to %d, %v", stat.Uid, err)
	}
	if out, err := run("live", "-i", "lo"); err == nil || !strings.Contains(out, "sudo setcap cap_net_raw+ep "+path) || strings.Count(out, "\n") != 1 {
		t.Errorf("live without a privilege: %v, %q", err, out)
	}
}

// On this machine's own lo a port can be taken.
func TestPortTaken(t *testing.T) {
	if place, err := lab.Probe(true); place == lab.Nowhere {
		t.Skipf("this process may not sniff: %v", err)
	}
	held, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	lesson := filepath.Join(t.TempDir(), "taken.yaml")
	text := fmt.Sprintf("id: taken\ntitle: Taken\nsummary: a port\nprograms: {server: server}\nsteps:\n"+
		"  - server: s = socket()\n  - server: bind(s, %s)\n", held.Addr())
	if err := os.WriteFile(lesson, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	x := start(t, nil, "demo", lesson, "--shared-lo", "--output", "text")
	status, stderr := x.end()
	want := fmt.Sprintf("port %d is taken on this machine", held.Addr().(*net.TCPAddr).Port)
	if status != 1 || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 1 {
		t.Errorf("status %d, %q; want 1 and one line with %q", status, stderr, want)
	}
}

// Where neither a namespace nor a raw socket is to be had, lessons are played on sim.
func TestWhereNothingIsAllowed(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can lock a program up")
	}
	// A process whose root folder was changed may make no user namespace.
	jail, err := os.MkdirTemp("", "tcpviz")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(jail) })
	if err := os.Chmod(jail, 0o777); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-o", filepath.Join(jail, "tcpviz"), ".")
	build.Env = slices.Concat(developer, []string{"CGO_ENABLED=0"}) // nothing else is in the jail
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(jail, "mine.yaml"), []byte("id: mine\ntitle: Mine\nsummary: Mine\nprograms: {server: server}\nsteps:\n  - server: s = socket()\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args   string
		status int
		stdout string // "" when nothing must be there
		stderr string
	}{
		{"demo refused", 0, "stage sim: gVisor's netstack", ""},
		{"demo refused --output json", 0, `"stage":"sim"`, ""},
		{"demo refused --stage loopback", 1, "", "tcpviz: lessons cannot be played on stage loopback here; run it with sudo, or allow it once: "},
		{"demo refused --stage wire", 1, "", "tcpviz: lessons cannot be played on stage wire here; run it with sudo; or leave out --stage"},
		{"demo refused --record x.pcapng", 0, "stage sim", ""},
		{"demo mine.yaml", 0, "stage sim", ""},
		{"live -i lo", 1, "", "no permission to capture"},
	} {
		cmd := exec.CommandContext(t.Context(), "/tcpviz", strings.Fields(test.args)...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: jail, Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		cmd.Env, cmd.Dir = []string{"LC_ALL=C.UTF-8"}, "/"
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		if cmd.ProcessState == nil {
			t.Fatalf("%s: %v", test.args, err)
		}
		if status := cmd.ProcessState.ExitCode(); status != test.status {
			t.Errorf("%s: status %d, want %d", test.args, status, test.status)
		}
		if (stdout.Len() > 0) != (test.stdout != "") || !strings.Contains(stdout.String(), test.stdout) {
			t.Errorf("%s: %q is not in\n%s", test.args, test.stdout, &stdout)
		}
		if !strings.Contains(stderr.String(), test.stderr) || strings.Count(stderr.String(), "\n") != min(1, len(test.stderr)) {
			t.Errorf("%s: on standard error %q, want %q", test.args, &stderr, test.stderr)
		}
	}
}

func recordingPath(t *testing.T, lesson string) string {
	t.Helper()
	path, err := filepath.Abs("../../testdata/recordings/" + lesson + ".pcapng")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// needLab skips a test where no lesson can be played.
func needLab(t *testing.T) {
	t.Helper()
	if place, err := lab.Probe(false); place == lab.Nowhere {
		t.Skipf("lessons cannot be played here: %v", err)
	}
}
