package lesson

import (
	"embed"
	"fmt"

	"tcpviz/internal/spelling"
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
		if d := spelling.Distance(id, known); d < least {
			best, least = known, d
		}
	}
	return best
}
