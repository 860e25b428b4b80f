package ui

// ladderLayout says where the parts of a ladder stand on a canvas, and which of
// its rows are on it. The columns are a function of the width alone.
type ladderLayout struct {
	width, height int
	lane          int // first column of the client's lane; left of it the marker and the time
	timed         bool
	left, right   int // columns of the two lifelines
	body          int // first line of the rows
	top, bottom   int // rows of the ladder on the first and the last line
	folded        bool
	rows          []ladderRow
	at            int
}

const (
	timeWidth     = 9 // "12.34 ms "
	widestChannel = 92
	widestLane    = 62
)

// layLadder gives the columns for a canvas of that size, without rows.
func layLadder(width, height int) ladderLayout {
	l := ladderLayout{width: width, height: height, lane: 2, body: 1}
	if width >= 120 {
		l.timed, l.lane = true, 2+timeWidth
	}
	// A label such as "SYN ACK seq=0 ack=1" must fit between the lifelines at 80
	// columns; wider screens give four of ten further columns to what flows there.
	channel := min(max(28+(width-80)*4/10, 16), widestChannel)
	rest := width - l.lane - channel - 2
	side := min(max(rest/2, 0), widestLane)
	l.lane += (rest - 2*side) / 2 // very wide: in the middle
	l.left = l.lane + side
	l.right = l.left + channel + 1
	return l
}

// show puts the rows up to bottom on the lines there are, newest last.
func (l ladderLayout) show(rows []ladderRow, bottom, at int) ladderLayout {
	l.rows, l.at = rows, at
	lines := max(l.height-l.body, 0)
	l.top, l.bottom = 0, bottom
	if bottom+1 > lines {
		l.folded = true
		l.body++
		l.top = bottom + 1 - max(lines-1, 0)
	}
	return l
}

// channel is the number of columns between the lifelines.
func (l *ladderLayout) channel() int { return l.right - l.left - 1 }

// line gives the line of the canvas on which the row of the ladder stands.
func (l *ladderLayout) line(row int) int { return l.body + row - l.top }

// rowAt gives the index of the view's row that stands on line y of the canvas: the
// last one that has happened where several share the line.
func (l ladderLayout) rowAt(y int) (rowIndex int, ok bool) {
	r := l.top + y - l.body
	if y < l.body || y >= l.height || r < l.top || r > l.bottom || r >= len(l.rows) {
		return 0, false
	}
	i := min(int(l.rows[r].last), l.at)
	return i, i >= 0 || r == 0
}
