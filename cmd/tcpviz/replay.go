package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"tcpviz/capture"
	"tcpviz/fsm"
	"tcpviz/internal/filter"
	"tcpviz/internal/lang"
	"tcpviz/internal/source"
	"tcpviz/internal/story"
	"tcpviz/ui"
)

// dashboardSteps bounds the steps that a story in the dashboard keeps; what comes
// later is counted, and the dashboard says so.
const dashboardSteps = 200_000

func newReplay(p *program) *cobra.Command {
	l := p.language()
	return &cobra.Command{
		Use:   l.Text("replay FILE|- [FILTER]"),
		Short: l.Text("Show a recording or a capture file"),
		Long: l.Text(`Shows a capture file: pcap or pcapng, plain or compressed (gzip, zstd); - is standard input.
A recording (demo --record) is shown with its calls. Of any other capture the calls
that must have happened are shown as inferred, and what nobody saw arrive is assumed.
A large file is opened at its list of connections, while it is read.
`) + l.Text(filterHelp),
		Example: "  tcpviz replay close.pcapng\n  tcpviz replay trace.pcap host 10.0.0.1 and retransmission\n  tcpdump -i lo -U -w - tcp | tcpviz replay -",
		Args:    wantArgs(1, anyNumber, "a capture file, or - for standard input"),
		RunE: func(c *cobra.Command, args []string) error {
			f, err := p.parseFilter(args[1:])
			if err != nil {
				return err
			}
			return p.replay(c.Context(), args[0], f)
		},
	}
}

func (p *program) replay(ctx context.Context, name string, f filter.Filter) error {
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
	inFile := !recorded && file.Size() > 0 // it can be read more than once
	switch {
	case inFile && form == outputTUI && file.Size() >= largeFile:
		return errors.Join(p.browse(ctx, name, file, f), file.Close())
	case inFile && form != outputTUI && !f.Fixed():
		return p.replaySelected(ctx, name, form, file, f)
	}
	feed := feed{
		file:    file,
		filter:  f,
		builder: story.NewBuilder(meta),
		read:    func(ctx context.Context, emit func(update)) error { return readAll(ctx, reader, emit) },
		// The steps of a recording are joined with their calls after the fact.
		whole: recorded || !f.Fixed(),
	}
	err = p.present(ctx, form, feed, ui.Options{List: !recorded || !f.Empty()})
	p.noteRejected(name, reader)
	return errors.Join(err, file.Close())
}

// replaySelected prints the connections of a file that a filter selects by what they
// came to in the end. The file is read twice, so that the others need not be kept.
func (p *program) replaySelected(ctx context.Context, name string, form output, file *capture.File, f filter.Filter) error {
	v := newSurveyor(file)
	defer v.close()
	progress := p.newProgressLine(name)
	s := v.survey(nil)
	err := v.run(ctx, s, func(capture.Mark) { progress.tell(file.Offset(), file.Size()) })
	progress.clear()
	err = errors.Join(err, file.Close())
	// What is damaged is damaged in the second reading too, which shows what precedes
	// it, and says so.
	var damaged *capture.DamagedError
	if err != nil && !errors.As(err, &damaged) {
		return orStopped(ctx, err)
	}
	selected := make(map[int]bool) // by the first frame of the connection
	for c := range s.Connections().All() {
		if f.Match(c) {
			selected[c.First] = true
		}
	}
	if file, err = capture.Open(name); err != nil {
		return explainOpen(ctx, "replay", name, err)
	}
	reader := source.New(file)
	feed := feed{
		builder: story.NewBuilder(story.Meta{Source: sourceName(name)}),
		read:    func(ctx context.Context, emit func(update)) error { return readAll(ctx, reader, emit) },
		shown:   func(c *fsm.Summary) bool { return selected[c.First] },
	}
	return errors.Join(p.present(ctx, form, feed, ui.Options{}), file.Close())
}

// noteRejected says how many comments of a recording were left out.
func (p *program) noteRejected(name string, r *source.Reader) {
	if r.Rejected() > 0 {
		p.note(p.language().Say("%s: %d comments claim to be a recording's but make no sense; they were left out", name, r.Rejected()))
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
		return lang.Errorf("%s %s: no such file; give the path of a capture file, or - for standard input", command, name)
	case errors.Is(err, syscall.EISDIR):
		return lang.Errorf("%s %s: it is a directory; give one capture file in it", command, name)
	case errors.Is(err, fs.ErrPermission):
		return lang.Errorf("%s %s: no permission to read it; see its owner and mode with ls -l", command, name)
	case errors.Is(err, capture.ErrNotCapture):
		return lang.Errorf("%w; %s reads what tcpdump -w, Wireshark and demo --record write", err, command)
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
