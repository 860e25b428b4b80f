package lab_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tcpviz/internal/lab"
	"tcpviz/internal/lesson"
)

// helperVariable makes the test binary a program that only does what it says.
const helperVariable = "TCPVIZ_TEST_HELPER"

// helper is what the test binary does instead of testing, after Reexec.
func helper(what string, err error) {
	l, _ := lesson.Find("connection")
	switch what {
	case "place":
		place, failed := lab.Probe(false)
		fmt.Println(place, err, failed)
	case "exit":
		os.Exit(7)
	case "die":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "wait":
		c := make(chan os.Signal, 1)
		signal.Notify(c, syscall.SIGTERM)
		fmt.Println("ready", os.Getpid())
		fmt.Println((<-c).String())
		os.Exit(3)
	case "lesson":
		result, failed := lab.Run(context.Background(), l, lab.Options{Reexec: err})
		fmt.Println(result.Place, result.Frames, result.Unmet, failed)
	case "stages":
		for range 3 {
			for _, stage := range []string{lab.Loopback, lab.Wire, lab.Sim} {
				result, failed := lab.Run(context.Background(), l, lab.Options{Stage: stage})
				fmt.Println(result.Stage, result.Frames > 0, result.Unmet, failed)
			}
		}
	}
	os.Exit(0)
}

// ordinary gives a command that runs this test binary as a user without any
// privilege: nobody when the tests run as root.
func ordinary(t *testing.T, what string) *exec.Cmd {
	t.Helper()
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
	cmd := exec.Command(program)
	cmd.Dir = "/"
	cmd.Env = []string{helperVariable + "=" + what}
	if os.Getuid() == 0 {
		const nobody = 65534
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	return cmd
}

// TestTwoAtOnce lets two processes of an ordinary user play the same lesson, with the
// same ports, on each stage at the same time.
func TestTwoAtOnce(t *testing.T) {
	needNested(t)
	t.Parallel()
	var said [2]strings.Builder
	var both [2]*exec.Cmd
	for i := range both {
		both[i] = ordinary(t, "stages")
		both[i].Stdout, both[i].Stderr = &said[i], &said[i]
		if err := both[i].Start(); err != nil {
			t.Fatal(err)
		}
	}
	want := strings.Repeat("loopback true [] <nil>\nwire true [] <nil>\nsim true [] <nil>\n", 3)
	for i, cmd := range both {
		if err := cmd.Wait(); err != nil || said[i].String() != want {
			t.Errorf("process %d: %v:\n%s", i+1, err, &said[i])
		}
	}
}

// needNested skips where an ordinary user cannot have a user namespace.
func needNested(t *testing.T) {
	t.Helper()
	if os.Getenv("TCPVIZ_NESTED") != "" {
		t.Skip("the tests run in a user namespace already")
	}
	out, err := ordinary(t, "place").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if !strings.HasPrefix(string(out), "nested ") {
		t.Skipf("no user namespace for an ordinary user: %s", out)
	}
}

func TestReexec(t *testing.T) {
	needNested(t)
	t.Parallel()
	t.Run("a lesson", func(t *testing.T) {
		out, err := ordinary(t, "lesson").CombinedOutput()
		if string(out) != "nested 11 [] <nil>\n" || err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	for what, want := range map[string]int{"exit": 7, "die": 128 + int(syscall.SIGKILL)} {
		t.Run(what, func(t *testing.T) {
			var exit *exec.ExitError
			if err := ordinary(t, what).Run(); !errors.As(err, &exit) || exit.ExitCode() != want {
				t.Errorf("%v, want exit status %d", err, want)
			}
		})
	}
	t.Run("a signal is passed on", func(t *testing.T) {
		cmd := ordinary(t, "wait")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		lines.Scan()
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		lines.Scan()
		if lines.Text() != "terminated" {
			t.Errorf("the other process says %q", lines.Text())
		}
		var exit *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 3 {
			t.Errorf("%v, want exit status 3", err)
		}
	})
	t.Run("it does not outlive its parent", func(t *testing.T) {
		cmd := ordinary(t, "wait")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		lines.Scan()
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		lines.Scan() // ends when the last holder of the pipe does
		if lines.Text() != "terminated" {
			t.Errorf("the other process says %q", lines.Text())
		}
		if err := cmd.Wait(); err == nil {
			t.Error("the parent was killed, but ended well")
		}
	})
}
