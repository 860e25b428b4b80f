package main

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"tcpviz/internal/lab"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
)

// disturbances say which segments of a lesson are to be disturbed, by their
// numbers on the wire: the frame numbers that the story shows.
type disturbances struct {
	drop, duplicate, swap []int
}

func (d *disturbances) addFlags(flags *pflag.FlagSet, l lang.Language) {
	flags.IntSliceVar(&d.drop, "drop", nil, l.Text("wire, sim: drop the `N`-th segment (the flag can be repeated)"))
	flags.IntSliceVar(&d.duplicate, "duplicate", nil, l.Text("wire, sim: let the `N`-th segment arrive twice"))
	flags.IntSliceVar(&d.swap, "swap", nil, l.Text("wire, sim: let the `N`-th segment arrive after the next of its direction"))
}

// acts gives what is done to which segment.
func (d *disturbances) acts() map[int]lab.Act {
	acts := make(map[int]lab.Act)
	for _, n := range d.swap {
		acts[n] = lab.Swap
	}
	for _, n := range d.duplicate {
		acts[n] = lab.Duplicate
	}
	for _, n := range d.drop {
		acts[n] = lab.Drop
	}
	return acts
}

// segments lists the segments that are to be disturbed, in order.
func (d *disturbances) segments() []int {
	all := slices.Concat(d.drop, d.duplicate, d.swap)
	slices.Sort(all)
	return all
}

// flag names the first of the flags that was given, "" when none was.
func (d *disturbances) flag() string {
	switch {
	case len(d.drop) > 0:
		return "--drop"
	case len(d.duplicate) > 0:
		return "--duplicate"
	case len(d.swap) > 0:
		return "--swap"
	}
	return ""
}

// check wants a stage whose wire is held, numbers of segments, and one thing to be
// done to each of them.
func (d *disturbances) check(stage string) error {
	flag := d.flag()
	if flag == "" {
		return nil
	}
	if stage != lab.Wire && stage != lab.Sim {
		return usagef("%s needs --stage wire or --stage sim: on loopback nobody holds the wire", flag)
	}
	all := d.segments()
	if all[0] < 1 {
		return usagef("segments are numbered from 1: there is no segment %d", all[0])
	}
	for i, n := range all[1:] {
		if n == all[i] {
			return usagef("segment %d is named twice: one thing can be done to it", n)
		}
	}
	return nil
}

// verdict does to the named segments of the lesson that was asked for what was
// asked for, and to the others what the lesson says; nil when none is named. Each is
// judged once.
func (d *demo) verdict(l lesson.Lesson) func(context.Context, lab.Packet) lab.Verdict {
	acts := d.acts()
	if len(acts) == 0 || l.ID != d.lesson.ID {
		return nil
	}
	return func(_ context.Context, p lab.Packet) lab.Verdict {
		act, named := acts[p.Frame.Number]
		if !named {
			return p.Lesson
		}
		delete(acts, p.Frame.Number)
		return lab.Verdict{Act: act, ByUser: true}
	}
}

// missed tells that segments which were to be disturbed were never sent; nil when
// all were. frames is how many segments the lesson had.
func (d *demo) missed(l lesson.Lesson, frames int) error {
	if l.ID != d.lesson.ID {
		return nil
	}
	var never []string
	for _, n := range d.segments() {
		if n > frames {
			never = append(never, strconv.Itoa(n))
		}
	}
	if len(never) == 0 {
		return nil
	}
	return lang.Errorf("%s: there was no segment %s: the lesson %s had %d", d.flag(), strings.Join(never, ", "), l.ID, frames)
}
