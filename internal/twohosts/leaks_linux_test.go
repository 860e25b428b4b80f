package twohosts_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/twohosts"
)

// What the test binary is to be instead of a test, in its environment.
const (
	modeVariable = "TCPVIZ_TWOHOSTS_TEST"
	modeNest     = "nest"   // runs itself again in a user namespace
	modeInside   = "inside" // runs its tests, in that user namespace
	modeHold     = "hold"   // opens a wire, says so, and waits to be killed
)

func TestMain(m *testing.M) {
	switch os.Getenv(modeVariable) {
	case modeNest:
		os.Exit(nest())
	case modeHold:
		_, err := twohosts.Open(twohosts.Config{})
		fmt.Println("opened", err)
		select {}
	}
	os.Exit(m.Run())
}

// nest runs the test binary once more, in a user namespace of its own.
func nest() int {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Env = append(os.Environ(), modeVariable+"="+modeInside)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return 1
	case err != nil:
		fmt.Println("no user namespace:", err)
		return 0
	}
	return 0
}

// TestAsOrdinaryUser runs all tests again, as a user without any privilege in a
// user namespace of his own.
func TestAsOrdinaryUser(t *testing.T) {
	if os.Getenv(modeVariable) != "" {
		t.Skip("this is the ordinary user")
	}
	t.Parallel()
	binary, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for dir := folder; len(dir) > len(os.TempDir()); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(folder, "program")
	if err := os.WriteFile(program, binary, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-test.v", "-test.timeout=90s")
	cmd.Dir = "/"
	cmd.Env = []string{modeVariable + "=" + modeNest}
	if os.Getuid() == 0 {
		const nobody = 65534
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	out, err := cmd.CombinedOutput()
	if strings.HasPrefix(string(out), "no user namespace:") {
		t.Skipf("%s", out)
	}
	if err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	if skipped := strings.Count(string(out), "--- SKIP"); skipped != 1 {
		t.Errorf("%d tests were skipped:\n%s", skipped, out)
	}
}

// TestNothingIsLeft opens and closes many wires, with a connection half-way.
func TestNothingIsLeft(t *testing.T) {
	round := func(t *testing.T) {
		p := open(t)
		p.listen(80)
		_, connected := p.connect(80)
		p.pass("client S")
		p.states("SYN-SENT | LISTEN SYN-RECEIVED")
		p.must(p.wire.Reset(p.context)) // ends the call that blocks
		if err := <-connected; err == nil {
			t.Error("connect succeeded")
		}
	}
	for i := range 5 { // the runtime makes its own threads and descriptors
		t.Run(fmt.Sprint("warm up ", i), round)
	}
	descriptors, goroutines, threads := list(t, "/proc/self/fd"), runtime.NumGoroutine(), list(t, "/proc/self/task")
	for i := range 50 {
		t.Run(fmt.Sprint("wire ", i), round)
	}
	if now := list(t, "/proc/self/fd"); len(now) != len(descriptors) {
		t.Errorf("descriptors before %v\nafter %v", descriptors, now)
	}
	own, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(patience)
	for range time.Tick(time.Millisecond) {
		left := elsewhere(t, own)
		now := list(t, "/proc/self/task")
		if len(left) == 0 && runtime.NumGoroutine() <= goroutines && len(now) < len(threads)+20 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("goroutines: %d, then %d\nthreads: %d, then %d, of which in another namespace: %v",
				goroutines, runtime.NumGoroutine(), len(threads), len(now), left)
		}
	}
}

// elsewhere lists the threads that are in another network namespace.
func elsewhere(t *testing.T, own string) (left []string) {
	t.Helper()
	for _, task := range list(t, "/proc/self/task") {
		namespace, err := os.Readlink("/proc/self/task/" + task + "/ns/net")
		if err == nil && namespace != own { // a thread that has ended has none
			left = append(left, task+" in "+namespace)
		}
	}
	return left
}

func list(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// oneWire is as many namespaces as one wire needs, and one that is being taken
// away, but not as many as two need.
const oneWire = 5

// limitNamespaces lets this user namespace have so many network namespaces at a
// time. The kernel counts those that it has not taken away entirely.
func limitNamespaces(t *testing.T, n int) {
	t.Helper()
	if os.Getenv(modeVariable) != modeInside {
		t.Skip("only in a user namespace of one's own can the number of namespaces be limited: TestAsOrdinaryUser does it")
	}
	const file = "/proc/sys/user/max_net_namespaces"
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, fmt.Append(nil, n), 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.WriteFile(file, before, 0); err != nil {
			t.Error(err)
		}
	})
}

// aWire opens a wire, and tries again as long as namespaces are being taken away.
func aWire(t *testing.T) *twohosts.Wire {
	t.Helper()
	deadline := time.Now().Add(patience)
	for range time.Tick(10 * time.Millisecond) {
		w, err := twohosts.Open(twohosts.Config{})
		if err == nil {
			return w
		}
		if !errors.Is(err, syscall.ENOSPC) || time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	return nil
}

func TestNamespacesEndWithTheWire(t *testing.T) {
	limitNamespaces(t, oneWire)
	for range 10 {
		if err := aWire(t).Close(); err != nil {
			t.Fatal(err)
		}
	}
	w := aWire(t)
	if other, err := twohosts.Open(twohosts.Config{}); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("the limit does not work, and so this test proves nothing: %v %v", other, err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

func TestNamespacesEndWithTheProcess(t *testing.T) {
	limitNamespaces(t, oneWire)
	for range 3 {
		// A wire of this process shows that all from before have gone.
		if err := aWire(t).Close(); err != nil {
			t.Fatal(err)
		}
		hold(t)
	}
	if err := aWire(t).Close(); err != nil {
		t.Fatal(err)
	}
}

// hold lets another process open a wire, and kills it.
func hold(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = []string{modeVariable + "=" + modeHold}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		lines.Scan()
		opened := lines.Text()
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = cmd.Wait() // it was killed
		if opened == "opened <nil>" {
			return
		}
		if !strings.Contains(opened, syscall.ENOSPC.Error()) || time.Now().After(deadline) {
			t.Fatalf("the other process: %q", opened)
		}
	}
}

// One side's program may still be there when the wire goes.
func TestAHostOutlivesItsWire(t *testing.T) {
	p := open(t)
	fd := p.listen(80)
	p.must(p.wire.Close())
	if p.local(fd).Addr() != twohosts.Address(fsm.Server) {
		t.Errorf("the socket is %v", p.local(fd))
	}
}
