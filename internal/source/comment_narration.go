package source

import (
	"encoding/json"
	"time"

	"tcpviz/internal/story"
)

const narrationPrefix = "tcpviz:narration "

// A narrationComment is a story.Narration as JSON.
type narrationComment struct {
	Time  time.Time  `json:"time"`
	Say   story.Text `json:"say,omitzero"`
	Does  string     `json:"does,omitempty"`
	After bool       `json:"after,omitempty"`
}

func parseNarration(body string) (note, error) {
	var c narrationComment
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		return note{}, err
	}
	n := story.Narration{Time: c.Time, Say: cleanText(c.Say), Does: clean(c.Does)}
	return note{event: n, after: c.After}, checkNarration(n)
}

// checkNarration tells whether a recording may hold the narration.
func checkNarration(n story.Narration) error {
	if tooLong(maxText, n.Say.EN, n.Say.ZH, n.Does) || badTime(n.Time) {
		return errAbsurd
	}
	return nil
}

func narrationText(n story.Narration, after bool) (string, error) {
	return join(narrationPrefix, narrationComment{
		Time: n.Time.UTC(), Say: n.Say, Does: n.Does, After: after,
	}, checkNarration(n))
}
