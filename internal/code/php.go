package code

import (
	"fmt"

	"tcpviz/internal/lesson"
)

// beginPHP writes what stands before the calls of a program in PHP.
func (w *writer) beginPHP() {
	w.line("<?php")
	for _, text := range w.heading() {
		w.comment("", text)
	}
	w.line("")
	w.comment("", w.in.Text("check tells what a call gave; an error ends the program."))
	w.line(`function check($call, $result)
{
    if ($result === false) {
        fwrite(STDERR, "$call: " . socket_strerror(socket_last_error()) . "\n");
        exit(1);
    }
    echo $call, ' = ', is_int($result) ? $result : 'ok', "\n";
    return $result;
}
`)
}

func (w *writer) callPHP(i int) {
	c := w.calls[i].call
	expression := w.expression(i)
	if errno, wanted := fails(c); wanted {
		w.makes("$n = @" + expression + ";")
		condition := "$n === false"
		if errno != "" {
			condition += " && socket_last_error() === SOCKET_" + errno
		}
		w.line(fmt.Sprintf("if (%s) {\n    echo \"%s = %s\\n\";\n} else {\n    check('%[2]s', $n);\n}", condition, c.Op, outcome(errno)))
		return
	}
	target := ""
	if s := w.sockets[i].gives; s >= 0 {
		target = "$" + w.variables[s] + " = "
	}
	if c.Op == lesson.Close { // it gives nothing
		w.makes(expression + ";")
		w.line(`echo "close = ok\n";`)
		return
	}
	w.makes(fmt.Sprintf("%scheck('%s', %s);", target, c.Op, expression))
	switch {
	case printed(c):
		w.line(`echo "  $data\n";`)
	case table(c.Op).gives == name:
		w.line(`echo "  $host:$port\n";`)
	}
}
