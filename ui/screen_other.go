//go:build !unix

package ui

import (
	"errors"

	"github.com/gdamore/tcell/v2"
)

// stdioScreen is for systems where a terminal need not control the process.
func stdioScreen() (tcell.Screen, error) { return nil, errors.ErrUnsupported }
