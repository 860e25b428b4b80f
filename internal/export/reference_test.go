package export_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/rivo/uniseg"

	"tcpviz/internal/export"
	"tcpviz/internal/lang"
	"tcpviz/internal/reference"
)

func title(string) string { return "A lesson" }

// Whatever the width, no text runs over it but where a command cannot be broken.
func TestReferenceKeepsItsWidth(t *testing.T) {
	for _, in := range []lang.Language{lang.English, lang.Chinese} {
		for _, columns := range []int{40, 61, 80, 300} {
			var b bytes.Buffer
			o := export.ReferenceOptions{Lang: in, Width: columns, Title: title}
			if err := export.Reference(&b, reference.All(), o); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				if n := uniseg.StringWidth(strings.TrimSuffix(line, "\n")); n > min(columns, 80) && strings.HasPrefix(line, "  ") && !strings.Contains(line, "tcpviz demo ") {
					t.Errorf("%d columns of %d: %s", n, columns, line)
				}
			}
		}
	}
}

func TestReferenceInASCII(t *testing.T) {
	var b bytes.Buffer
	o := export.ReferenceOptions{Lang: lang.Chinese, ASCII: true, Title: title}
	if err := export.Reference(&b, reference.All(), o); err != nil {
		t.Fatal(err)
	}
	if err := export.ReferenceList(&b, reference.All(), o); err != nil {
		t.Fatal(err)
	}
	if i := strings.IndexFunc(b.String(), func(r rune) bool { return r > unicode.MaxASCII }); i >= 0 {
		t.Errorf("not ASCII: %.60q", b.String()[i:])
	}
	for line := range strings.Lines(b.String()) {
		// The question marks of the texts end a sentence.
		for i, r := range line {
			if r == '?' && !slices.Contains([]string{"\n", " ", ":"}, line[i+1:i+2]) {
				t.Errorf("something is lost in %s", line)
			}
		}
	}
}

func TestReferenceListNamesAll(t *testing.T) {
	for _, in := range []lang.Language{lang.English, lang.Chinese} {
		var b bytes.Buffer
		if err := export.ReferenceList(&b, reference.All(), export.ReferenceOptions{Lang: in}); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(b.String(), "\n")
		for _, e := range reference.All() {
			if !slices.ContainsFunc(lines, func(l string) bool {
				return strings.HasPrefix(l, "  "+e.Name.In(in)+" ") && strings.HasSuffix(l, " "+e.Title.In(in))
			}) {
				t.Errorf("%s is not in the list", e.Name.EN)
			}
		}
		for _, k := range reference.Kinds() {
			if !slices.Contains(lines, in.Text(k.Heading())) {
				t.Errorf("no heading %s", in.Text(k.Heading()))
			}
			if in == lang.Chinese && in.Text(k.Heading()) == k.Heading() {
				t.Errorf("%s is not translated", k.Heading())
			}
		}
	}
}
