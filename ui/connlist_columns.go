package ui

import (
	"strconv"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// column is a column of the list of connections.
type column struct {
	name  string
	width int
	right bool
	by    order // what a click on its name orders by
	text  func(c *fsm.Summary) string
}

// wideList is the width from which on the columns say more: each side's bytes instead
// of their sum, the time of day instead of the time since the first connection.
const wideList = 170

// Widths of the columns of addresses: what they keep when a column asks for room that
// tells much, or little, and what they use at most.
const (
	leastAddress  = 17
	narrowAddress = 12 // on the narrowest screens
	fullAddress   = 21 // any IPv4 address with its port
	mostAddress   = 47 // any IPv6 address with its port
)

// The columns, in the order in which they stand.
const (
	numberColumn = iota
	clientColumn
	serverColumn
	clientStateColumn
	serverStateColumn
	outcomeColumn
	timeColumn
	durationColumn
	segmentsColumn
	bytesColumn
	anomaliesColumn
	seenColumn
	columnCount
)

// allColumns gives every column as it is in a list of that width.
func (l *connList) allColumns(width int, in lang.Language, g *glyphs) [columnCount]column {
	address := leastAddress
	if width < 66 {
		address = narrowAddress
	}
	end := func(side fsm.Side) func(c *fsm.Summary) string {
		return func(c *fsm.Summary) string { return c.Ends[side].String() }
	}
	state := func(side fsm.Side) func(c *fsm.Summary) string {
		return func(c *fsm.Summary) string { return stateText(c, side) }
	}
	unusual := func(width int) column {
		return column{"anomalies", width, false, byAnomalies, func(c *fsm.Summary) string { return anomalyText(c, width, in, g) }}
	}
	all := [columnCount]column{
		numberColumn:      {"#", max(len(countText(uint64(l.conns.Len()))), 3), true, byNumber, func(c *fsm.Summary) string { return countText(uint64(c.ID)) }},
		clientColumn:      {"client", address, false, noOrder, end(fsm.Client)},
		serverColumn:      {"server", address, false, noOrder, end(fsm.Server)},
		clientStateColumn: {"client is", 13, false, noOrder, state(fsm.Client)},
		serverStateColumn: {"server is", 13, false, noOrder, state(fsm.Server)},
		outcomeColumn:     {"outcome", 8, false, byOutcome, func(c *fsm.Summary) string { return c.Outcome.String() }},
		timeColumn:        {"time", 11, true, byTime, l.sinceFirst},
		durationColumn:    {"duration", 9, true, byDuration, func(c *fsm.Summary) string { return durationText(time.Duration(duration(c))) }},
		segmentsColumn:    {"segments", 9, true, bySegments, func(c *fsm.Summary) string { return countText(bySegments.key(c)) }},
		bytesColumn:       {"bytes", 9, true, byBytes, func(c *fsm.Summary) string { return sizeText(byBytes.key(c)) }},
		anomaliesColumn:   unusual(15),
		seenColumn:        {"seen", 22, false, noOrder, func(c *fsm.Summary) string { return in.Text(completeness(int(c.Completeness))) }},
	}
	if width < wideList {
		return all
	}
	all[timeColumn] = column{"time (UTC)", 15, true, byTime, timeOfDay}
	all[segmentsColumn] = column{"segments", 15, true, bySegments, func(c *fsm.Summary) string {
		return countText(uint64(c.Segments[fsm.Client])) + " + " + countText(uint64(c.Segments[fsm.Server]))
	}}
	all[bytesColumn] = column{"bytes", 17, true, byBytes, func(c *fsm.Summary) string {
		return sizeText(c.Bytes[fsm.Client]) + " + " + sizeText(c.Bytes[fsm.Server])
	}}
	all[anomaliesColumn] = unusual(26)
	return all
}

// columns gives the columns for a list of that width. The one that the list is
// ordered by is always among them; addresses get what is left.
func (l *connList) columns(width int, in lang.Language, g *glyphs) []column {
	all := l.allColumns(width, in, g)
	var shown [columnCount]bool
	rest := width - 2 + 1 // before them the cursor and a space, after the last one nothing
	take := func(columns ...int) {
		need := 0
		for _, i := range columns {
			if !shown[i] {
				need += all[i].width + 1
			}
		}
		if need > rest {
			return
		}
		rest -= need
		for _, i := range columns {
			shown[i] = true
		}
	}
	widen := func(most int) {
		more := min(rest/2, most-all[clientColumn].width)
		all[clientColumn].width += more
		all[serverColumn].width += more
		rest -= 2 * more
	}
	take(numberColumn, clientColumn, serverColumn)
	for i := range all {
		if all[i].by == l.by {
			take(i)
		}
	}
	// What tells most comes first.
	take(clientStateColumn, serverStateColumn)
	for _, i := range []int{outcomeColumn, durationColumn, bytesColumn, anomaliesColumn} {
		take(i)
	}
	widen(fullAddress)
	for _, i := range []int{timeColumn, segmentsColumn, seenColumn} {
		take(i)
	}
	widen(mostAddress)
	var columns []column
	for i, c := range all {
		if shown[i] {
			columns = append(columns, c)
		}
	}
	return columns
}

// stateText gives the state that a side is in; one that is only assumed has a question mark.
func stateText(c *fsm.Summary, side fsm.Side) string {
	if c.Basis[side] == fsm.Assumed {
		return c.State[side].String() + "?"
	}
	return c.State[side].String()
}

// sinceFirst gives when the connection began, counted from the first one, in seconds.
func (l *connList) sinceFirst(c *fsm.Summary) string {
	first := l.conns.At(1).Start
	if c.Start == 0 || first == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(c.Start-first)/1e9, 'f', 3, 64)
}

// timeOfDay gives when the connection began.
func timeOfDay(c *fsm.Summary) string {
	if c.Start == 0 {
		return ""
	}
	return story.Moment(c.Start).Format("15:04:05.000000")
}

// anomalies gives how many anomalies were found in a connection, and the one that
// says most, with how many there are of it. A fast or a spurious retransmission is
// counted as a retransmission too; here it counts once.
func anomalies(c *fsm.Summary) (total int, name string, n int) {
	for each, count := range c.Anomalies.All() {
		if name == "" {
			name, n = each, count
		}
		if each != "fast_retransmission" && each != "spurious_retransmission" {
			total += count
		}
	}
	return total, name, n
}

// anomalyText tells the anomalies of a connection in so many columns: the one that
// says most, and how many others there are.
func anomalyText(c *fsm.Summary, width int, l lang.Language, g *glyphs) string {
	total, name, n := anomalies(c)
	if total == 0 {
		return ""
	}
	tail := ""
	if n > 1 {
		tail = " " + string(g.times) + countText(uint64(n))
	}
	if total > n {
		tail += " +" + countText(uint64(total-n))
	}
	return cutTo(story.AnomalyWords(name, l), width-textWidth(tail), g.ellipsis) + tail
}

// completeness says in words what Wireshark's tcp.completeness number says.
func completeness(n int) string {
	const syn, synAck, ack, data, fin, rst = 1, 2, 4, 8, 16, 32
	opened := n&(syn|synAck|ack) == syn|synAck|ack
	switch {
	case opened && n&(fin|rst) != 0 && n&data != 0:
		return "whole, with data"
	case opened && n&(fin|rst) != 0:
		return "whole, no data"
	case opened && n&data != 0:
		return "open, with data"
	case opened:
		return "open, no data"
	case n == syn:
		return "a SYN only"
	case n&syn != 0:
		return "handshake not complete"
	}
	return "in part"
}

// outcomeWords says what an outcome's code means.
func outcomeWords(o fsm.Outcome) string {
	switch o {
	case fsm.S0:
		return "a SYN, and no answer"
	case fsm.S1:
		return "established, not closed"
	case fsm.SF:
		return "established, and closed by both"
	case fsm.REJ:
		return "refused"
	case fsm.S2:
		return "established, closed by the client only"
	case fsm.S3:
		return "established, closed by the server only"
	case fsm.RSTO:
		return "established, reset by the client"
	case fsm.RSTR:
		return "reset by the server"
	case fsm.RSTOS0:
		return "a SYN, then an RST by the client, and no answer"
	case fsm.RSTRH:
		return "a SYN-ACK, then an RST by the server; no SYN was seen"
	case fsm.SH:
		return "a SYN, then a FIN by the client, and no answer"
	case fsm.SHR:
		return "a SYN-ACK, then a FIN by the server; no SYN was seen"
	}
	return "none of the usual courses: its beginning was not seen"
}

// countText writes a number with commas between thousands.
func countText(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// sizeText writes a number of bytes, exactly as long as it is short.
func sizeText(n uint64) string {
	if n < 100_000 {
		return countText(n)
	}
	size, unit := float64(n)/1000, 0
	for size >= 999.5 && unit < len(sizeUnits)-1 {
		size, unit = size/1000, unit+1
	}
	decimals := 0
	if size < 9.995 {
		decimals = 2
	} else if size < 99.95 {
		decimals = 1
	}
	return strconv.FormatFloat(size, 'f', decimals, 64) + " " + sizeUnits[unit:unit+1] + "B"
}

// sizeUnits are the letters of thousands of bytes, millions, and so on.
const sizeUnits = "kMGTPE"
