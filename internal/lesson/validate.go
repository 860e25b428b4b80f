package lesson

import (
	"regexp"
	"time"

	"tcpviz/internal/lang"
)

var (
	idPattern      = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	programPattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,15}$`)
)

// Validate tells what is wrong with a lesson: a program that is not declared, a
// descriptor that no call gave, too much of anything. The error is an [*Error]
// without a file name.
func (l Lesson) Validate() error {
	wrong := func(line int, format string, args ...any) error {
		return &Error{File: l.ID, Line: line, Err: lang.Errorf(format, args...)}
	}
	switch {
	case l.ID == "":
		return wrong(0, "the id is missing")
	case len(l.ID) > 40 || !idPattern.MatchString(l.ID):
		return wrong(0, "the id %q must be lower-case letters, digits and hyphens", shorten(l.ID))
	case l.Title.EN == "" && l.Title.ZH == "":
		return wrong(0, "the title is missing")
	case len(l.Programs) == 0:
		return wrong(0, "programs are missing (programs: {server: server, client: client})")
	case len(l.Programs) > maxPrograms:
		return wrong(0, "%d programs are too many (at most %d)", len(l.Programs), maxPrograms)
	case len(l.Steps) == 0:
		return wrong(0, "steps are missing")
	case len(l.Steps) > maxSteps:
		return wrong(0, "%d steps are too many (at most %d)", len(l.Steps), maxSteps)
	case l.Retry < 0 || l.Retry > maxRetry:
		return wrong(0, "retry must be a number from 0 to %d", maxRetry)
	}
	names := make(map[string]descriptors)
	for _, p := range l.Programs {
		switch p.Name {
		case "say", "then", "together", "wire", "reboot":
			return wrong(0, "no program can be named %q", p.Name)
		}
		if !programPattern.MatchString(p.Name) {
			return wrong(0, "the program's name %q must be a letter and then at most 15 letters, digits or underscores", shorten(p.Name))
		}
		names[p.Name] = make(descriptors)
	}
	if err := l.validateStages(); err != nil {
		return wrong(0, "%w", err)
	}
	holds, waits := false, time.Duration(0)
	for _, s := range l.Steps {
		if len(s.Wire) > maxWireActs || len(s.Reboot) > maxWireActs {
			return wrong(s.Line, "%d acts on the wire and %d reboots in one step are too many (at most %d)", len(s.Wire), len(s.Reboot), maxWireActs)
		}
		for _, w := range s.Wire {
			if err := w.validate(holds); err != nil {
				return wrong(w.Line, "wire: %w", err)
			}
			holds = holds || w.leavesSomething()
			if !w.Pause {
				continue
			}
			if waits += w.For; waits > maxWait {
				return wrong(w.Line, "wire: the lesson waits for more than %s in all", timeText(maxWait))
			}
		}
		if err := l.validateStep(s, names); err != nil {
			return err
		}
	}
	return nil
}

func (l Lesson) validateStep(s Step, names map[string]descriptors) error {
	seen := make(map[string]bool)
	for _, side := range s.Reboot {
		for _, p := range l.Programs {
			if p.Side == side { // it begins anew, without a descriptor
				names[p.Name] = make(descriptors)
			}
		}
	}
	for _, a := range s.Acts {
		held, known := names[a.Program]
		switch {
		case !known:
			return &Error{File: l.ID, Line: s.Line, Err: lang.Errorf("unknown program %q", shorten(a.Program))}
		case seen[a.Program]:
			return &Error{File: l.ID, Line: s.Line, Err: lang.Errorf("%s stands twice in together: one program makes one call at a time", a.Program)}
		case len(a.Calls) > maxThen:
			return &Error{File: l.ID, Line: s.Line, Err: lang.Errorf("%d calls in one step are too many (at most %d)", len(a.Calls), maxThen)}
		}
		seen[a.Program] = true
		for _, c := range a.Calls {
			if err := held.use(c); err != nil {
				return &Error{File: l.ID, Line: c.Line, Err: lang.Errorf("%s: %w", a.Program, err)}
			}
		}
	}
	return nil
}

// descriptors are the names that one program has given to descriptors, each
// with whether its socket speaks IPv6.
type descriptors map[string]bool

// use checks that a call works on a descriptor that the program has got.
func (d descriptors) use(c Call) error {
	ipv6 := c.IPv6
	if c.Op != Socket {
		var known bool
		if ipv6, known = d[c.Socket]; !known {
			return lang.Errorf("no call has given a descriptor named %q", shorten(c.Socket))
		}
	}
	if c.Addr.IsValid() && c.Addr.Addr().Is6() != ipv6 {
		if ipv6 {
			return lang.Errorf("an AF_INET6 socket needs an IPv6 address (such as [::1]:10008)")
		}
		return lang.Errorf("an IPv6 address needs an IPv6 socket: %s = socket(AF_INET6)", c.Socket)
	}
	if c.Assign != "" {
		d[c.Assign] = ipv6
	}
	return nil
}
