package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"tcpviz/capture"
	"tcpviz/internal/source"
	"tcpviz/internal/story"
	"tcpviz/ui"
)

// dashboardSteps bounds the steps that a story in the dashboard keeps; what comes
// later is counted, and the dashboard says so.
const dashboardSteps = 200_000

func newReplay(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "replay FILE|-",
		Short: "Show a recording or a capture file",
		Long: `Shows a capture file: pcap or pcapng, plain or gzip-compressed; - is standard input.
A recording (demo --record) is shown with its calls. Of any other capture the calls
that must have happened are shown as inferred, and what nobody saw arrive is assumed.`,
		Example: "  tcpviz replay close.pcapng\n  tcpdump -i lo -U -w - tcp | tcpviz replay -",
		Args:    wantArgs(1, 1, "a capture file, or - for standard input"),
		RunE: func(c *cobra.Command, args []string) error {
			return p.replay(c.Context(), args[0])
		},
	}
}

func (p *program) replay(ctx context.Context, name string) error {
	form, err := p.form()
	if err != nil {
		return err
	}
	file, err := p.openCapture(ctx, "replay", name)
	if err != nil {
		return explainOpen(ctx, "replay", name, err)
	}
	reader := source.New(file)
	meta, recorded := reader.Meta()
	if !recorded {
		meta.Source = sourceName(name)
	}
	feed := feed{
		builder: story.NewBuilder(meta),
		read:    func(ctx context.Context, emit func(update)) error { return readAll(ctx, reader, emit) },
		// The steps of a recording are joined with their calls after the fact.
		whole: recorded,
	}
	err = p.present(ctx, form, feed, ui.Options{})
	p.noteRejected(name, reader)
	return errors.Join(err, file.Close())
}

// noteRejected says how many comments of a recording were left out.
func (p *program) noteRejected(name string, r *source.Reader) {
	if r.Rejected() > 0 {
		p.note(fmt.Sprintf("%s: %d comments claim to be a recording's but make no sense; they were left out", name, r.Rejected()))
	}
}

// openCapture opens the capture file that a command was given.
func (p *program) openCapture(ctx context.Context, command, name string) (*capture.File, error) {
	if name != "-" {
		return capture.Open(name)
	}
	if isTerminal(p.stdin) {
		return nil, usagef("%s -: standard input is a terminal; pipe a capture into it", command)
	}
	return capture.NewReader(interruptible(ctx, p.stdin), sourceName(name))
}

// sourceName is the name of a capture for people.
func sourceName(name string) string {
	if name == "-" {
		return "standard input"
	}
	return oneLine(filepath.Base(name))
}

// explainOpen says what to do about a capture that cannot be opened.
func explainOpen(ctx context.Context, command, name string, err error) error {
	switch {
	case stopped(ctx) != nil:
		return stopped(ctx)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s %s: no such file; give the path of a capture file, or - for standard input", command, name)
	case errors.Is(err, syscall.EISDIR):
		return fmt.Errorf("%s %s: it is a directory; give one capture file in it", command, name)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s %s: no permission to read it; see its owner and mode with ls -l", command, name)
	case errors.Is(err, capture.ErrNotCapture):
		return fmt.Errorf("%w; %s reads what tcpdump -w, Wireshark and demo --record write", err, command)
	}
	return err
}

// readAll emits the events of a capture until its end, or the context's. Those of
// a recording are given as far as possible in one piece, as they happened.
func readAll(ctx context.Context, r *source.Reader, emit func(update)) error {
	const together = 1 << 16
	_, recorded := r.Meta()
	var batch []story.Event
	flush := func() {
		if len(batch) > 0 {
			emit(addEvents(batch, ""))
			batch = nil
		}
	}
	defer flush()
	for ctx.Err() == nil {
		events, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if batch = append(batch, events...); r.Skipped() != "" {
			emit(addEvents(nil, r.Skipped()))
		}
		if !recorded || len(batch) >= together {
			flush()
		}
	}
	return ctx.Err()
}

func addEvents(events []story.Event, skipped string) update {
	return func(b *story.Builder) {
		if skipped != "" {
			b.Skip(skipped)
		}
		b.Add(events...)
	}
}
