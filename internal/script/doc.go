// Package script reads packet scripts: a few lines of text that say what happens
// to one connection, in the manner of packetdrill but in a notation of its own.
// Tests of the model are written in it.
//
//	A sentence about the file, before the first script.
//
//	## name of a script
//	# a comment
//	call client connect           a call is entered
//	call client close waits       the FIN that it asks for cannot go out yet
//	> S 100 scale=7               the client sends a SYN with number 100
//	+5ms < SA 300:101 len=4       5 ms later the server answers: seq 300, ack 101, four octets
//	> A 101:301 lost              this one will not arrive
//	> A 101:301 held=x            this one is on its way until ...
//	arrives x                     ... it arrives
//	return client connect failed  the call comes back, with an error
//	timer client time-wait        a timer runs out
//	reboot client                 the client's host fails and starts again
//	stack netstack                both ends run netstack
//	listen                        the server's program has called listen
//	foreign                       from here on nobody sees segments arrive: it is assumed
//
// What stands after a | is what the writer expects; it is kept as it is. The
// letters of the flags are FSRPAUEC, - for none. Options of a segment are len,
// win (1000 where it is not said), scale, mss, ts=value:echo and tfo; full=syn or
// full=accept says which queue of the listening socket it finds full.
//
// Text flows in, values of package fsm flow out; nothing is played here.
package script
