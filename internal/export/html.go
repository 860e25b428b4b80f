package export

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"sync"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

//go:embed html/page.html
var pageText string

//go:embed html/page.css
var pageStyle string

//go:embed html/page.js
var pageScript string

// pageTemplate is the page, parsed when the first is written.
var pageTemplate = sync.OnceValues(func() (*template.Template, error) { return template.New("page").Parse(pageText) })

// webPage is what the template is filled with. What comes from outside is in Data, where
// the template makes JSON of it, and escaped in the ladders and the diagram.
type webPage struct {
	Tag, Lang, Policy string
	Title             bilingual
	Style             template.CSS
	Script            template.JS
	Ladders           []template.HTML
	Diagram           template.HTML
	Data              pageData
	Words             pageWords
}

// bilingual is a text in both languages, and in that of the page when it opens.
type bilingual struct {
	EN, ZH string
	now    lang.Language
}

// Now is the text in the language of the page when it opens.
func (b bilingual) Now() string {
	if b.now == lang.Chinese {
		return b.ZH
	}
	return b.EN
}

// MostLadders is how many connections of a story a page holds.
const MostLadders = 8

// HTML writes a story as a page that can be stepped forward and back in a browser. It
// is one file, asks for nothing besides it, and knows both languages; the options say
// in which it opens, and with which connection. An error is the writer's.
func HTML(w io.Writer, s *story.Story, o PictureOptions) error {
	t, err := pageTemplate()
	if err != nil {
		return lang.Errorf("export: the page's template: %w", err)
	}
	in := func(of words) bilingual { return bilingual{clean(of(lang.English)), clean(of(lang.Chinese)), o.Lang} }
	p := webPage{
		Tag: languageTag(o.Lang), Lang: o.Lang.String(),
		Title:   in(func(l lang.Language) string { return titleOf(s, l) }),
		Script:  template.JS(pageScript),
		Diagram: template.HTML(diagramSVG()),
		Words:   wordsOfPage(in),
	}
	theme := fmt.Sprintf(":root{%s}\n@media (prefers-color-scheme:dark){:root{%s}}\n@media print{:root{%s}}\n",
		pageColours(false), pageColours(true), pageColours(false))
	p.Style = template.CSS(theme + ladderStyle + pageStyle)
	p.Policy = fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'",
		digest(string(p.Style)), digest(pageScript))
	p.Data = pageData{Lang: o.Lang.String()}
	first := connOf(s, o.Conn)
	conns := []int{first}
	for c := 1; c <= s.Conns.Len() && len(conns) < MostLadders && s.Only == 0; c++ {
		if c != first {
			conns = append(conns, c)
		}
	}
	for _, conn := range conns {
		ladder, view := pageView(s, conn, o.Lang)
		p.Ladders = append(p.Ladders, template.HTML(ladder))
		p.Data.Views = append(p.Data.Views, view)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, p); err != nil {
		return lang.Errorf("export: the page: %w", err)
	}
	_, err = w.Write(out.Bytes())
	return err
}

// digest is how a policy names a script or a style that a page may have.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// clean strips a text that is not escaped here, but by the template.
func clean(s string) string { return strip(s) }

// Columns that a call takes at most: a page is read from farther away.
const pageColumns = 22

// pageView draws the ladder of a connection for a page, and says its steps in words.
func pageView(s *story.Story, conn int, l lang.Language) (string, viewData) {
	s, left := shortened(s, conn)
	d := newDrawing(s, conn, l, pageColumns, false)
	d.moving = true
	d.draw(pageColumns)
	const top = 44
	heads := newPicture(l)
	heads.moving = true
	d.sides(heads, s, top-8)
	height := top + d.height
	inner := func(side fsm.Side) float64 { // where the names of the states end
		return d.lane[side] - outward(side)*(10+slotWidth*float64(d.slots(side)))
	}
	from, to := inner(fsm.Client), inner(fsm.Server)

	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg class="ladder" viewBox="0 0 %s %s" data-wide="0 0 %s %s" data-narrow="%s 0 %s %s" role="img" aria-hidden="true">`+"\n",
		number(d.width), number(height), number(d.width), number(height), number(from), number(to-from), number(height))
	fmt.Fprintf(&b, `<defs><clipPath id="seen%d"><rect x="0" y="-60" width="%s" height="%s"/></clipPath></defs>`+"\n", conn, number(d.width), number(height+60))
	for i := range heads.layers {
		b.WriteString(heads.layers[i].String())
	}
	fmt.Fprintf(&b, `<g transform="translate(0 %d)"><rect class="here" x="0" y="0" width="%s" height="%s" rx="4"/>`+"\n", top, number(d.width), number(lineStep))
	// Nothing is drawn below what has happened: bars, and segments that are under way, grow.
	fmt.Fprintf(&b, `<g clip-path="url(#seen%d)">`+"\n%s%s</g>\n", conn, d.layers[behind].String(), d.layers[strokes].String())
	b.WriteString(d.layers[letters].String() + "</g></svg>\n")
	return b.String(), viewOf(d, s, conn, left, top)
}
