package ui

import (
	"strings"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
)

// The screen's words are written in English where they are used, and said in the
// user's language when they are drawn. Tables (actions, columns, legends) keep the
// English words.

// sideName names a side.
func sideName(l lang.Language, s fsm.Side) string { return l.Text(s.String()) }

// cited names a section of a standard: "RFC 5681 section 2".
func cited(l lang.Language, rfc string) string {
	return strings.ReplaceAll(rfc, " section ", l.Text(" section "))
}

// programName names a program: most are called after the side that they play.
func programName(l lang.Language, name string) string {
	if name == fsm.Client.String() || name == fsm.Server.String() {
		return l.Text(name)
	}
	return name
}

// keyName names a key, or a pair of them, as it is called on a keyboard.
func keyName(l lang.Language, keys string) string {
	if keys == "end" { // the title bar's word for a story that is over is the same in English alone
		return keys
	}
	return l.Text(keys)
}

// keyName names a key as it is called on a keyboard, with what the screen can show.
func (d *dashboard) keyName(keys string) string { return d.arrows(keyName(d.options.Lang, keys)) }

// arrows writes the arrow keys in a text with what can be shown: v, which is drawn in the
// place of an arrow elsewhere, is another key.
func (d *dashboard) arrows(text string) string {
	if !d.options.ASCII || !strings.ContainsAny(text, "→←↓↑") {
		return text
	}
	l := d.options.Lang
	return strings.NewReplacer("→", "->", "←", "<-", "↓", l.Text("down arrow"), "↑", l.Text("up arrow")).Replace(text)
}

// useLanguage speaks that language from now on.
func (d *dashboard) useLanguage(l lang.Language) { d.options.Lang, d.hint = l, "" }

// languageAction changes the language. Its label says where it leads to, in that
// language: the catalogue's Chinese for 中文 is English.
func languageAction() action {
	return action{[]press{char('L')}, "L", "中文", 11, "the other language, at once: 中文 or English", needsUnicode, func(d *dashboard) {
		if d.options.Lang == lang.Chinese {
			d.useLanguage(lang.English)
		} else {
			d.useLanguage(lang.Chinese)
		}
	}}
}

// needsUnicode says why Chinese cannot be shown.
func needsUnicode(d *dashboard) string {
	return unless(!d.onlyASCII, "Chinese cannot be shown in ASCII alone")
}

// clauses writes parts of a sentence one after the other.
func clauses(l lang.Language, all ...string) string {
	text := ""
	for i, clause := range all {
		if i == 0 {
			text = clause
		} else {
			text = l.Say("%s, %s", text, clause)
		}
	}
	return text
}
