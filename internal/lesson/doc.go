// Package lesson is what a lesson file says: which programs there are, which
// socket calls they make in which order, what the narration says about them, and
// how the connections end.
//
// A lesson is a play. What flows in is YAML ([Parse]), what flows out is a
// [Lesson], a plain value; package lab performs it. The built-in lessons are
// embedded ([All], [Find]).
//
// # The file
//
//	id: hello
//	title: {en: Hello, zh: 你好}
//	summary: {en: one line each way, zh: 来回各一行}
//	programs:                 # in the order of their lanes, each with its side
//	  server: server
//	  client: client
//	steps:
//	  - server: s = socket()
//	    say: {en: The server makes a socket., zh: 服务器创建套接字。}
//	  - server: bind(s, 127.0.0.1:10008)
//	  - server: listen(s, 5)
//	  - server: c = accept(s)
//	  - client: s = socket()
//	  - client: connect(s, 127.0.0.1:10008) = 0
//	  - client: send(s, "hello\n")
//	  - server: recv(c, 100) = "hello\n"
//	  - server: recv(c, 100) = 0
//	    then: close(c)        # by the same program, at once
//	  - client: close(s)
//	ends:
//	  - {client: TIME-WAIT, server: CLOSED}
//
// A step is one call of one program. The next step is performed when this one has
// settled: its call returned or blocks, and the wire is quiet. Calls under "then"
// follow in the same program without that wait. Under "together" stand calls of
// several programs that are let go at the same moment:
//
//	steps:
//	  - together:
//	      - client: close(s)
//	      - server: close(c)
//
// The calls are socket, bind, listen, accept, connect, send, recv, shutdown,
// setsockopt, getsockname, getpeername and close, with C's arguments as far as
// they matter: socket() or socket(AF_INET6); an address is 127.0.0.1:10008 or
// [::1]:10008; text is quoted and escaped as in Go and can be repeated
// ("x" * 20000); a time is 500ms or 2s; SO_LINGER takes {1, 0}. What a call must
// give can be stated behind it: a number (= 6), an error (= -1 ECONNREFUSED), or,
// for recv, the text (= "OK\n"). Each program has its own names for descriptors.
// Where a call holds ": " or " #", put the whole call in single quotes, as YAML asks.
//
// An address may be written by its host instead, server:10008 or client:40000,
// whatever addresses a stage has; on loopback that is 127.0.0.1, or ::1 for a
// socket of AF_INET6. A literal 127.0.0.1 or ::1 stands, on a stage with two hosts,
// for the caller's own host in bind, and in connect for the host on which a program
// listens at that port: the other one where both or neither do.
//
// "ends" says in which state each connection's two ends are when the lesson is
// over, in the order in which the connections began ({} promises nothing); "see"
// lists states that must have been passed on the way; "retry" says how often a
// lesson that needs luck may be played until they were; "stages" lists the stages
// that can carry the lesson, of loopback, wire and sim. Without it these are all,
// or wire and sim for a lesson that touches the wire, which nobody can on loopback.
//
// # The wire
//
// A step may say what is done to the wire, alone or beside calls, one act or a
// list of them. It is done before the step's calls:
//
//	steps:
//	  - wire: drop SYN from client
//	    say: {en: The next SYN will be lost., zh: 下一个 SYN 会丢失。}
//	  - client: connect(s, server:10008) = 0
//	  - wire: [hold data from client, wait 2s]
//
// The grammar, in which words are separated by blanks:
//
//	act      = ( "drop" | "duplicate" | "swap" | "hold" ) segments
//	         | "delay" segments time
//	         | "let" [ number ] "go"
//	         | "wait" time
//	segments = [ number | ordinal | "every" ] kind "from" side
//	         | "everything" [ "from" side ]
//	kind     = "SYN" | "SYN ACK" | "ACK" | "FIN" | "RST" | "data" | "segment" | "segments"
//	side     = "client" | "server"
//	number   = 1 … 1000
//	ordinal  = "1st" | "2nd" | "3rd" | "4th" …
//	time     = as Go writes it: 200ms, 1.5s, 60s, 3m; delay up to 1m, all waits together up to 1h
//
// SYN is one without ACK; ACK is a segment that is nothing else: no SYN, FIN or
// RST and no data; FIN and RST may come with ACK, FIN and data with each other;
// segment is any ("segments" behind a number above 1). An act is done to the next
// segment of that kind that the side sends; with a number to the next so many; with
// an ordinal to that one, and those before it pass; with "every", and to everything,
// from now on. A segment that was sent before the act is not meant, and one for which
// several acts wait is the oldest act's. What was sent again is a segment like any other.
//
//	drop       it is lost
//	duplicate  it arrives twice, one directly after the other
//	delay      it arrives after that time
//	swap       it waits until the next segment of its direction has arrived; one at
//	           a time, neither a number nor "every"
//	hold       it waits until it is let go
//	let go     all that is held arrives, in the order in which it was held and before
//	           what was sent since; acts on "every" and "everything" end
//	let 1 go   only the one held longest (or so many) arrives; acts that go on go on
//	wait       so much time passes: timers run, what they send arrives, calls return
//
// What such a step says is told before anything else of it happens. Where a step
// touches the wire and only then makes calls, without a "wait" or a "let go", it is told
// with the first of its calls.
//
// A step has settled when nothing can happen any more but by a timer. Time passes
// only in "wait", while segments are on their way, and where a program whose call still blocks has its next call to
// make: that one begins when the last one has returned.
//
// # A host that fails
//
//	steps:
//	  - reboot: server
//
// The side's host (or hosts: [client, server]) fails and starts again, before
// anything else of the step. All its sockets are gone, and nobody is told: nothing
// is sent. What is on its way to it arrives at a host that knows no connection; what
// it had sent is still under way. A call of its programs that blocks never returns.
// The programs begin anew, without a descriptor, at their next call. A lesson that
// has a reboot touches the wire.
//
// # Narration
//
// "say" is told in English and Chinese. Every step of a built-in lesson has one: where
// its file says nothing, a standard sentence names the call ("The server listens."),
// which foretells no outcome. A lesson from elsewhere says what its file says.
package lesson
