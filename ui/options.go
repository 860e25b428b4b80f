package ui

import (
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// LessonItem is a lesson as the dashboard's list shows it.
type LessonItem struct {
	ID      string
	Title   story.Text
	Summary story.Text
}

// Preferences are what a user chooses once and wants to find again.
type Preferences struct {
	Code    string `json:"code,omitempty"`    // the language of the programs' source: "c", "python", "go" or "php"; "": the first
	Theme   string `json:"theme,omitempty"`   // the name of the theme; "": the terminal's own colours
	Large   bool   `json:"large,omitempty"`   // few things, and large
	Greeted bool   `json:"greeted,omitempty"` // the greeting was seen
}

// Options is what the dashboard is told when it starts, and what it may ask for.
type Options struct {
	Lessons []LessonItem
	// Play asks for a lesson to be run. The new story arrives through App.Show;
	// an error through App.Fail. It must return at once. Nil: there are no lessons to run.
	Play func(id string)
	// Open asks for the steps of a connection of a story that does not hold them
	// (story.Story.Only), or of the one that it holds, when the user no longer wants
	// the one asked for last. They arrive through App.Show. It must return at once.
	Open func(conn int)
	// StopReading ends the reading that App.Progress tells of; what was read is kept.
	StopReading func()
	// Wire is the wire of the lesson that is performed; nil where there is none that
	// the user may take in hand.
	Wire Wire
	// Lesson gives a lesson by its id, for the source of its programs; nil: none is known.
	Lesson func(id string) (lesson.Lesson, bool)
	// Filter is the filter that the list of connections begins with, in the words of
	// package filter; List shows that list first.
	Filter string
	List   bool
	Lang   lang.Language
	// Preferences are what the user chose before; Remember is told when they change.
	// Nil: they are forgotten. It must return at once.
	Preferences Preferences
	Remember    func(Preferences)
	// Live tells that the story grows as it is watched (a live capture): the newest
	// step is shown until the user steps back.
	Live    bool
	Paused  bool    // start paused at the first step
	Speed   float64 // 1 is a human pace; 0 means 1
	Predict bool    // ask what comes next before it is shown
	ASCII   bool    // draw lines and marks with ASCII only
	NoColor bool
	NoMouse bool
}
