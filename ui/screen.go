package ui

import (
	"errors"
	"os"

	"github.com/gdamore/tcell/v2"

	"tcpviz/internal/lang"
)

// openScreen takes the terminal: the controlling one, or, where the process has
// none (su -c gives a program a terminal that does not control it), the one that
// standard input and output are.
func openScreen() (tcell.Screen, error) {
	screen, err := tcell.NewScreen()
	if err == nil {
		err = screen.Init()
	}
	var noTerminal *os.PathError
	if errors.As(err, &noTerminal) {
		if stdio, stdioErr := stdioScreen(); stdioErr == nil {
			return stdio, nil
		}
	}
	if errors.Is(err, tcell.ErrTermNotFound) || errors.Is(err, tcell.ErrNoCharset) {
		return nil, lang.Errorf("ui: open the terminal (TERM=%s): %w", os.Getenv("TERM"), err)
	}
	if err != nil {
		return nil, lang.Errorf("ui: open the terminal: %w", err)
	}
	return screen, nil
}
