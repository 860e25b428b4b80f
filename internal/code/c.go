package code

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"tcpviz/internal/lesson"
)

// beginC writes what stands before the calls of a program in C.
func (w *writer) beginC() {
	for _, text := range w.heading() {
		w.comment("", text)
	}
	w.fill(w.includes())
	w.line("")
	w.comment("", w.in.Text("check tells what a call gave; an error ends the program."))
	w.line(`static int check(const char *call, int result)
{
    if (result == -1) {
        perror(call);
        exit(1);
    }
    printf("%s = %d\n", call, result);
    return result;
}
`)
	if w.pauses() {
		w.line(`static void wait_for_enter(const char *prompt)
{
    int key;

    printf("%s", prompt);
    do
        key = getchar();
    while (key != '\n' && key != EOF);
}
`)
	}
	w.line("int main(void)\n{")
	w.fill(w.variablesC())
	w.comment("    ", w.in.Text("Each line is written at once, into a pipe too."))
	w.line("    setvbuf(stdout, NULL, _IONBF, 0);")
	if w.any(func(c lesson.Call) bool { errno, _ := fails(c); return errno == "EPIPE" }) {
		w.comment("    ", w.in.Text("Without this the signal would end the program where EPIPE is to be seen."))
		w.line("    signal(SIGPIPE, SIG_IGN);")
	}
}

// includes are the headers that the program needs.
func (w *writer) includes() []string {
	has := func(like func(c lesson.Call) bool, header string) string {
		if w.any(like) {
			return header
		}
		return ""
	}
	var all []string
	for _, header := range []string{
		"arpa/inet.h",
		has(func(c lesson.Call) bool { _, wanted := fails(c); return wanted }, "errno.h"),
		"netinet/in.h",
		has(func(c lesson.Call) bool { return strings.HasPrefix(c.Option, "TCP_") }, "netinet/tcp.h"),
		has(func(c lesson.Call) bool { errno, _ := fails(c); return errno == "EPIPE" }, "signal.h"),
		"stdio.h", "stdlib.h",
		has(func(c lesson.Call) bool { _, times := repeated(c.Data); return times > 0 }, "string.h"),
		"sys/socket.h",
		has(func(c lesson.Call) bool { return strings.HasSuffix(c.Option, "TIMEO") }, "sys/time.h"),
		"unistd.h",
	} {
		if header != "" {
			all = append(all, "#include <"+header+">")
		}
	}
	return all
}

// variablesC are the declarations at the beginning of main, and what fills them.
func (w *writer) variablesC() []string {
	var declare, fill []string
	done := make(map[netip.AddrPort]bool)
	for _, n := range w.calls {
		a := n.call.Addr
		if v, known := w.addresses[a]; known && !done[a] {
			done[a] = true
			kind, short, family := "sockaddr_in", "sin", "AF_INET"
			if a.Addr().Is6() {
				kind, short, family = "sockaddr_in6", "sin6", "AF_INET6"
			}
			declare = append(declare, fmt.Sprintf("    struct %s %s = {.%s_family = %s, .%s_port = htons(%d)};", kind, v, short, family, short, a.Port()))
			fill = append(fill, fmt.Sprintf(`    inet_pton(%s, "%s", &%s.%s_addr);`, family, a.Addr(), v, short))
		}
		unit, times := repeated(n.call.Data)
		if data := string(n.call.Data); times > 0 && w.filled[data] == "" {
			v := "filled" + strconv.Itoa(len(w.filled)+1)
			w.filled[data] = v
			declare = append(declare, fmt.Sprintf("    static char %s[%d];", v, len(data)))
			if len(unit) == 1 {
				char := strings.Trim(w.literal(unit), `"`)
				if char == `'` || char == "" {
					char = `\` + strings.TrimPrefix(w.literal(unit), `"`)[:1]
				}
				fill = append(fill, fmt.Sprintf("    memset(%s, '%s', sizeof %s);", v, char, v))
			} else {
				fill = append(fill, fmt.Sprintf("    for (size_t i = 0; i < sizeof %s; i += %d)\n        memcpy(%s + i, %s, %d);", v, len(unit), v, w.literal(unit), len(unit)))
			}
		}
	}
	if w.makesCall(lesson.Recv) {
		kind, most := "", w.largest()
		if most > 1<<16 { // too much for the stack
			kind = "static "
		}
		declare = append(declare, fmt.Sprintf("    %schar buffer[%d];", kind, most))
	}
	if w.makesCall(lesson.GetSockName) || w.makesCall(lesson.GetPeerName) {
		declare = append(declare, "    char host[INET6_ADDRSTRLEN];", "    struct "+w.nameC()+" name;", "    socklen_t size = sizeof name;")
	}
	if w.any(func(c lesson.Call) bool { _, wanted := fails(c); return wanted || printed(c) }) {
		declare = append(declare, "    int n;")
	}
	if len(declare) > 0 {
		declare = append(declare, "")
	}
	return append(declare, fill...)
}

// nameC is the structure that holds the name of each of the program's sockets.
func (w *writer) nameC() string {
	if w.any(func(c lesson.Call) bool { return c.IPv6 }) {
		return "sockaddr_in6"
	}
	return "sockaddr_in"
}

// printed reports whether the octets that a recv gives are shown: where the lesson
// says what they are.
func printed(c lesson.Call) bool { return c.Want.HasData }

func (w *writer) callC(i int) {
	c := w.calls[i].call
	op, expression := string(c.Op), w.expression(i)
	if errno, wanted := fails(c); wanted {
		w.makes("    n = " + expression + ";")
		condition := "n == -1"
		if errno != "" {
			condition += " && errno == " + errno
		}
		w.line(fmt.Sprintf("    if (%s)\n        puts(\"%s = %s\");\n    else\n        check(\"%[2]s\", n);", condition, op, outcome(errno)))
		return
	}
	target := ""
	if s := w.sockets[i].gives; s >= 0 && w.used[s] {
		v := w.variables[s]
		if target = v + " = "; !w.declared[v] {
			target = "int " + target
		}
		w.declared[v] = true
	} else if printed(c) {
		target = "n = "
	}
	w.makes(fmt.Sprintf(`    %scheck("%s", %s);`, target, op, expression))
	switch {
	case printed(c):
		w.line(`    printf("  %.*s\n", n, buffer);`)
	case table(c.Op).gives == name && w.nameC() == "sockaddr_in":
		w.line("    inet_ntop(AF_INET, &name.sin_addr, host, sizeof host);\n" + `    printf("  %s:%d\n", host, ntohs(name.sin_port));`)
	case table(c.Op).gives == name:
		w.line("    inet_ntop(AF_INET6, &name.sin6_addr, host, sizeof host);\n" + `    printf("  %s:%d\n", host, ntohs(name.sin6_port));`)
	}
}
