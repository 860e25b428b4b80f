package export

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"tcpviz/internal/lang"
)

// words is a text that can be said in any language: lang.Phrase's In is one.
type words func(lang.Language) string

// plain gives words that are the same in every language.
func plain(s string) words { return func(lang.Language) string { return s } }

// widest is how many columns words take in the language in which they take most.
func widest(w words) int { return max(width(w(lang.English)), width(w(lang.Chinese))) }

// span is a part of a text with a look of its own.
type span struct {
	class string // "" for the text's own
	words words
}

// picture collects the elements of a drawing as SVG markup, in three layers: what is
// behind, lines, and text. All text is escaped here, and nowhere else.
type picture struct {
	lang   lang.Language
	moving bool // each element says when it is seen, and its words in every language
	layers [3]strings.Builder
	unseen strings.Builder
	// from and until are the rows of the view between which the next elements are
	// seen: from the first on, and not any more from the second on. never is no row.
	from, until int
}

// The layers.
const (
	behind = iota
	strokes
	letters
)

// never is the row of what does not happen.
const never = -1

func newPicture(l lang.Language) *picture { return &picture{lang: l, from: never, until: never} }

// when sets between which rows the next elements are seen. A picture that does not move
// shows what is seen at the end.
func (p *picture) when(from, until int) { p.from, p.until = from, until }

// open begins an element in a layer, with what all elements have.
func (p *picture) open(layer int, name, class string) *strings.Builder {
	b := &p.layers[layer]
	if !p.moving && p.until != never {
		b = &p.unseen
		b.Reset()
	}
	b.WriteString("<" + name + ` class="` + class + `"`)
	if p.moving {
		fmt.Fprintf(b, ` data-from="%d"`, p.from)
		if p.until != never {
			fmt.Fprintf(b, ` data-until="%d"`, p.until)
		}
	}
	return b
}

func (p *picture) line(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(p.open(strokes, "line", class), ` x1="%s" y1="%s" x2="%s" y2="%s"/>`+"\n", number(x1), number(y1), number(x2), number(y2))
}

// path draws lines from point to point.
func (p *picture) path(layer int, class string, closed bool, points ...[2]float64) {
	b := p.open(layer, "path", class)
	b.WriteString(` d="`)
	for i, at := range points {
		b.WriteString([]string{"L", "M"}[min(max(1-i, 0), 1)] + number(at[0]) + " " + number(at[1]))
	}
	if closed {
		b.WriteByte('Z')
	}
	b.WriteString(`"/>` + "\n")
}

func (p *picture) rect(layer int, class string, x, y, w, h, round float64) {
	fmt.Fprintf(p.open(layer, "rect", class), ` x="%s" y="%s" width="%s" height="%s" rx="%s"/>`+"\n",
		number(x), number(y), number(w), number(h), number(round))
}

func (p *picture) circle(layer int, class string, x, y, r float64) {
	fmt.Fprintf(p.open(layer, "circle", class), ` cx="%s" cy="%s" r="%s"/>`+"\n", number(x), number(y), number(r))
}

// anchor says which point of a text stands where the text is put.
type anchor string

const (
	begins  anchor = ""
	centred anchor = "middle"
	ends    anchor = "end"
)

// text writes a text, turned by so many degrees around its point.
func (p *picture) text(class string, x, y, turned float64, at anchor, spans ...span) {
	b := p.open(letters, "text", class)
	fmt.Fprintf(b, ` x="%s" y="%s"`, number(x), number(y))
	if at != begins {
		b.WriteString(` text-anchor="` + string(at) + `"`)
	}
	if turned != 0 {
		fmt.Fprintf(b, ` transform="rotate(%s %s %s)"`, number(turned), number(x), number(y))
	}
	if len(spans) == 1 && spans[0].class == "" {
		p.translations(b, spans[0].words)
		b.WriteString(">" + escape(spans[0].words(p.lang)) + "</text>\n")
		return
	}
	b.WriteByte('>')
	for _, s := range spans {
		b.WriteString("<tspan")
		if s.class != "" {
			b.WriteString(` class="` + s.class + `"`)
		}
		p.translations(b, s.words)
		b.WriteString(">" + escape(s.words(p.lang)) + "</tspan>")
	}
	b.WriteString("</text>\n")
}

// translations writes a text's words in both languages, where they differ.
func (p *picture) translations(b *strings.Builder, w words) {
	if en, zh := w(lang.English), w(lang.Chinese); p.moving && en != zh {
		b.WriteString(` data-en="` + escape(en) + `" data-zh="` + escape(zh) + `"`)
	}
}

// number writes a coordinate, to a tenth.
func number(x float64) string {
	return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64)
}

// escape makes a text fit to stand in XML, between tags and in an attribute: nothing
// in it can end either, and nothing steers what shows it.
func escape(s string) string {
	return markup.Replace(strings.Map(func(r rune) rune {
		if r&0xfffe == 0xfffe || r >= 0xfdd0 && r <= 0xfdef { // no characters
			return '\ufffd'
		}
		return r
	}, strip(s)))
}

var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")
