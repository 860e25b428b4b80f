package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The test binary is the program when it is called by the program's name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tcpviz": func() { os.Exit(run()) }})
}
