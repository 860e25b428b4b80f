// Package ui is the dashboard: a moment of a story in, cells on a terminal out.
//
// What is drawn is a function of a [moment] (the story, the position in it, how
// far the segment in flight has come) and of the screen's size; it is tested
// without a terminal. [App] is the thin shell around it: keys, ticks, tview.
//
// The package knows stories and states only. It captures nothing and runs nothing:
// what it wants done it asks of the functions in [Options].
package ui
