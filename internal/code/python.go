package code

import (
	"fmt"
	"strings"

	"tcpviz/internal/lesson"
)

// beginPython writes what stands before the calls of a program in Python.
func (w *writer) beginPython() {
	for _, text := range w.heading() {
		w.comment("", text)
	}
	if w.any(func(c lesson.Call) bool {
		errno, wanted := fails(c)
		return wanted && errno != "" && exception(errno) == ""
	}) {
		w.line("import errno")
	}
	w.line("import socket")
	if w.any(func(c lesson.Call) bool { return c.Option == "SO_LINGER" || strings.HasSuffix(c.Option, "TIMEO") }) {
		w.line("import struct")
	}
	w.line("\n")
	w.line(`def show(call, result=0):
    print(call, "=", result, flush=True)

`)
}

// exception is the name of the exception that Python has for an error, "" for those
// that it has no name for.
func exception(errno string) string {
	switch errno {
	case "ECONNREFUSED":
		return "ConnectionRefusedError"
	case "ECONNRESET":
		return "ConnectionResetError"
	case "ECONNABORTED":
		return "ConnectionAbortedError"
	case "EPIPE":
		return "BrokenPipeError"
	case "ETIMEDOUT":
		return "TimeoutError"
	case "EAGAIN", "EWOULDBLOCK", "EINPROGRESS", "EALREADY":
		return "BlockingIOError"
	}
	return ""
}

func (w *writer) callPython(i int) {
	c := w.calls[i].call
	target, result := "", ""
	switch table(c.Op).gives {
	case descriptor:
		v := "fresh"
		if s := w.sockets[i].gives; s >= 0 {
			v = w.variables[s]
		}
		target, result = v+" = ", ", "+v+".fileno()"
		if c.Op == lesson.Accept {
			target = v + ", peer = "
		}
	case count:
		target, result = "sent = ", ", sent"
	case octets:
		target, result = "data = ", ", len(data)"
		if printed(c) {
			result = ", data"
		}
	case name:
		target, result = "name = ", ", name"
	}
	makes := target + w.expression(i)
	told := fmt.Sprintf(`show("%s"%s)`, c.Op, result)
	errno, wanted := fails(c)
	if !wanted {
		w.makes(makes)
		w.line(told)
		return
	}
	w.line("try:")
	w.makes("    " + makes)
	w.line("    " + told)
	failed := fmt.Sprintf(`    show("%s", "%s")`, c.Op, outcome(errno))
	switch kind := exception(errno); {
	case kind != "":
		w.line("except " + kind + ":\n" + failed)
	case errno == "":
		w.line("except OSError:\n" + failed)
	default:
		w.line("except OSError as error:\n    if error.errno != errno." + errno + ":\n        raise\n" + failed)
	}
}
