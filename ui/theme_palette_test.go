package ui

import (
	"fmt"
	"math"
	"testing"

	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
)

// depths are the numbers of colours that terminals have.
var depths = []int{8, 16, 256, 1 << 24}

// shownAs gives the colour that a terminal of so many colours shows, as tcell chooses it,
// with the usual values of xterm for the first sixteen.
func shownAs(c tcell.Color, colours int) tcell.Color {
	if colours > 256 {
		return c
	}
	palette := make([]tcell.Color, colours)
	for i := range palette {
		palette[i] = tcell.PaletteColor(i)
	}
	return tcell.FindColor(c, palette)
}

// linear gives the colour's red, green and blue as amounts of light, 0 to 1 (IEC 61966-2-1).
func linear(c tcell.Color) [3]float64 {
	r, g, b := c.RGB()
	var out [3]float64
	for i, v := range []int32{r, g, b} {
		s := float64(v) / 255
		if s <= 0.04045 {
			out[i] = s / 12.92
		} else {
			out[i] = math.Pow((s+0.055)/1.055, 2.4)
		}
	}
	return out
}

// contrast is WCAG's contrast ratio of two colours, 1 to 21.
func contrast(a, b tcell.Color) float64 {
	luminance := func(c tcell.Color) float64 {
		l := linear(c)
		return 0.2126*l[0] + 0.7152*l[1] + 0.0722*l[2]
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// styles gives a theme's styles by name.
func (t *theme) styles() map[string]tcell.Style {
	return map[string]tcell.Style{
		"base": t.base, "bold": t.bold, "dim": t.dim, "line": t.line, "client": t.client, "server": t.server,
		"accent": t.accent, "good": t.good, "warn": t.warn, "selected": t.selected, "key": t.key,
	}
}

func TestThemesCanBeRead(t *testing.T) {
	for _, name := range []string{darkTheme, lightTheme, highContrastTheme} {
		least := 4.5
		if name == highContrastTheme {
			least = 7
		}
		for _, colours := range depths {
			look := themeOf(name, colours, false, false)
			for what, style := range look.styles() {
				foreground, background, _ := style.Decompose()
				if !background.Valid() || !foreground.Valid() {
					t.Errorf("%s, %s: a colour of the terminal's own", name, what)
					continue
				}
				ratio := contrast(shownAs(foreground, colours), shownAs(background, colours))
				want := least
				if colours == 8 { // the silver and the teal of eight colours are not bright enough for more
					want = min(want, 4)
				}
				if ratio < want {
					t.Errorf("%s with %d colours, %s: contrast %.2f, want %.1f", name, colours, what, ratio, want)
				}
			}
		}
	}
}

// The terminal's own theme is seen on black and on white.
func TestTerminalThemeIsNeverInvisible(t *testing.T) {
	for _, colours := range depths {
		look := themeOf("", colours, false, false)
		for what, style := range look.styles() {
			foreground, background, _ := style.Decompose()
			if background != tcell.ColorDefault {
				t.Errorf("%s has a background", what)
			}
			if foreground == tcell.ColorDefault {
				continue
			}
			for _, ground := range []tcell.Color{tcell.NewHexColor(0), tcell.NewHexColor(0xffffff)} {
				if ratio := contrast(shownAs(foreground, colours), ground); ratio < 2.5 {
					t.Errorf("%d colours, %s on %06x: contrast %.2f", colours, what, ground.Hex(), ratio)
				}
			}
		}
	}
}

// deficiency is how a colour (its amounts of light) looks to somebody without one kind of
// cone: the matrices for severity 1 of Machado, Oliveira and Fernandes, "A
// Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE
// Transactions on Visualization and Computer Graphics 15(6), 2009.
var deficiency = map[string][3][3]float64{
	"normal":       {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

// seen gives a colour in CIELAB (D65) as it is seen with that vision.
func seen(c tcell.Color, vision [3][3]float64) [3]float64 {
	l := linear(c)
	var rgb [3]float64
	for i, row := range vision {
		rgb[i] = min(max(row[0]*l[0]+row[1]*l[1]+row[2]*l[2], 0), 1)
	}
	xyz := [3]float64{
		(0.4124564*rgb[0] + 0.3575761*rgb[1] + 0.1804375*rgb[2]) / 0.95047,
		0.2126729*rgb[0] + 0.7151522*rgb[1] + 0.0721750*rgb[2],
		(0.0193339*rgb[0] + 0.1191920*rgb[1] + 0.9503041*rgb[2]) / 1.08883,
	}
	for i, v := range xyz {
		if v > 216.0/24389 {
			xyz[i] = math.Cbrt(v)
		} else {
			xyz[i] = (24389.0/27*v + 16) / 116
		}
	}
	return [3]float64{116*xyz[1] - 16, 500 * (xyz[0] - xyz[1]), 200 * (xyz[1] - xyz[2])}
}

// difference is CIE76's: 2.3 can just be noticed side by side.
func difference(a, b [3]float64) float64 {
	return math.Sqrt(math.Pow(a[0]-b[0], 2) + math.Pow(a[1]-b[1], 2) + math.Pow(a[2]-b[2], 2))
}

func TestSidesAreToldApartByEveryColourVision(t *testing.T) {
	const clear = 20 // across a room, not side by side
	for _, name := range ThemeNames() {
		for _, colours := range depths {
			look := themeOf(name, colours, false, false)
			client, _, _ := look.side(fsm.Client).Decompose()
			server, _, _ := look.side(fsm.Server).Decompose()
			if client == server && name == highContrastTheme && colours == 8 {
				continue // only the glyphs tell them apart, as without colour
			}
			for who, vision := range deficiency {
				a, b := seen(shownAs(client, colours), vision), seen(shownAs(server, colours), vision)
				if d := difference(a, b); d < clear {
					t.Errorf("%s with %d colours: client and server differ by %.1f to %s", name, colours, d, who)
				}
			}
		}
	}
}

// Without colour no theme paints anything.
func TestNoColorWins(t *testing.T) {
	for _, name := range ThemeNames() {
		for _, look := range []theme{themeOf(name, 256, false, true), themeOf(name, 0, false, false)} {
			for what, style := range look.styles() {
				if f, b, _ := style.Decompose(); f != tcell.ColorDefault || b != tcell.ColorDefault {
					t.Errorf("%s: %s has a colour", name, what)
				}
			}
		}
	}
}

// A theme that paints a background paints every cell, on every screen.
func TestThemesPaintEveryCell(t *testing.T) {
	for _, name := range []string{darkTheme, lightTheme, highContrastTheme} {
		d := newDashboard(Options{Paused: true, Lessons: lessonItems(), Play: func(string) {}, Preferences: Preferences{Theme: name}})
		d.show(connectionStory(t))
		d.send(playEvent{signal: jump, n: 14})
		want := d.theme.styles()
		for _, key := range []press{{}, char('d'), char('b'), char('t'), char('w'), char('?'), special(tcell.KeyEscape), char('l'), special(tcell.KeyEscape), char('c'), special(tcell.KeyEscape), char('m')} {
			d.press(key)
			for _, size := range screenSizes {
				f := frame{blank: d.theme.base}
				d.draw(f.begin(size.w, size.h))
				for i, c := range f.cells {
					_, background, _ := c.style.Decompose()
					if _, wanted, _ := want["base"].Decompose(); background != wanted {
						t.Fatalf("%s, after %v, at %d,%d (%q): background %v", name, key, i%size.w, i/size.w, c.r, background)
					}
				}
			}
		}
	}
}

func TestThemeKey(t *testing.T) {
	var kept []Preferences
	d := newDashboard(Options{Preferences: Preferences{Greeted: true, Code: "go"}, Remember: func(p Preferences) { kept = append(kept, p) }})
	var seen []string
	for range len(ThemeNames()) {
		d.press(char('C'))
		seen = append(seen, d.options.Preferences.Theme)
	}
	if got, want := fmt.Sprint(seen), "[dark light high-contrast terminal]"; got != want {
		t.Errorf("the key goes through %s, want %s", got, want)
	}
	if len(kept) != 4 || kept[0] != (Preferences{Greeted: true, Code: "go", Theme: "dark"}) {
		t.Errorf("remembered %+v", kept)
	}
	d = newDashboard(Options{NoColor: true})
	d.press(char('C'))
	if d.hint == "" || d.options.Preferences.Theme != "" {
		t.Errorf("without colour the key changes the theme: %q", d.hint)
	}
}
