package export_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tcpviz/fsm"
	"tcpviz/internal/export"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// browser is a page in a real browser, and all that it complained of or asked for.
type browser struct {
	t    *testing.T
	ctx  context.Context
	file string

	mu   sync.Mutex
	told []string
}

// newBrowser starts a browser that nothing else uses, and ends it with the test.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Skip("no chromium here")
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.WSURLReadTimeout(2*time.Minute), chromedp.UserDataDir(t.TempDir()),
	)
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	b := &browser{t: t}
	b.ctx, stop = chromedp.NewContext(ctx, chromedp.WithListener(b.listen))
	t.Cleanup(stop)
	t.Cleanup(func() { // it has ended before its folder is removed
		if err := chromedp.Cancel(b.ctx); err != nil {
			t.Log(err)
		}
	})
	if _, err := chromedp.Call(b.ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(b.ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	return b
}

// listen writes down what a page that is in order never does.
func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		b.told = append(b.told, fmt.Sprintf("console.%s", e.Type))
	case *runtime.EventExceptionThrown:
		b.told = append(b.told, "exception: "+e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		b.told = append(b.told, "log: "+e.Entry.Text)
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "file://") || !strings.HasPrefix(e.Request.URL, b.file) {
			b.told = append(b.told, "request: "+e.Request.URL)
		}
	case *page.EventJavascriptDialogOpening:
		b.told = append(b.told, "dialog: "+e.Message)
	}
}

// quiet checks that the page complained of nothing and asked for nothing.
func (b *browser) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.told) > 0 {
		b.t.Errorf("the page is not quiet: %q", b.told)
	}
}

func (b *browser) run(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// open writes a page to a file and opens that.
func (b *browser) open(html, hash string) {
	b.t.Helper()
	name := filepath.Join(b.t.TempDir(), "story.html")
	if err := os.WriteFile(name, []byte(html), 0o644); err != nil {
		b.t.Fatal(err)
	}
	b.file = (&url.URL{Scheme: "file", Path: name}).String()
	b.run(chromedp.Navigate(b.file + hash))
}

// eval gives what a piece of script says.
func eval[T any](b *browser, script string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script))
	if err != nil {
		b.t.Fatal(err)
	}
	return value
}

// text gives the text of the element with that id.
func (b *browser) text(id string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf("document.getElementById(%q).textContent", id))
}

// seen is what a page shows at one moment.
type seen struct {
	Client, Server, What, Count, Hash string
	Hidden                            int // parts of the ladder that have not happened
	Below                             int // parts that are shown below what has happened
}

func (b *browser) seen() (s seen) {
	b.t.Helper()
	raw := eval[string](b, `(() => {
		const text = (id) => document.getElementById(id).textContent;
		const svg = document.querySelector(".view:not([hidden]) svg");
		const parts = Array.from(svg.querySelectorAll("[data-from]"));
		const end = svg.querySelector("clipPath rect").height.baseVal.value - 60;
		const shown = parts.filter((p) => getComputedStyle(p).visibility !== "hidden");
		return JSON.stringify({
			Client: text("client"), Server: text("server"), What: text("what"), Count: text("count"), Hash: location.hash,
			Hidden: parts.length - shown.length,
			Below: shown.filter((p) => p.tagName === "text" && p.getBBox().y > end + 10).length,
		});
	})()`)
	if err := json.Unmarshal([]byte(raw), &s); err != nil {
		b.t.Fatal(err)
	}
	return s
}

// badges are what the page must say of both sides after a row of a view: the story's own
// words, and nothing of a server before it is seen, unless its calls were recorded.
func badges(v story.View, row int, watched bool) (client, server string) {
	name := func(side fsm.Side) string {
		seen := func(r story.Row) bool { return r.State[side] != fsm.Closed }
		if !watched && side == fsm.Server && !slices.ContainsFunc(v.Rows[:row+1], seen) {
			return "?"
		}
		switch r := v.Rows[row]; r.Basis[side] {
		case fsm.Inferred:
			return "(" + r.State[side].String() + ")"
		case fsm.Assumed:
			return r.State[side].String() + "?"
		default:
			return r.State[side].String()
		}
	}
	return name(fsm.Client), name(fsm.Server)
}

// Pages in a real browser, which is started once.
func TestBrowser(t *testing.T) {
	b := newBrowser(t)
	for name, test := range map[string]func(*testing.T, *browser){
		"steps": stepsInBrowser, "controls": controlsInBrowser, "hostile": hostileInBrowser, "windows": windowsInBrowser,
	} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			test(t, b)
		})
	}
}

// A page is stepped to its end and back by keys, in each story of a few that have
// everything: at each step it says what the story says.
func stepsInBrowser(t *testing.T, b *browser) {
	for name, s := range map[string]*story.Story{
		"connection": recorded(t, "recordings/connection.pcapng"),
		"foreign":    recorded(t, "captures/curl.pcap"),
		"wire":       handled(),
	} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			b.open(htmlOf(t, s, export.PictureOptions{}), "")
			v := s.View(1)
			first := b.seen()
			if first.Hidden == 0 || !strings.HasPrefix(first.Count, fmt.Sprintf("0 / %d", len(v.Rows))) {
				t.Errorf("at the beginning: %+v", first)
			}
			var forward []seen
			for i := range v.Rows {
				b.run(chromedp.KeyEvent(kb.ArrowRight))
				now := b.seen()
				client, server := badges(v, i, name == "connection")
				what := s.Explain(v.Rows[i].Step, lang.English).What
				if now.Client != client || now.Server != server || now.What != what {
					t.Errorf("after step %d: %+v, want %s, %s, %q", i+1, now, client, server, what)
				}
				if now.Hash != fmt.Sprintf("#step=%d", i+1) || now.Below > 0 {
					t.Errorf("after step %d: %+v", i+1, now)
				}
				forward = append(forward, now)
			}
			last := forward[len(forward)-1]
			for i := len(forward) - 2; i >= 0; i-- {
				b.run(chromedp.KeyEvent(kb.ArrowLeft))
				if now := b.seen(); now != forward[i] {
					t.Errorf("back at step %d: %+v, before it was %+v", i+1, now, forward[i])
				}
			}
			b.run(chromedp.KeyEvent(kb.ArrowLeft))
			first.Hash = "#step=0"
			if now := b.seen(); now != first {
				t.Errorf("back at the beginning: %+v, before it was %+v", now, first)
			}
			b.run(chromedp.KeyEvent(kb.End))
			if now := b.seen(); now != last {
				t.Errorf("at the end: %+v, before it was %+v", now, last)
			}
			b.quiet()
		})
	}
}

// The buttons, the slider, the address and the language do what they say.
func controlsInBrowser(t *testing.T, b *browser) {
	s := recorded(t, "recordings/clients.pcapng")
	b.open(htmlOf(t, s, export.PictureOptions{}), "#conn=2&step=5")
	v := s.View(2)
	at := func(want int) {
		t.Helper()
		if got := b.seen(); !strings.HasPrefix(got.Count, fmt.Sprintf("%d / %d", want, len(v.Rows))) {
			t.Errorf("at %q, want %d", got.Count, want)
		}
	}
	click := func(id string) { b.run(chromedp.Click(chromedp.CSS("#" + id))) }
	at(5)
	click("next")
	at(6)
	click("back")
	click("back")
	at(4)
	click("last")
	at(len(v.Rows))
	click("first")
	at(0)
	b.run(chromedp.Evaluate[chromedp.Void](`{ const w = document.getElementById("where"); w.value = 7; w.dispatchEvent(new Event("input")); }`))
	at(7)
	b.run(chromedp.KeyEvent(kb.Home))
	at(0)
	// Playing goes on by itself, and a key stops it.
	b.run(chromedp.KeyEvent(" "), chromedp.Poll[chromedp.Void](`location.hash.endsWith("step=2")`, chromedp.WithPollingTimeout(time.Minute)), chromedp.KeyEvent(kb.Home))
	at(0)
	if playing := eval[string](b, `document.getElementById("play").getAttribute("aria-pressed")`); playing != "false" {
		t.Errorf("a key did not stop the play: %s", playing)
	}
	click("next")
	english := b.text("what")
	click("lang")
	want := s.Explain(v.Rows[0].Step, lang.Chinese).What
	if got := b.text("what"); got != want || got == english {
		t.Errorf("in Chinese: %q, want %q", got, want)
	}
	if title := eval[string](b, "document.title + document.documentElement.lang"); title != s.Meta.Title.ZH+"zh-Hans" {
		t.Errorf("title and language: %q", title)
	}
	click("lang")
	if got := b.text("what"); got != english {
		t.Errorf("back in English: %q, want %q", got, english)
	}
	b.quiet()
}

// Whatever comes from outside stays text.
func hostileInBrowser(t *testing.T, b *browser) {
	s := hostile("</script><script>alert(1)</script>\"'`<img src=x onerror=alert(2)>&amp;\u202e\x1b]0;\x00\u2028-->{{.}}")
	b.open(htmlOf(t, s, export.PictureOptions{}), "")
	if scripts := eval[int](b, `document.querySelectorAll("script").length`); scripts != 2 {
		t.Errorf("%d scripts", scripts)
	}
	if foreign := eval[int](b, `document.querySelectorAll("img, iframe, object, a, link, [onerror]").length`); foreign != 0 {
		t.Errorf("%d elements that nobody wrote", foreign)
	}
	rows := len(s.View(1).Rows)
	for range rows {
		b.run(chromedp.KeyEvent(kb.ArrowRight))
	}
	if got := b.seen(); !strings.HasPrefix(got.Count, fmt.Sprintf("%d / %d", rows, rows)) {
		t.Errorf("at the end: %+v", got)
	}
	if title := b.text("say"); !strings.Contains(title, "<script>alert(1)</script>") {
		t.Errorf("the lesson's words are changed: %q", title)
	}
	b.run(chromedp.Click(chromedp.CSS("#lang")))
	b.quiet()
}

// In a wide and in a narrow window nothing on a page is wider than that. Where pictures
// are asked for, those of all lessons are taken.
func windowsInBrowser(t *testing.T, b *browser) {
	folder := os.Getenv("TCPVIZ_PICTURES")
	for _, l := range lesson.All() {
		if folder == "" && !slices.Contains([]string{"http-short", "port-in-use", "simultaneous-open"}, l.ID) {
			continue
		}
		t.Run(l.ID, func(t *testing.T) {
			b.t = t
			b.open(htmlOf(t, performed(t, l), export.PictureOptions{}), "#step=15")
			for _, size := range [][2]int64{{1280, 800}, {390, 844}} {
				b.run(chromedp.EmulateViewport(size[0], size[1]))
				if over := eval[int64](b, "document.documentElement.scrollWidth"); over > size[0] {
					t.Errorf("%d wide in a window of %d", over, size[0])
				}
				if folder != "" {
					b.shoot(filepath.Join(folder, fmt.Sprintf("%s.%d.png", l.ID, size[0])))
				}
			}
			b.quiet()
		})
	}
}

// shoot takes a picture of the page.
func (b *browser) shoot(name string) {
	b.t.Helper()
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(name, picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
