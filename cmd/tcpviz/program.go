package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	"unicode"

	"tcpviz/internal/lang"
)

// program is what every command needs: where it reads and writes, and what the
// common flags said.
type program struct {
	stdin          *os.File
	stdout, stderr io.Writer
	getenv         func(string) string

	output  output
	lang    language
	asked   language // --lang, before the flags are read
	noMouse bool
	look    presentation
}

// The exit statuses.
const (
	statusDone   = 0
	statusFailed = 1
	statusUsage  = 2
	statusSignal = 128 // plus the signal's number
)

// usageError says that the program was called wrongly.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// In says it in a language.
func (e usageError) In(l lang.Language) string { return l.Error(e.err) }

func usagef(format string, args ...any) error { return usageError{lang.Errorf(format, args...)} }

// status prints an error as one line, and gives the exit status that it means.
func (p *program) status(err error) int {
	var stopped stoppedBy
	var usage usageError
	var exit exitStatus
	switch {
	case err == nil:
		return statusDone
	case errors.As(err, &exit):
		return int(exit)
	case errors.As(err, &stopped):
		return statusSignal + int(stopped.signal)
	case errors.Is(err, syscall.EPIPE):
		return statusDone // the reader has seen enough
	case errors.As(err, &usage):
		p.noteUsage(err)
		return statusUsage
	}
	p.noteError(err)
	return statusFailed
}

// note writes one line to standard error.
func (p *program) note(text string) {
	fmt.Fprintln(p.stderr, "tcpviz: "+oneLine(text))
}

// noteError writes an error, in the user's language; where several are joined, in one line.
func (p *program) noteError(err error) {
	l := p.language()
	p.note(strings.ReplaceAll(l.Error(err), "\n", l.Text("; ")))
}

// oneLine gives the text without what would break the line or steer the terminal.
func oneLine(text string) string {
	text = strings.ReplaceAll(text, "\n", "; ") // joined errors
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, text)
}

// exitStatus ends the program with a status, without a word: what there is to say
// was said.
type exitStatus int

func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// stoppedBy is why a context ended: a signal.
type stoppedBy struct{ signal syscall.Signal }

func (e stoppedBy) Error() string { return "stopped: " + e.signal.String() }

// secondThoughts is how long after a first signal further ones count as the same:
// an interrupt from the keyboard can arrive twice.
const secondThoughts = time.Second

// catchSignals gives a context that ends with the first SIGINT, SIGTERM or SIGHUP,
// with a stoppedBy as its cause. A later one ends the program at once. Writing to a
// closed pipe becomes an error instead of a signal, so that everything is cleaned up.
func catchSignals(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	signal.Ignore(syscall.SIGPIPE)
	done := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case s := <-signals:
			cancel(stoppedBy{s.(syscall.Signal)})
		case <-done:
			return
		}
		select {
		case <-time.After(secondThoughts):
			signal.Stop(signals)
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		<-ended
		cancel(nil)
	}
}

// isContextError tells an error that only says that a context ended.
func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// stopped gives the signal that ended the context, as an error; nil when none did.
func stopped(ctx context.Context) error {
	var s stoppedBy
	if errors.As(context.Cause(ctx), &s) {
		return s
	}
	return nil
}
