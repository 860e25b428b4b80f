package code

import (
	"net/netip"
	"strconv"

	"tcpviz/internal/lesson"
)

// bound are a call's sockets: the one that it works on and the one that it gives, as
// numbers of the program's sockets from 0; -1 for none.
type bound struct{ on, gives int }

// reserved tells the words that a language has taken, or that the listings use.
func (l Language) reserved(word string) bool {
	switch word {
	// The listings' own, and those that two languages share.
	case "n", "check", "show", "data", "buffer", "name", "name6", "size", "text", "host", "port", "peer", "sent", "main",
		"if", "else", "for", "while", "do", "switch", "case", "default", "break", "continue", "return", "goto", "const",
		"struct", "int", "char", "long", "float", "print", "printf", "exit", "import", "try", "this":
		return true
	// What the listings call and include.
	case "socket", "bind", "listen", "accept", "connect", "send", "recv", "shutdown", "close", "setsockopt", "getsockname",
		"getpeername", "errno", "error", "err", "syscall", "fmt", "log", "bytes", "sys", "input", "len", "make", "append",
		"stdout", "stdin", "stderr", "memset", "htons", "ntohs", "inet_pton", "inet_ntop", "puts", "perror", "signal",
		"getchar", "setvbuf", "byte", "string", "bool", "true", "false", "nil", "uint", "iota", "cap", "copy", "new", "panic",
		"unix", "linux", "read", "write", "wait_for_enter", "waitForEnter", "True", "False", "None", "OSError":
		return true
	case "auto", "double", "enum", "extern", "inline", "register", "restrict", "short", "signed", "sizeof", "static",
		"typedef", "union", "unsigned", "void", "volatile", "NULL", "EOF":
		return l == C
	case "and", "as", "assert", "async", "await", "class", "def", "del", "elif", "except", "finally", "from", "global",
		"in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "with", "yield":
		return l == Python
	case "chan", "defer", "fallthrough", "func", "go", "interface", "map", "package", "range", "select", "type", "var", "_", "init":
		return l == Go
	}
	return l == C && len(word) > 0 && word[0] == '_'
}

// nameSockets gives each of the program's sockets a variable: the lesson's name for
// it, with a number where that one is still open under the same name.
func (w *writer) nameSockets() {
	type holder struct {
		socket int
		open   bool
	}
	now := make(map[string]holder) // by the lesson's name
	kept := make(map[string]bool)  // variables of sockets that are open, and of no lesson's name any more
	for i, n := range w.calls {
		if w.isReboot(i) {
			for _, h := range now {
				kept[w.variables[h.socket]] = true
			}
			clear(now)
		}
		b := bound{-1, -1}
		c := n.call
		if h, ok := now[c.Socket]; ok && c.Op != lesson.Socket {
			b.on = h.socket
			w.used[h.socket] = true
			if c.Op == lesson.Close {
				h.open = false
				now[c.Socket] = h
			}
		}
		if c.Assign != "" {
			if h, ok := now[c.Assign]; ok && h.open {
				kept[w.variables[h.socket]] = true
			}
			b.gives = len(w.variables)
			w.variables = append(w.variables, w.fresh(c.Assign, kept))
			w.used = append(w.used, false)
			now[c.Assign] = holder{b.gives, true}
		}
		w.sockets = append(w.sockets, b)
	}
}

// fresh gives a variable for a socket of that name.
func (w *writer) fresh(name string, kept map[string]bool) string {
	for w.language.reserved(name) {
		name += "_"
	}
	fresh := name
	for n := 2; kept[fresh]; n++ {
		fresh = name + strconv.Itoa(n)
	}
	return fresh
}

// variable writes a socket's variable.
func (w *writer) variable(socket int) string {
	if socket < 0 { // the call that should have given it was to fail
		if w.language == PHP {
			return "null"
		}
		return "-1"
	}
	if w.language == PHP {
		return "$" + w.variables[socket]
	}
	return w.variables[socket]
}

// nameAddresses gives the addresses variables, for the languages that need them.
func (w *writer) nameAddresses() {
	taken := make(map[string]bool)
	for _, v := range w.variables {
		taken[v] = true
	}
	for _, n := range w.calls {
		a := n.call.Addr
		if _, known := w.addresses[a]; known || a == (netip.AddrPort{}) {
			continue
		}
		name := "addr"
		for i := 2; taken[name]; i++ {
			name = "addr" + strconv.Itoa(i)
		}
		taken[name] = true
		w.addresses[a] = name
	}
}
