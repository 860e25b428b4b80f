package main

import (
	"tcpviz/fsm"
	"tcpviz/internal/export"
	"tcpviz/internal/story"
)

// printer writes a story as text or JSON, at once or as it grows.
type printer struct {
	p       *program
	form    output
	shown   func(*fsm.Summary) bool // nil: all connections
	begun   bool
	written int // number of the last step written
}

func (p *program) newPrinter(form output, shown func(*fsm.Summary) bool) *printer {
	return &printer{p: p, form: form, shown: shown}
}

// textOptions says how plain text is written here.
func (p *program) textOptions() export.TextOptions {
	return export.TextOptions{Lang: p.language(), ASCII: onlyASCII(p.getenv)}
}

// steps writes the steps that have come since the last time.
func (o *printer) steps(s *story.Story) error {
	first, last := o.written+1, s.First+len(s.Steps)
	o.written = last
	if o.form == outputJSON {
		return export.JSONSteps(o.p.stdout, s, first, last)
	}
	if !o.begun {
		o.begun = true
		if err := export.TextHead(o.p.stdout, s, o.p.textOptions()); err != nil {
			return err
		}
	}
	return export.TextSteps(o.p.stdout, s, first, last, o.p.textOptions())
}

// end writes what is left, and the summary.
func (o *printer) end(s *story.Story) error {
	if err := o.steps(s); err != nil {
		return err
	}
	if o.form == outputJSON {
		return export.JSONEnd(o.p.stdout, s, o.shown)
	}
	return export.TextEnd(o.p.stdout, s, o.shown, o.p.textOptions())
}
