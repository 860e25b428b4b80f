// Package source joins captures and stories: it turns the frames of a capture
// into the events of a story, and writes and reads recordings.
//
// What flows in: the packets of a capture.Source, or the events of a story that
// was played. What flows out: story events in order, or a recording.
//
// A recording is a pcapng file that every other program opens as an ordinary
// capture. What it holds beyond frames stands in comments, each a word that says
// what it is and a JSON object:
//
//	tcpviz:story {…}   section header: what the story is about (story.Meta)
//	tcpviz:call {…}    packet: the enter or return of a call (story.Call)
//	tcpviz:truth {…}   packet: what a stack said of a socket (story.Truth)
//	tcpviz:frame {…}   packet: the fate of this frame, where it is known
//
// and where somebody held the wire between the two sides:
//
//	tcpviz:arrival {…}     packet: what became of an earlier frame (story.Arrival)
//	tcpviz:impairment {…}  packet: what was done to an earlier frame (story.Impairment)
//	tcpviz:timer {…}       packet: a timer of a stack that ran out (story.Expiry)
//	tcpviz:reboot {…}      packet: a host that failed and started again (story.Reboot)
//	tcpviz:narration {…}   packet: what the lesson says where no call begins (story.Narration)
//
// The frame that an arrival or an impairment is about is named by its number in the
// file, and its own comment says that it is "under-way".
//
// All but a frame's own comment stand at the first frame that comes after them;
// those after the last frame stand at the last and say so ("after":true); when there
// is no frame at all they stand in the section header. Only a file that begins with a
// story comment is a recording: in any other, comments mean nothing. Comments
// are hostile text: they are bounded, control characters are taken out, and one
// that makes no sense is left out and counted.
//
// The package draws nothing, starts no goroutine and reads no clock.
package source
