package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"tcpviz/capture"
	"tcpviz/fsm"
	"tcpviz/internal/export"
	"tcpviz/internal/filter"
	"tcpviz/internal/source"
	"tcpviz/internal/story"
)

func newConns(p *program) *cobra.Command {
	l := p.language()
	return &cobra.Command{
		Use:   l.Text("conns FILE|- [FILTER]"),
		Short: l.Text("List the connections of a capture file, one line each"),
		Long: l.Text(`Lists the connections of a capture file, one line each: the state in which both ends
are left, the outcome (Zeek's conn_state), segments and bytes of the client and of the
server, the completeness (Wireshark's tcp.completeness) and the anomalies. It keeps
no segments, so that the size of the file does not matter; - is standard input.
`) + l.Text(filterHelp),
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
	v := newSurveyor(file)
	defer v.close()
	progress := p.newProgressLine(name)
	tell := func(capture.Mark) { progress.tell(file.Offset(), file.Size()) }
	if p.output == outputJSON {
		lines := export.NewConnectionLines(p.stdout, shown)
		s := v.survey(lines)
		err := v.run(ctx, s, tell)
		progress.clear()
		return errors.Join(lines.End(story.Meta{}, s.Totals()), orStopped(ctx, err))
	}
	s := v.survey(nil)
	err := v.run(ctx, s, tell)
	progress.clear()
	whole := &story.Story{Conns: s.Connections(), Totals: s.Totals()}
	return errors.Join(export.Connections(p.stdout, whole, shown, p.textOptions()), orStopped(ctx, err))
}
