package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tcpviz/capture"
	"tcpviz/fsm"
	"tcpviz/internal/export"
	"tcpviz/internal/lab"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/source"
	"tcpviz/internal/story"
	"tcpviz/ui"
)

// exports writes a story to a file that others can open.
type exports struct {
	p    *program
	d    *demo
	name string // of the file; "-" for standard output
	form string
	conn int
	size string
}

// The forms, by the extension of a file's name.
const (
	formSVG     = "svg"
	formHTML    = "html"
	formMermaid = "mmd"
	formText    = "txt"
	formJSON    = "json"
	formCast    = "cast"
)

func exportForms() []string {
	return []string{formSVG, formHTML, formMermaid, formText, formJSON, formCast}
}

func newExport(p *program) *cobra.Command {
	l := p.language()
	e := &exports{p: p, d: newDemo(p), size: "100x30"}
	c := &cobra.Command{
		Use:   l.Text("export LESSON|FILE -o OUT.EXT"),
		Short: l.Text("Write a lesson or a capture as a picture, a page, text, JSON or a cast"),
		Long: l.Text(`Writes a lesson, a recording or any other capture file in a form that can be taken home.
The file's extension says which:

  svg   the ladder with calls and states: a picture, sharp in print
  html  a page that is stepped forward and back in a browser; one file, no network
  mmd   a sequence diagram for Mermaid
  txt   plain text
  json  JSON lines
  cast  the dashboard, played, for asciinema

A lesson is performed first. One connection is shown, the first if no other is asked
for; a page holds up to eight of them, txt and json hold all. --theme dark makes svg
light on dark; a page follows its reader's choice.`),
		Example: l.Text(`  tcpviz export handshake -o handshake.svg
  tcpviz export close -o close.html
  tcpviz export recorded.pcapng -o story.mmd
  tcpviz export trace.pcap --conn 3 -o third.svg
  tcpviz export refused --stage sim --as svg -o - > refused.svg
  tcpviz export connection --size 120x40 -o connection.cast`),
		Args: wantArgs(1, 1, "a lesson or a capture file"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return lessonCompletions(p), cobra.ShellCompDirectiveDefault
		},
		RunE: func(c *cobra.Command, args []string) error { return e.run(c.Context(), args[0]) },
	}
	flags := c.Flags()
	flags.StringVarP(&e.name, "out", "o", "", l.Text("`file` to write; - is standard output"))
	flags.Var(choice{&e.form, exportForms()}, "as", l.Text("`form`, whatever the file is called: svg, html, mmd, txt, json or cast"))
	flags.IntVar(&e.conn, "conn", 0, l.Text("`number` of the connection to show (the first)"))
	flags.Var(choice{&e.d.stage, lesson.StageNames()}, "stage", l.Text("`stage` to perform a lesson on: loopback, wire or sim (the first that works here)"))
	flags.StringVar(&e.size, "size", e.size, l.Text("`columns` and rows of the dashboard in a cast"))
	return c
}

func (e *exports) run(ctx context.Context, name string) error {
	form, err := e.chosenForm()
	if err != nil {
		return err
	}
	if e.conn < 0 {
		return usagef("--conn %d: a number from 1 on is wanted", e.conn)
	}
	if _, _, err := e.screenSize(); err != nil {
		return err
	}
	s, problem := e.story(ctx, name)
	if s == nil {
		return problem
	}
	if e.conn > s.Conns.Len() {
		return errors.Join(usagef("--conn %d: %s has no connection of that number (tcpviz conns lists those of a file)", e.conn, name), problem)
	}
	if e.leavesOut(form, s) {
		e.p.note(e.p.language().Say("%s has %d connections; %s shows number %d (--conn chooses another)", name, s.Conns.Len(), form, max(e.conn, 1)))
	}
	return errors.Join(e.write(form, s), problem)
}

// chosenForm tells the form by the flag, else by the file's extension.
func (e *exports) chosenForm() (string, error) {
	if e.name == "" {
		return "", usagef("export needs a file to write: -o OUT.svg, or .html, .mmd, .txt, .json, .cast")
	}
	if e.form != "" {
		return e.form, nil
	}
	form := strings.TrimPrefix(strings.ToLower(filepath.Ext(e.name)), ".")
	if e.name == "-" {
		return "", usagef("-o - needs --as: svg, html, mmd, txt, json or cast")
	}
	switch form {
	case "htm":
		form = formHTML
	case "jsonl", "ndjson":
		form = formJSON
	case "mermaid":
		form = formMermaid
	case "text":
		form = formText
	}
	if !slices.Contains(exportForms(), form) {
		return "", usagef("-o %s: the extension says no form; end it with .svg, .html, .mmd, .txt, .json or .cast, or say --as FORM", e.name)
	}
	return form, nil
}

// leavesOut tells that the form does not show all connections, and that none was asked for.
func (e *exports) leavesOut(form string, s *story.Story) bool {
	n := s.Conns.Len()
	switch form {
	case formText, formJSON:
		return s.Only > 0
	case formHTML:
		return e.conn == 0 && (n > export.MostLadders || s.Only > 0)
	}
	return e.conn == 0 && n > 1
}

// story gives the story of a lesson or a capture. Where it comes with an error, it is
// what could be read before, or did not go as the lesson says.
func (e *exports) story(ctx context.Context, name string) (*story.Story, error) {
	if _, known := lesson.Find(name); known || isYAML(name) {
		return e.performed(ctx, name)
	}
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) && filepath.Ext(name) == "" && name != "-" && !isLessonFile(name) {
		_, err := findLesson("export", name) // it was to be a lesson, rather
		return nil, err
	}
	return e.read(ctx, name)
}

func isYAML(name string) bool {
	extension := strings.ToLower(filepath.Ext(name))
	return extension == ".yaml" || extension == ".yml"
}

// performed performs a lesson.
func (e *exports) performed(ctx context.Context, name string) (*story.Story, error) {
	l, err := findLesson("export", name)
	if err != nil {
		return nil, err
	}
	d := e.d
	d.lesson, d.own = l, isLessonFile(name)
	if asked := d.stage; asked != "" && !l.CanPlayOn(asked) {
		return nil, usagef("lesson %s cannot be played on %s: --stage %s", l.ID, asked, either(lab.StagesOf(l)))
	}
	if d.stage != lab.Sim {
		status, done, err := lab.Reexec() // before anything is written
		if done {
			return nil, exitStatus(status)
		}
		d.nested = err
	}
	if d.stage != "" {
		if err := lab.Works(d.stage); err != nil {
			d.why = errors.Join(err, d.nested)
			return nil, d.cannotPlay()
		}
	}
	return e.follow(ctx, d.performance(l, &recorder{}, nil))
}

// read reads a recording or another capture. Of a large file it reads the steps of the
// one connection that is shown.
func (e *exports) read(ctx context.Context, name string) (*story.Story, error) {
	file, err := e.p.openCapture(ctx, "export", name)
	if err != nil {
		return nil, explainOpen(ctx, "export", name, err)
	}
	reader := source.New(file)
	meta, recorded := reader.Meta()
	if !recorded {
		meta.Source = sourceName(name)
	}
	if !recorded && file.Size() >= largeFile {
		return e.alone(ctx, name, file, meta)
	}
	s, err := e.follow(ctx, feed{
		builder: story.NewBuilder(meta),
		read:    func(ctx context.Context, emit func(update)) error { return readAll(ctx, reader, emit) },
	})
	e.p.noteRejected(name, reader)
	return s, errors.Join(err, file.Close())
}

// follow reads a feed to its end.
func (e *exports) follow(ctx context.Context, f feed) (*story.Story, error) {
	f.builder.Limit(dashboardSteps)
	var s *story.Story
	err := follow(ctx, f.builder, f.read, func(now *story.Story, last bool) error {
		if last {
			s = now
		}
		return nil
	})
	if ctx.Err() != nil {
		return nil, orStopped(ctx, err)
	}
	if err != nil && (s == nil || len(s.Steps) == 0) {
		return nil, err
	}
	return s, err
}

// alone reads one connection of a large file: it is read once for all connections'
// summaries, and once more for the steps of the one.
func (e *exports) alone(ctx context.Context, name string, file *capture.File, meta story.Meta) (*story.Story, error) {
	v := newSurveyor(file)
	progress := e.p.newProgressLine(name)
	survey := v.survey(nil)
	err := v.run(ctx, survey, func(capture.Mark) { progress.tell(file.Offset(), file.Size()) })
	progress.clear()
	v.close()
	err = errors.Join(err, file.Close())
	var damaged *capture.DamagedError
	if err != nil && !errors.As(err, &damaged) {
		return nil, orStopped(ctx, err)
	}
	conns := survey.Connections()
	s := &story.Story{Meta: meta, Conns: conns, Totals: survey.Totals()}
	conn := max(e.conn, 1)
	if conn > conns.Len() {
		return s, err
	}
	again, openErr := capture.Open(name)
	if openErr != nil {
		return nil, explainOpen(ctx, "export", name, openErr)
	}
	steps, readErr := source.Alone(ctx, again, meta, source.Chain(conns, conn), conns, dashboardSteps)
	if readErr = errors.Join(readErr, again.Close()); steps == nil {
		return nil, orStopped(ctx, readErr)
	}
	s.Steps, s.Only = steps.Steps, conn
	return s, err
}

// write writes the story. The file appears under its name when it is whole.
func (e *exports) write(form string, s *story.Story) error {
	if e.name == "-" {
		return e.writeTo(e.p.stdout, form, s)
	}
	file, err := createFile(e.name)
	if err != nil {
		return lang.Errorf("export: %w", err)
	}
	if err := e.writeTo(file, form, s); err != nil {
		return errors.Join(lang.Errorf("export: write %s: %w", e.name, reason(err)), file.abandon())
	}
	return file.commit()
}

func (e *exports) writeTo(w io.Writer, form string, s *story.Story) error {
	l := e.p.language()
	picture := export.PictureOptions{Lang: l, Conn: e.conn, Dark: e.p.look.theme == "dark"}
	switch form {
	case formSVG:
		return export.SVG(w, s, picture)
	case formHTML:
		return export.HTML(w, s, picture)
	case formMermaid:
		return export.Mermaid(w, s, export.MermaidOptions{Lang: l, Conn: e.conn})
	case formCast:
		return e.cast(w, s)
	}
	q := *e.p
	q.stdout = w
	out := q.newPrinter(outputText, nil)
	if form == formJSON {
		out.form = outputJSON
	}
	if e.conn > 0 && s.Only == 0 {
		first := s.Conns.At(e.conn).First
		out.shown = func(c *fsm.Summary) bool { return c.First == first }
		s = s.Selected(out.shown)
	}
	return out.end(s)
}

// cast films the dashboard.
func (e *exports) cast(w io.Writer, s *story.Story) error {
	width, height, err := e.screenSize()
	if err != nil {
		return err
	}
	look := ui.Preferences{Theme: e.p.look.theme, Large: e.p.look.large.on}
	film := ui.NewFilm(ui.Options{
		Lang: e.p.language(), NoMouse: true, ASCII: e.p.look.ascii, NoColor: e.p.getenv("NO_COLOR") != "", Preferences: look,
	}, s, e.conn, width, height)
	title := s.Meta.Title.In(e.p.language())
	if title == "" {
		title = s.Meta.Source
	}
	return export.Cast(w, export.CastOptions{Title: title, Width: width, Height: height}, shots(film))
}

// screenSize gives the columns and rows that --size says.
func (e *exports) screenSize() (width, height int, err error) {
	n, err := fmt.Sscanf(e.size, "%dx%d", &width, &height)
	const narrowest, lowest, most = 60, 18, 400
	if n != 2 || err != nil || fmt.Sprintf("%dx%d", width, height) != e.size || width < narrowest || height < lowest || width > most || height > most {
		return 0, 0, usagef("--size %s: columns x rows are wanted, %dx%d at least, %dx%d at most", e.size, narrowest, lowest, most, most)
	}
	return width, height, nil
}
