package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"tcpviz/internal/lab"
)

// waits is a lesson in which a program waits for a minute.
const waits = `id: waits
title: Waits
programs: {server: server, client: client}
steps:
  - server: s = socket()
  - server: bind(s, 127.0.0.1:10008)
  - server: listen(s, 5)
  - client: s = socket()
  - client: connect(s, 127.0.0.1:10008)
  - client: setsockopt(s, SO_RCVTIMEO, 1m)
  - client: recv(s, 1)
  - client: close(s)
`

// A verification that is stopped shows what it knows, and leaves no process.
func TestSignalWhileVerifying(t *testing.T) {
	if err := lab.Works(lab.Wire); err != nil {
		t.Skipf("no two hosts here: %v", err)
	}
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "waits.yaml")
			if err := os.WriteFile(file, []byte(waits), 0o600); err != nil {
				t.Fatal(err)
			}
			x := start(t, nil, "verify", file, "--stage", "wire", "--only", "plain")
			pid := x.cmd.Process.Pid
			poll(t, "hosts", func() bool { return namespaces(t, pid) > 2 })
			x.signal(s)
			status, stderr := x.end()
			if status != 128+int(s) || stderr != "" {
				t.Errorf("status %d, stderr %q", status, stderr)
			}
			if out := x.stdout.String(); !strings.Contains(out, "0 of 1") {
				t.Errorf("it does not say that the run was not made:\n%s", out)
			}
		})
	}
}

// namespaces counts the network namespaces in which a process, or the one in which
// it runs again, has threads.
func namespaces(t *testing.T, pid int) int {
	t.Helper()
	processes := []string{strconv.Itoa(pid)}
	if again, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid)); err == nil {
		processes = append(processes, strings.Fields(string(again))...)
	}
	seen := make(map[string]bool)
	for _, process := range processes {
		links, err := filepath.Glob("/proc/" + process + "/task/*/ns/net")
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range links {
			if name, err := os.Readlink(link); err == nil { // a thread may have ended
				seen[name] = true
			}
		}
	}
	return len(seen)
}
