package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"tcpviz/internal/export"
	"tcpviz/internal/source"
	"tcpviz/internal/story"
)

func newConns(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "conns FILE|-",
		Short: "List the connections of a capture file, one line each",
		Long: `Lists the connections of a capture file, one line each: the state in which both ends
are left, the outcome (Zeek's conn_state), segments and bytes of the client and of the
server, the completeness (Wireshark's tcp.completeness) and the anomalies. It keeps
no segments, so that the size of the file does not matter; - is standard input.`,
		Example: "  tcpviz conns trace.pcap\n  tcpviz conns trace.pcap --output json\n  tcpdump -i eth0 -c 1000 -w - tcp | tcpviz conns -",
		Args:    wantArgs(1, 1, "a capture file, or - for standard input"),
		RunE: func(c *cobra.Command, args []string) error {
			return p.conns(c.Context(), args[0])
		},
	}
}

func (p *program) conns(ctx context.Context, name string) error {
	if p.output == outputTUI {
		return usagef("conns has no dashboard: tcpviz replay shows the connections in one; or use --output text")
	}
	file, err := p.openCapture(ctx, "conns", name)
	if err != nil {
		return explainOpen(ctx, "conns", name, err)
	}
	reader := source.New(file)
	meta, recorded := reader.Meta()
	builder := story.NewBuilder(meta)
	if !recorded {
		// Of a recording the calls and truths count too, and they need its steps.
		// All that is shown of another capture is in the summaries, which go on
		// without steps.
		builder.Limit(1)
	}
	err = readAll(ctx, reader, func(u update) { u(builder) })
	if err != nil && ctx.Err() == nil {
		builder.Fail(err)
	}
	shown := p.printConns(builder.Story())
	p.noteRejected(name, reader)
	return errors.Join(shown, orStopped(ctx, err), file.Close())
}

func (p *program) printConns(s *story.Story) error {
	if p.output == outputJSON {
		return export.JSONEnd(p.stdout, s)
	}
	return export.Connections(p.stdout, s, p.textOptions())
}
