// Package fsm is the model of the TCP state machine that tcpviz shows, written
// to be read beside RFC 9293.
//
// A [Conn] is a value: what is known of one connection, both its endpoints
// included. [Conn.Apply] takes an [Event] (a user call, a segment sent, received
// or lost, a timer that expired, a host that rebooted) and gives back the next Conn and the state
// changes that the event caused, each with the [Rule] that says why and the
// [Basis] that says how it is known. Where a [Stack] departs from the RFC a rule of
// its own says so. A [Tracker] tells to which connection a
// segment belongs; an [Analysis] finds what is unusual about a segment, and a
// [Summary] sums a connection up.
//
// The package does no input or output, starts no goroutine and reads no clock:
// the same events give the same result, always. It knows no payload bytes and
// decodes nothing; that is the work of package capture.
package fsm
