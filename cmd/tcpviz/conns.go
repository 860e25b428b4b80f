package main

import (
	"context"
	"errors"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"tcpviz/capture"
	"tcpviz/fsm"
	"tcpviz/internal/export"
	"tcpviz/internal/filter"
	"tcpviz/internal/source"
	"tcpviz/internal/story"
	"tcpviz/internal/survey"
)

func newConns(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "conns FILE|- [FILTER]",
		Short: "List the connections of a capture file, one line each",
		Long: `Lists the connections of a capture file, one line each: the state in which both ends
are left, the outcome (Zeek's conn_state), segments and bytes of the client and of the
server, the completeness (Wireshark's tcp.completeness) and the anomalies. It keeps
no segments, so that the size of the file does not matter; - is standard input.
` + filterHelp,
		Example: "  tcpviz conns trace.pcap\n  tcpviz conns trace.pcap port 80 and outcome:REJ\n  tcpviz conns trace.pcap --output json\n  tcpdump -i eth0 -c 1000 -w - tcp | tcpviz conns -",
		Args:    wantArgs(1, anyNumber, "a capture file, or - for standard input"),
		RunE: func(c *cobra.Command, args []string) error {
			f, err := p.parseFilter(args[1:])
			if err != nil {
				return err
			}
			return p.conns(c.Context(), args[0], f)
		},
	}
}

func (p *program) conns(ctx context.Context, name string, f filter.Filter) error {
	if p.output == outputTUI {
		return usagef("conns has no dashboard: tcpviz replay shows the connections in one; or use --output text")
	}
	file, err := p.openCapture(ctx, "conns", name)
	if err != nil {
		return explainOpen(ctx, "conns", name, err)
	}
	if reader := source.New(file); isRecording(reader) {
		err = p.recordedConns(ctx, name, reader, shows(f))
	} else {
		err = p.surveyConns(ctx, name, file, shows(f))
	}
	return errors.Join(err, file.Close())
}

func isRecording(r *source.Reader) bool {
	_, recorded := r.Meta()
	return recorded
}

// recordedConns lists the connections of a recording: its calls and truths count too,
// and they need its steps.
func (p *program) recordedConns(ctx context.Context, name string, reader *source.Reader, shown func(*fsm.Summary) bool) error {
	meta, _ := reader.Meta()
	builder := story.NewBuilder(meta)
	err := readAll(ctx, reader, func(u update) { u(builder) })
	if err != nil && ctx.Err() == nil {
		builder.Fail(err)
	}
	p.noteRejected(name, reader)
	s := builder.Story()
	if p.output == outputJSON {
		return errors.Join(export.JSONEnd(p.stdout, s, shown), orStopped(ctx, err))
	}
	return errors.Join(export.Connections(p.stdout, s, shown, p.textOptions()), orStopped(ctx, err))
}

// surveyConns lists the connections of any other capture. As JSON each is written as
// soon as nothing more is expected of it; a table needs all of them.
func (p *program) surveyConns(ctx context.Context, name string, file *capture.File, shown func(*fsm.Summary) bool) error {
	defer boundMemory()()
	shards := surveyShards()
	w := newWorkers(shards)
	defer w.close()
	progress := p.newProgressLine(name)
	if p.output != outputJSON {
		s := survey.New(survey.Options{Shards: shards, Each: w.each})
		err := surveyAll(ctx, file, s, progress)
		whole := &story.Story{Conns: s.Connections(), Totals: s.Totals()}
		return errors.Join(export.Connections(p.stdout, whole, shown, p.textOptions()), orStopped(ctx, err))
	}
	lines := export.NewConnectionLines(p.stdout, shown)
	s := survey.New(survey.Options{Shards: shards, Each: w.each, Finished: lines.Add})
	err := surveyAll(ctx, file, s, progress)
	return errors.Join(lines.End(story.Meta{}, s.Totals()), orStopped(ctx, err))
}

// surveyAll lets the survey see a capture to its end, or the context's.
func surveyAll(ctx context.Context, file *capture.File, s *survey.Survey, progress *progressLine) error {
	ahead := capture.ReadAhead(file)
	defer progress.clear()
	defer context.AfterFunc(ctx, ahead.Stop)()
	for {
		batch, err := ahead.Next()
		if err == nil {
			s.Add(batch)
			progress.tell(file.Offset(), file.Size())
			continue
		}
		s.End()
		switch {
		case err == io.EOF:
			return ahead.Close()
		case ctx.Err() != nil:
			return ctx.Err()
		}
		s.Fail(err)
		return errors.Join(err, ahead.Close())
	}
}

// surveyShards is how many goroutines share the work: more than a few would wait for
// the one that reads.
func surveyShards() int { return min(runtime.GOMAXPROCS(0), 4) }

// memoryLimit is what the connections of a large capture may take before the garbage
// collector is made to work harder, bytes.
const memoryLimit = 800 << 20

// boundMemory keeps the program's memory low; it gives what sets it back.
func boundMemory() func() {
	before := debug.SetMemoryLimit(memoryLimit)
	return func() { debug.SetMemoryLimit(before) }
}
