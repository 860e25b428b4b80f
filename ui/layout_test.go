package ui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

var panelNames = [panelCount]string{"title", "ladder", "diagram", "what happened", "header", "stack", "source", "time-sequence", "footer"}

// TestLayoutIsTidy checks every size: nothing overlaps, nothing is outside, the
// ladder is always there, and what was opened is shown.
func TestLayoutIsTidy(t *testing.T) {
	for w := minWidth; w <= 260; w += 7 {
		for h := minHeight; h <= 90; h += 2 {
			for _, open := range []panel{noPanel, diagramPanel, explainPanel, headerPanel, stackPanel, codePanel, sequencePanel} {
				l := newLayout(w, h, open)
				taken := make([]panel, w*h)
				for p := range panelCount {
					r := l.rects[p]
					if !r.shown() {
						continue
					}
					if r.x < 0 || r.y < 0 || r.x+r.w > w || r.y+r.h > h {
						t.Fatalf("%dx%d open %d: %s is outside: %+v", w, h, open, panelNames[p], r)
					}
					for y := r.y; y < r.y+r.h; y++ {
						for x := r.x; x < r.x+r.w; x++ {
							if taken[y*w+x] != 0 {
								t.Fatalf("%dx%d open %d: %s lies on %s", w, h, open, panelNames[p], panelNames[taken[y*w+x]-1])
							}
							taken[y*w+x] = p + 1
						}
					}
				}
				for _, p := range []panel{titlePanel, ladderPanel, footerPanel} {
					if !l.rects[p].shown() {
						t.Fatalf("%dx%d open %d: no %s", w, h, open, panelNames[p])
					}
				}
				if r := l.rects[ladderPanel]; r.h < 5 || r.w < minWidth {
					t.Fatalf("%dx%d open %d: the ladder has %dx%d", w, h, open, r.w, r.h)
				}
				if open != noPanel && !l.rects[open].shown() {
					t.Fatalf("%dx%d: %s does not open", w, h, panelNames[open])
				}
			}
		}
	}
}

func TestLayoutTooSmall(t *testing.T) {
	for _, size := range [][2]int{{59, 40}, {200, 17}, {0, 0}, {1, 1}} {
		if !newLayout(size[0], size[1], noPanel).tooSmall {
			t.Errorf("%v is not too small", size)
		}
	}
	if newLayout(minWidth, minHeight, noPanel).tooSmall {
		t.Error("the smallest size is too small")
	}
}

// TestLayoutPictures draws the panels of some sizes as boxes, an eighth of their size.
func TestLayoutPictures(t *testing.T) {
	var all strings.Builder
	for _, size := range [][2]int{{60, 18}, {80, 24}, {100, 30}, {120, 40}, {160, 48}, {200, 40}, {200, 60}, {250, 80}} {
		for _, open := range []panel{noPanel, diagramPanel} {
			name := "nothing"
			if open != noPanel {
				name = panelNames[open]
			}
			fmt.Fprintf(&all, "%dx%d, %s open\n%s\n", size[0], size[1], name, boxes(newLayout(size[0], size[1], open), size[0], size[1]))
		}
	}
	golden(t, "layouts", all.String())
}

// boxes draws a layout with one character for 4x2 cells.
func boxes(l layout, w, h int) string {
	const sx, sy = 4, 2
	var all strings.Builder
	for y := 0; y < h; y += sy {
		for x := 0; x < w; x += sx {
			r := '.'
			for p := range panelCount {
				if l.rects[p].has(x, y) || l.rects[p].has(x, min(y+1, h-1)) && r == '.' {
					r = rune("TLDWHPSF"[p])
				}
			}
			all.WriteRune(r)
		}
		all.WriteByte('\n')
	}
	return all.String()
}

// TestEverySizeDraws draws the dashboard at many sizes and with everything open:
// nothing may be drawn outside, and nothing may panic.
func TestEverySizeDraws(t *testing.T) {
	d := newDashboard(Options{Lessons: lessonItems(), Play: func(string) {}})
	d.show(connectionStory(t))
	var f frame
	for _, w := range []int{1, 30, 60, 61, 79, 80, 99, 116, 120, 150, 170, 200, 300} {
		for _, h := range []int{1, 5, 18, 19, 24, 30, 36, 50, 60, 100} {
			for _, at := range []int{-1, 0, 14, 1000} {
				d.send(playEvent{signal: jump, n: at})
				for _, open := range []panel{noPanel, diagramPanel, explainPanel, headerPanel, stackPanel, codePanel, sequencePanel} {
					d.open = open
					d.draw(f.begin(w, h))
				}
				d.open = noPanel
			}
			d.help = true
			d.draw(f.begin(w, h))
			d.help = false
			for _, kind := range []listKind{lessonList, connectionList} {
				d.openList(kind)
				d.draw(f.begin(w, h))
			}
			d.list.kind = noList
			d.failure = errors.New(strings.Repeat("a long word and ", 100))
			d.draw(f.begin(w, h))
			d.failure = nil
		}
	}
}
