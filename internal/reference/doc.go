// Package reference says what the things are that tcpviz shows: states, flags, header
// fields and options, socket calls with their options and errors, anomalies, timers,
// outcomes, and the field's terms. Each entry is two or three sentences in English and
// in Chinese, names the standard that says so, and the built-in lessons that show it.
//
// What flows in are the embedded files under entries, one for each kind; what flows out
// are plain values ([All], [Named], [Nearest], [Search]). Nothing is read before the first
// question. It draws nothing, and does not know what is on the screen.
package reference
