package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The test binary is the program when it is called by the program's name.
func TestMain(m *testing.M) {
	testscript.Main(homeless{m}, map[string]func(){"tcpviz": func() { os.Exit(run()) }})
}

// developer is the environment as it was before: the go command finds its caches and
// settings in the developer's home.
var developer = os.Environ()

// homeless runs the tests with a home of their own, in which a user has been greeted
// already: nobody's own preferences are read or written.
type homeless struct{ *testing.M }

func (h homeless) Run() int {
	folder, err := os.MkdirTemp("", "tcpviz-home-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	configurations := filepath.Join(folder, "configurations")
	for name, value := range map[string]string{"HOME": folder, "XDG_CONFIG_HOME": configurations, "AppData": configurations} {
		if err := os.Setenv(name, value); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	if err := greetedUser(folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return h.M.Run()
}

// greetedUser writes the preferences of somebody who has been here before.
func greetedUser(home string) error {
	folder := filepath.Join(home, "configurations", "tcpviz")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "preferences.json"), []byte(`{"greeted":true}`+"\n"), 0o644)
}
