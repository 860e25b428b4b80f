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
//   - together:
//   - client: close(s)
//   - server: close(c)
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
// "ends" says in which state each connection's two ends are when the lesson is
// over, in the order in which the connections began; "see" lists states that
// must have been passed on the way; "retry" says how often a lesson that needs
// luck may be played until they were.
package lesson
