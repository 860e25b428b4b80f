package story

import "tcpviz/internal/lang"

// Both says a phrase in both languages.
func Both(p lang.Phrase) Text {
	return Text{EN: p.In(lang.English), ZH: p.In(lang.Chinese)}
}
