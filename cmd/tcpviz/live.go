package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"tcpviz/capture"
	"tcpviz/internal/filter"
	"tcpviz/internal/lang"
	"tcpviz/internal/source"
	"tcpviz/internal/story"
	"tcpviz/ui"
)

// liveOptions is what the flags of live say.
type liveOptions struct {
	device string
	count  int    // segments after which to end; 0: none
	file   string // where to write the frames; "" nowhere
}

func newLive(p *program) *cobra.Command {
	var o liveOptions
	l := p.language()
	c := &cobra.Command{
		Use:   l.Text("live -i INTERFACE [FILTER]"),
		Short: l.Text("Show other programs' connections as they happen"),
		Long: l.Text(`Captures on an interface and shows the TCP connections there, until it is stopped
with Ctrl-C. It needs the capability CAP_NET_RAW. The calls that must have happened
are shown as inferred, and what nobody saw arrive is assumed.
`) + l.Text(filterHelp),
		Example: "  sudo tcpviz live -i lo\n  sudo tcpviz live -i eth0 -c 100 --output text port 22\n  sudo tcpviz live -i lo -w seen.pcapng",
		Args:    wantArgs(0, anyNumber, "no argument"),
		RunE: func(c *cobra.Command, words []string) error {
			if o.device == "" {
				return usagef("live needs an interface: -i NAME%s", thereAre())
			}
			if o.count < 0 {
				return usagef("-c %d: the number of segments cannot be negative", o.count)
			}
			f, err := p.parseFilter(words)
			if err != nil {
				return err
			}
			return p.live(c.Context(), o, f)
		},
	}
	c.Flags().StringVarP(&o.device, "interface", "i", "", l.Text("`name` of the interface to capture on"))
	c.Flags().IntVarP(&o.count, "count", "c", 0, l.Text("end after so many `segments`"))
	c.Flags().StringVarP(&o.file, "write", "w", "", l.Text("write the captured frames to a pcapng `file` too"))
	err := c.RegisterFlagCompletionFunc("interface", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		names, err := capture.Interfaces()
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // the flag was defined above
	}
	return c
}

// thereAre names the interfaces that there are, for a message.
func thereAre() lang.Phrase {
	names, err := capture.Interfaces()
	if err != nil || len(names) == 0 {
		return lang.Phrase{}
	}
	return lang.Phrasef(" (there are: %s)", strings.Join(names, ", "))
}

func (p *program) live(ctx context.Context, o liveOptions, f filter.Filter) (err error) {
	form, err := p.form()
	if err != nil {
		return err
	}
	if form != outputTUI && !f.Fixed() {
		return usagef("live --output %s: a filter on what changes as a connection goes on (%s) has no answer yet; filter on addresses and ports, or use the dashboard", form, f.String())
	}
	device, err := capture.OpenLive(capture.LiveConfig{Interface: o.device})
	if err != nil {
		return explainLive(o.device, err)
	}
	defer func() { err = errors.Join(err, device.Close()) }()
	live := &liveSource{Live: device, count: o.count}
	if o.file != "" {
		file, err := createFile(o.file)
		if err != nil {
			return err
		}
		if live.writer, err = capture.NewNgWriter(file, capture.LinkTypeEthernet, nil); err != nil {
			return errors.Join(err, file.abandon())
		}
		defer func() {
			if flushed := live.writer.Flush(); flushed != nil {
				err = errors.Join(err, flushed, file.abandon())
				return
			}
			err = errors.Join(err, file.commit())
		}()
	}
	if form != outputTUI {
		p.note(p.language().Say("capturing on %s; Ctrl-C ends it", o.device))
	}
	feed := feed{builder: story.NewBuilder(story.Meta{Source: oneLine(o.device)}), read: live.read, filter: f}
	err = p.present(ctx, form, feed, ui.Options{Live: true})
	var s stoppedBy
	if errors.As(err, &s) && s.signal == syscall.SIGINT {
		return nil // Ctrl-C is how a live capture ends
	}
	return err
}

// explainLive says what to do about an interface that cannot be captured on.
func explainLive(device string, err error) error {
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return lang.Errorf("live -i %s: no permission to capture: run it with sudo, or allow it once: %s", device, setcap())
}

// setcap is the command that gives this program the right to capture.
func setcap() string {
	path, err := os.Executable()
	if err != nil || strings.Contains(path, "go-build") { // go run's binary is gone afterwards
		return "go build ./cmd/tcpviz && sudo setcap cap_net_raw+ep tcpviz"
	}
	return "sudo setcap cap_net_raw+ep " + path
}

// liveSource is a live capture that can be written to a file, and that ends after a
// number of segments.
type liveSource struct {
	*capture.Live
	writer *capture.NgWriter // nil: nothing is written
	count  int               // 0: no end
}

// Next gives the next frame, once it is written.
func (l *liveSource) Next() (capture.Packet, error) {
	packet, err := l.Live.Next()
	if err == nil && l.writer != nil {
		err = l.writer.Write(packet)
	}
	return packet, err
}

// read emits what is captured until the context ends or enough was seen.
func (l *liveSource) read(ctx context.Context, emit func(update)) error {
	stop := context.AfterFunc(ctx, func() { // wakes Next, which then gives what is queued
		if l.Stop() != nil {
			l.Close()
		}
	})
	defer stop()
	reader := source.New(l)
	segments := 0
	asked := time.Time{}
	for l.count == 0 || segments < l.count {
		events, err := reader.Next()
		switch {
		case err == io.EOF:
			return errors.Join(l.emitDropped(emit), ctx.Err())
		case err != nil:
			return err
		}
		if reader.Skipped() == "" {
			segments++
		}
		emit(addEvents(slices.Clone(events), reader.Skipped()))
		if now := time.Now(); now.Sub(asked) >= showInterval {
			asked = now
			if err := l.emitDropped(emit); err != nil {
				return err
			}
		}
	}
	return l.emitDropped(emit)
}

// emitDropped tells the story how many frames the kernel had no room for.
func (l *liveSource) emitDropped(emit func(update)) error {
	dropped, err := l.Dropped()
	emit(func(b *story.Builder) { b.Dropped(dropped) })
	return err
}
