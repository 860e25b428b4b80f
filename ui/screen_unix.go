//go:build unix

package ui

import "github.com/gdamore/tcell/v2"

// stdioScreen takes the terminal that standard input and output are.
func stdioScreen() (tcell.Screen, error) {
	tty, err := tcell.NewStdIoTty()
	if err != nil {
		return nil, err
	}
	screen, err := tcell.NewTerminfoScreenFromTty(tty)
	if err != nil {
		return nil, err
	}
	return screen, screen.Init()
}
