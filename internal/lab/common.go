package lab

import (
	"slices"

	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
)

// currentOf gives the call that a program is in: the first of those issued that has
// not returned; nil when it is idle.
func currentOf(records []*record, program *program) *record {
	for _, r := range records {
		if r.program.Name == program.Name && r.returned.Load() == 0 && !r.gone {
			return r
		}
	}
	return nil
}

func programNamed(programs []*program, name string) *program {
	i := slices.IndexFunc(programs, func(p *program) bool { return p.Name == name })
	return programs[i]
}

// waitsForLimit reports whether the lesson states that the call ends for want of
// an event, so that nothing else may be done before.
func waitsForLimit(r *record) bool {
	return r.call.Want.Errno == "EAGAIN" || r.call.Want.Errno == "ETIMEDOUT"
}

// stuck says which program can never go on. r is the call that it is in.
func stuck(l lesson.Lesson, program *program, r *record, line int) error {
	if r == nil {
		r = program.last // it has returned just now, after all the time that it had
	}
	return lineError(l, line, "%s is still in %s() of line %d, %w", program.Name, r.call.Op, r.call.Line, ErrStuck)
}

// lineError is an error at a line of a lesson.
func lineError(l lesson.Lesson, line int, format string, args ...any) error {
	return lang.Errorf("lab: lesson %s line %d: %w", l.ID, line, lang.Errorf(format, args...))
}
