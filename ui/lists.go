package ui

// listKind says which list is open.
type listKind int

// The lists.
const (
	noList listKind = iota
	lessonList
	connectionList
)

// list is the open list; where its kind is lessonList also the place in it.
type list struct {
	kind   listKind
	cursor int
	top    int // first item that is shown
}

// listLayout says where a list's items were drawn.
type listLayout struct {
	area  rect
	lines int
	top   int
}

// rowAt gives the item at x, y of the screen.
func (l listLayout) rowAt(x, y, length int) (int, bool) {
	i := l.top + y - l.area.y
	return i, l.area.has(x, y) && i < length
}

// fit keeps the cursor in the list.
func (l *list) fit(length int) { l.cursor = max(min(l.cursor, length-1), 0) }

// window moves the part that is shown so that the cursor is in it.
func (l *list) window(lines int) {
	l.top = max(min(l.top, l.cursor), l.cursor-lines+1, 0)
}

func (d *dashboard) openList(kind listKind) {
	d.list = list{kind: kind}
	switch kind {
	case connectionList:
		d.conns.refresh(true)
		d.conns.find(d.view.Conn)
	case lessonList:
		for i, lesson := range d.options.Lessons {
			if d.story != nil && lesson.ID == d.story.Meta.Lesson {
				d.list.cursor = i
			}
		}
		d.list.fit(d.listLength())
	}
}

// closeList goes back to the story.
func (d *dashboard) closeList() {
	d.list.kind = noList
	if d.unbegun {
		d.unbegun = false
		if d.story.Only == 0 && d.conns.at > 0 {
			d.take(d.conns.at)
		}
		d.begin()
	}
}

// listLength is the number of items of the open list.
func (d *dashboard) listLength() int {
	switch {
	case d.list.kind == lessonList:
		return len(d.options.Lessons)
	case d.list.kind == connectionList && d.story != nil:
		return d.conns.len()
	}
	return 0
}

// moveList moves the cursor of the open list by n items.
func (d *dashboard) moveList(n int) {
	if d.list.kind == connectionList {
		d.conns.move(n)
		return
	}
	d.list.cursor += n
	d.list.fit(d.listLength())
}

// page is the number of items of the open list that are seen at once.
func (d *dashboard) page() int {
	if d.list.kind == connectionList {
		return max(d.connLay.rows.h, 1)
	}
	return max(d.listLay.lines, 1)
}

// pick chooses the item under the cursor.
func (d *dashboard) pick() {
	if d.list.kind == connectionList {
		d.openConnection(d.conns.at)
		return
	}
	i := d.list.cursor
	if i >= d.listLength() {
		return
	}
	d.playLesson(d.options.Lessons[i].ID)
}

// drawList draws the open list over everything between title and footer.
func (d *dashboard) drawList(c canvas) {
	if d.list.kind == lessonList {
		d.drawLessons(c, &d.theme)
	} else {
		d.drawConnections(c)
	}
}

// clickList is a click on the open list.
func (d *dashboard) clickList(x, y int) {
	if d.list.kind == connectionList {
		d.clickConnections(x, y)
		return
	}
	if i, ok := d.listLay.rowAt(x, y, d.listLength()); ok {
		if d.list.cursor == i {
			d.pick()
		}
		d.list.cursor = i
	}
}

// drawLessons draws the lessons, and what the one under the cursor is about.
func (d *dashboard) drawLessons(c canvas, t *theme) {
	heading(c, 0, c.w, d.options.Lang.Text("lessons"), t)
	about := 4
	lines := max(c.h-2-about, 1)
	d.list.window(lines)
	d.listLay = listLayout{area: rect{c.x, c.y + 1, c.w, lines}, lines: lines, top: d.list.top}
	idWidth := 0
	for _, lesson := range d.options.Lessons {
		idWidth = max(idWidth, textWidth(lesson.ID))
	}
	for y := range lines {
		i := d.list.top + y
		if i >= len(d.options.Lessons) {
			break
		}
		lesson := &d.options.Lessons[i]
		title, id := t.base, t.dim
		if i == d.list.cursor {
			title, id = t.selected, t.selected
			c.fill(0, y+1, c.w, ' ', t.selected)
			c.set(1, y+1, t.cursor, t.selected)
		}
		c.text(3, y+1, lesson.ID, id)
		c.text(3+idWidth+2, y+1, lesson.Title.In(d.options.Lang), title)
	}
	if d.list.top > 0 {
		c.set(c.w-1, 1, t.up, t.accent)
	}
	if d.list.top+lines < d.listLength() {
		c.set(c.w-1, lines, t.down, t.accent)
	}
	rule(c, 0, c.h-about-1, c.w, t)
	if d.list.cursor < len(d.options.Lessons) {
		summary := wrap(d.options.Lessons[d.list.cursor].Summary.In(d.options.Lang), c.w-2)
		for i, line := range summary {
			if i < about {
				c.text(1, c.h-about+i, line, t.base)
			}
		}
	}
}
