package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"tcpviz/capture"
	"tcpviz/internal/lab"
)

var updateGoldens = flag.Bool("update", false, "rewrite the expected output in the scripts, and the golden screens")

// TestScript runs the command line as testdata/script says. The scripts can ask:
//
//	[loopback] the kernel's own TCP can play lessons here, on its loopback interface
//	[wire]     the kernel's own TCP can play them here on two hosts
//	[live]     lo can be captured on here
//	[tshark]   tshark is here (and tcpdump, curl, python3, … likewise: [exec:tcpdump])
//	[captures] captures that nobody here wrote are here, in $CAPTURES
func TestScript(t *testing.T) {
	recordings, err := filepath.Abs("../../testdata/recordings")
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := filepath.Abs("../../testdata/captures")
	if err != nil {
		t.Fatal(err)
	}
	captures, err := filepath.Abs("../../../shared/captures/files")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           "../../testdata/script",
		UpdateScripts: *updateGoldens,
		Setup: func(env *testscript.Env) error {
			env.Setenv("LC_ALL", "C.UTF-8")
			env.Setenv("TERM", "xterm-256color")
			env.Setenv("RECORDINGS", recordings)
			env.Setenv("FOREIGN", foreign)
			env.Setenv("CAPTURES", captures)
			return nil
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case lab.Loopback, lab.Wire:
				err := lab.Works(name)
				if errors.Is(err, lab.ErrNoStage) {
					return false, nil
				}
				return err == nil, err
			case "live":
				return canCapture()
			case "captures":
				_, err := os.Stat(captures)
				return err == nil, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":    statusCommand,
			"jsonlines": jsonLinesCommand,
			"cut":       cutCommand,
			"traffic":   trafficCommand,
			"lastlines": lastLinesCommand,
		},
	})
}

func canCapture() (bool, error) {
	live, err := capture.OpenLive(capture.LiveConfig{Interface: "lo"})
	if errors.Is(err, fs.ErrPermission) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, live.Close()
}

// statusCommand runs a program and wants it to end with a status: status 2 tcpviz frobnicate
func statusCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N program arguments…")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if fmt.Sprint(got) != args[0] {
		ts.Fatalf("ended with status %d, want %s", got, args[0])
	}
}

// cutCommand copies the first bytes of a file: cut 100 from to
func cutCommand(ts *testscript.TestScript, neg bool, args []string) {
	var n int
	if neg || len(args) != 3 {
		ts.Fatalf("usage: cut bytes from to")
	}
	_, err := fmt.Sscan(args[0], &n)
	ts.Check(err)
	data, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	if n >= len(data) {
		ts.Fatalf("%s has only %d bytes", args[1], len(data))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), data[:n], 0o600))
}
