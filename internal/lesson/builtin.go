package lesson

import (
	"embed"
	"fmt"
)

//go:embed lessons/*.yaml
var files embed.FS

// ids are the built-in lessons in the order in which they are best learned.
func ids() []string {
	return []string{
		"connection", "handshake", "close", "close-server-first", "close-merged",
		"echo", "php-dialogue", "byte-stream", "clients", "half-close",
		"simultaneous-close", "simultaneous-open", "refused", "timeout", "port-in-use", "time-wait",
		"reset-unread", "linger", "broken-pipe", "recv-timeout", "backlog",
		"http-short", "http-keepalive", "heartbeat", "keepalive",
		"lost-syn", "lost-synack", "lost-ack", "lost-data", "lost-fin", "lost-last-ack",
		"reordered", "duplicated", "zero-window", "close-wait-leak", "half-open",
		"old-syn", "syn-flood",
	}
}

// All gives the built-in lessons in teaching order.
func All() []Lesson {
	var lessons []Lesson
	for _, id := range ids() {
		lessons = append(lessons, builtin(id))
	}
	return lessons
}

// Find gives the built-in lesson of that id.
func Find(id string) (Lesson, bool) {
	for _, known := range ids() {
		if known == id {
			return builtin(id), true
		}
	}
	return Lesson{}, false
}

// builtin parses an embedded lesson, with a narration at every step; a test holds that
// every one of them parses.
func builtin(id string) Lesson {
	name := id + ".yaml"
	data, err := files.ReadFile("lessons/" + name)
	if err != nil {
		panic(fmt.Sprintf("lesson: built-in %s: %v", id, err))
	}
	l, err := Parse(name, data)
	if err != nil {
		panic(err)
	}
	return l.told()
}

// Nearest gives the id of the built-in lesson that is spelled most like id, or
// "" when none is: the answer to a misspelling.
func Nearest(id string) string {
	best, least := "", max(2, len(id)/3)+1
	for _, known := range ids() {
		if d := distance(id, known); d < least {
			best, least = known, d
		}
	}
	return best
}

// distance counts the insertions, deletions and replacements that turn a into b.
func distance(a, b string) int {
	const most = 64 // what is longer is no misspelling
	if len(a) > most {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
