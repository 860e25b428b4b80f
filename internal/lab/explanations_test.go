package lab_test

import (
	"regexp"
	"strings"
	"testing"

	"tcpviz/internal/lab"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
)

// TestExplanationsOfLessons holds what is said at the steps of the lessons, in both
// languages side by side: each where it is first
// said, whatever its numbers and however much is on the wire.
func TestExplanationsOfLessons(t *testing.T) {
	t.Parallel()
	number := regexp.MustCompile(`\d+`)
	underWay := regexp.MustCompile(`(the (client|server)'s [^;]*; )+`)
	seen := make(map[string]bool)
	var b strings.Builder
	left := regexp.MustCompile(`[a-z]{3,} [a-z]{3,}`) // English words in a Chinese sentence
	pair := func(english, chinese string) {
		if left.MatchString(chinese) {
			t.Errorf("%q is said in Chinese: %q", english, chinese)
		}
		if key := underWay.ReplaceAllString(number.ReplaceAllString(english, "0"), ""); english != "" && !seen[key] {
			seen[key] = true
			b.WriteString(english + "\n" + chinese + "\n\n")
		}
	}
	for _, l := range lesson.All() {
		if !l.CanPlayOn(lab.Sim) {
			continue
		}
		s := perform(t.Context(), l, lab.Options{Stage: lab.Sim}).told()
		for i := range s.Steps {
			english, chinese := s.Explain(s.Steps[i].N, lang.English), s.Explain(s.Steps[i].N, lang.Chinese)
			pair(english.What, chinese.What)
			pair(english.Why, chinese.Why)
			pair(english.Now, chinese.Now)
			for i, notice := range english.Unusual {
				pair(notice.Text, chinese.Unusual[i].Text)
			}
			if english.Rule != chinese.Rule || len(english.Unusual) != len(chinese.Unusual) {
				t.Errorf("%s, step %d: not the same in both languages: %+v, %+v", l.ID, i+1, english, chinese)
			}
		}
	}
	golden(t, lab.Sim, "explanations", b.String())
}

// BenchmarkExplain explains a step, as a screen does for each frame that it draws.
func BenchmarkExplain(b *testing.B) {
	l, _ := lesson.Find("lost-data")
	s := perform(b.Context(), l, lab.Options{Stage: lab.Sim}).told()
	for _, speech := range []lang.Language{lang.English, lang.Chinese} {
		b.Run(speech.String(), func(b *testing.B) {
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				s.Explain(s.Steps[n%len(s.Steps)].N, speech)
			}
		})
	}
}
