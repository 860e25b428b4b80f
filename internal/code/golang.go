package code

import (
	"fmt"
	"net/netip"
	"strings"

	"tcpviz/internal/lesson"
)

// beginGo writes what stands before the calls of a program in Go. Package syscall has
// the calls themselves; package net would make others of its own.
func (w *writer) beginGo() {
	for _, text := range w.heading() {
		w.comment("", text)
	}
	w.line("package main\n\nimport (")
	if w.any(func(c lesson.Call) bool { _, times := repeated(c.Data); return times > 0 }) {
		w.line("\t\"bytes\"")
	}
	w.line("\t\"fmt\"\n\t\"log\"\n\t\"syscall\"\n)\n")
	w.comment("", w.in.Text("check tells what a call gave; an error ends the program."))
	w.line(`func check(call string, result int, err error) {
	if err != nil {
		log.Fatalf("%s: %v", call, err)
	}
	fmt.Println(call, "=", result)
}
`)
	if w.pauses() {
		w.line(`func waitForEnter(prompt string) {
	fmt.Print(prompt)
	fmt.Scanln()
}
`)
	}
	w.line("func main() {")
	done := make(map[netip.AddrPort]bool)
	for _, n := range w.calls {
		a := n.call.Addr
		if v, known := w.addresses[a]; known && !done[a] {
			done[a] = true
			w.line(fmt.Sprintf("\t%s := &syscall.%s", v, sockaddrGo(a)))
		}
	}
	if w.makesCall(lesson.Recv) {
		w.line(fmt.Sprintf("\tbuffer := make([]byte, %d)", w.largest()))
	}
}

func sockaddrGo(a netip.AddrPort) string {
	octets := a.Addr().AsSlice()
	all := make([]string, len(octets))
	for i, o := range octets {
		all[i] = fmt.Sprint(o)
	}
	kind := "SockaddrInet4"
	if a.Addr().Is6() {
		kind = "SockaddrInet6"
	}
	return fmt.Sprintf("%s{Port: %d, Addr: [%d]byte{%s}}", kind, a.Port(), len(octets), strings.Join(all, ", "))
}

func (w *writer) callGo(i int) {
	c := w.calls[i].call
	targets, result := []string{"err"}, "0"
	switch table(c.Op).gives {
	case descriptor:
		v := "n"
		if s := w.sockets[i].gives; s >= 0 {
			v = w.variables[s]
		}
		targets, result = []string{v, "err"}, v
		if c.Op == lesson.Accept {
			targets = []string{v, "_", "err"}
		}
	case count:
		targets, result = []string{"n", "err"}, "n"
	case octets:
		targets, result = []string{"n", "_", "err"}, "n"
	case name:
		targets = []string{"name", "err"}
	}
	assign := " = "
	for _, v := range targets {
		if v != "_" && !w.declared[v] {
			w.declared[v] = true
			assign = " := "
		}
	}
	w.makes("\t" + strings.Join(targets, ", ") + assign + w.expression(i))
	told := fmt.Sprintf("check(\"%s\", %s, err)", c.Op, result)
	if errno, wanted := fails(c); wanted {
		condition := "err != nil"
		if errno != "" {
			condition = "err == syscall." + errno
		}
		w.line(fmt.Sprintf("\tif %s {\n\t\tfmt.Println(\"%s = %s\")\n\t} else {\n\t\t%s\n\t}", condition, c.Op, outcome(errno), told))
		return
	}
	w.line("\t" + told)
	switch {
	case printed(c):
		w.line("\tfmt.Printf(\"  %q\\n\", buffer[:n])")
	case table(c.Op).gives == name:
		kind := "SockaddrInet4"
		if w.any(func(c lesson.Call) bool { return c.IPv6 }) {
			kind = "SockaddrInet6"
		}
		w.line("\tfmt.Println(\"  port\", name.(*syscall." + kind + ").Port)")
	}
}
