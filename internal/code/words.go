package code

import (
	"strconv"
	"strings"
	"time"

	"github.com/rivo/uniseg"

	"tcpviz/internal/lesson"
)

// condition says that calls have happened: "listen(s, 5) of server has returned".
func (w *writer) condition(needs []*node, begun []bool) string {
	var all []string
	for i, y := range needs {
		call, program := callText(y.call), w.lesson.Programs[y.of.index].Name
		if y.times > 1 {
			call += " #" + strconv.Itoa(y.times)
		}
		if len(begun) > i && begun[i] {
			all = append(all, w.in.Say("%s of %s blocks", call, program))
		} else {
			all = append(all, w.in.Say("%s of %s has returned", call, program))
		}
	}
	return strings.Join(all, w.in.Text(" and "))
}

// callText is a call as the lesson states it, without its outcome.
func callText(c lesson.Call) string {
	text := c.Source
	if c.Assign != "" {
		_, text, _ = strings.Cut(text, "=")
	}
	if c.Want.Stated {
		if i := strings.LastIndex(text, ")"); i >= 0 && !strings.Contains(text[i:], `"`) {
			text = text[:i+1]
		} else if i := strings.LastIndex(text, ") ="); i >= 0 {
			text = text[:i+1]
		}
	}
	text = strings.TrimSpace(plain(text))
	const longest = 48
	if r := []rune(text); len(r) > longest {
		return string(r[:longest-3]) + "...)"
	}
	return text
}

// prompt says what the program waits for before a call.
func (w *writer) prompt(n *node) string {
	switch {
	case len(n.waits) > 0:
		return w.in.Say("press Enter when %s: ", w.condition(n.waits, n.begun))
	case n.answer:
		return w.in.Text("press Enter when the answer to the last call, a RST, has come back: ")
	}
	return w.in.Say("press Enter after %s: ", n.quiet.Round(time.Millisecond).String())
}

// heading says what the program is, when to start it, and what is not in it.
func (w *writer) heading() []string {
	title := w.in.Say("%s: the program %s of the lesson %s", w.lesson.Title.In(w.in), w.program.Name, w.lesson.ID)
	all := []string{title}
	switch {
	case len(w.course.start) > 0:
		all = append(all, w.in.Say("Start it when %s.", w.condition(w.course.start, nil)))
	case len(w.lesson.Programs) > 1 && w.first():
		all = append(all, w.in.Text("Start it first."))
	}
	var acts []string
	together := false
	for _, s := range w.lesson.Steps {
		for _, side := range s.Reboot {
			acts = append(acts, "reboot "+side.String())
		}
		for _, a := range s.Wire {
			if !a.Pause {
				acts = append(acts, a.String())
			}
		}
		for _, a := range s.Acts {
			together = together || len(s.Acts) > 1 && a.Program == w.program.Name
		}
	}
	if len(acts) > 0 {
		all = append(all, w.in.Say("The lesson also does this to the network or to a host: %s. These programs cannot, so here a call may give something else.", strings.Join(acts, ", ")))
	}
	if together {
		all = append(all, w.in.Text("In the lesson several programs make a call at the same moment; here the fastest is first."))
	}
	return all
}

// first reports whether the lesson begins with the program.
func (w *writer) first() bool {
	for _, s := range w.lesson.Steps {
		if len(s.Acts) > 0 {
			return s.Acts[0].Program == w.program.Name
		}
	}
	return false
}

// comment writes a text as comment lines that are not too long.
func (w *writer) comment(indent, text string) {
	sign := "// "
	if w.language == Python {
		sign = "# "
	}
	const width = 76
	line, used := "", 0
	end := func() {
		if line = strings.TrimRight(line, " \\"); line != "" {
			w.line(indent + sign + line)
		}
		line, used = "", 0
	}
	state := -1
	for text = plain(text); text != ""; {
		var segment string
		segment, text, _, state = uniseg.FirstLineSegmentInString(text, state)
		n := uniseg.StringWidth(segment)
		if used > 0 && used+n > width {
			end()
		}
		line += segment
		used += n
	}
	end()
}
