package code

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"tcpviz/internal/lesson"
)

// gives is what a call gives its program.
type gives int

const (
	nothing gives = iota
	descriptor
	count
	octets
	name
)

// row is a call in the four languages: the expression that makes it, in the order of
// [Languages]. In braces stand its arguments:
//
//	{fd}      the variable of the socket
//	{family}  AF_INET or AF_INET6
//	{at}      the address, as the language passes it
//	{size}    listen's queue, or the most octets that recv takes
//	{data}    the octets to send; {length}: how many they are
//	{how}     the direction that shutdown ends
//	{set}     the arguments of setsockopt behind the socket
type row struct {
	gives gives
	make  [4]string
}

// table has each call.
func table(op lesson.Op) row {
	switch op {
	case lesson.Socket:
		return row{descriptor, [4]string{
			`socket({family}, SOCK_STREAM, 0)`,
			`socket.socket(socket.{family}, socket.SOCK_STREAM)`,
			`syscall.Socket(syscall.{family}, syscall.SOCK_STREAM, 0)`,
			`socket_create({family}, SOCK_STREAM, SOL_TCP)`,
		}}
	case lesson.Bind:
		return row{nothing, [4]string{`bind({fd}, {at})`, `{fd}.bind({at})`, `syscall.Bind({fd}, {at})`, `socket_bind({fd}, {at})`}}
	case lesson.Listen:
		return row{nothing, [4]string{`listen({fd}, {size})`, `{fd}.listen({size})`, `syscall.Listen({fd}, {size})`, `socket_listen({fd}, {size})`}}
	case lesson.Accept:
		return row{descriptor, [4]string{`accept({fd}, NULL, NULL)`, `{fd}.accept()`, `syscall.Accept({fd})`, `socket_accept({fd})`}}
	case lesson.Connect:
		return row{nothing, [4]string{`connect({fd}, {at})`, `{fd}.connect({at})`, `syscall.Connect({fd}, {at})`, `socket_connect({fd}, {at})`}}
	case lesson.Send:
		return row{count, [4]string{
			`send({fd}, {data}, {length}, 0)`,
			`{fd}.send({data})`,
			`syscall.SendmsgN({fd}, {data}, nil, nil, 0)`, // Sendto does not tell how many octets were taken
			`socket_send({fd}, {data}, {length}, 0)`,
		}}
	case lesson.Recv:
		return row{octets, [4]string{
			`recv({fd}, buffer, {size}, 0)`,
			`{fd}.recv({size})`,
			`syscall.Recvfrom({fd}, buffer[:{size}], 0)`,
			`socket_recv({fd}, $data, {size}, 0)`,
		}}
	case lesson.Shutdown:
		return row{nothing, [4]string{`shutdown({fd}, {how})`, `{fd}.shutdown({how})`, `syscall.Shutdown({fd}, {how})`, `socket_shutdown({fd}, {how})`}}
	case lesson.SetSockOpt:
		return row{nothing, [4]string{`setsockopt({fd}, {set})`, `{fd}.setsockopt({set})`, `syscall.{set}`, `socket_set_option({fd}, {set})`}}
	case lesson.GetSockName:
		return row{name, [4]string{
			`getsockname({fd}, (struct sockaddr *)&name, &size)`, `{fd}.getsockname()`,
			`syscall.Getsockname({fd})`, `socket_getsockname({fd}, $host, $port)`,
		}}
	case lesson.GetPeerName:
		return row{name, [4]string{
			`getpeername({fd}, (struct sockaddr *)&name, &size)`, `{fd}.getpeername()`,
			`syscall.Getpeername({fd})`, `socket_getpeername({fd}, $host, $port)`,
		}}
	case lesson.Close:
		return row{nothing, [4]string{`close({fd})`, `{fd}.close()`, `syscall.Close({fd})`, `socket_close({fd})`}}
	}
	return row{}
}

// expression makes the call.
func (w *writer) expression(i int) string {
	c, l := w.calls[i].call, w.language
	return strings.NewReplacer(
		"{fd}", w.variable(w.sockets[i].on),
		"{family}", family(c.IPv6),
		"{at}", w.at(c.Addr),
		"{size}", strconv.Itoa(c.Size),
		"{data}", w.octets(c.Data),
		"{length}", strconv.Itoa(len(c.Data)),
		"{how}", w.direction(c.How),
		"{set}", w.option(w.variable(w.sockets[i].on), c),
	).Replace(table(c.Op).make[l])
}

func family(ipv6 bool) string {
	if ipv6 {
		return "AF_INET6"
	}
	return "AF_INET"
}

// at writes an address where a call takes one; in C and Go it is a variable's.
func (w *writer) at(a netip.AddrPort) string {
	switch w.language {
	case C:
		v := w.addresses[a]
		return "(struct sockaddr *)&" + v + ", sizeof " + v
	case Go:
		return w.addresses[a]
	case Python:
		return fmt.Sprintf(`("%s", %d)`, a.Addr(), a.Port())
	}
	return fmt.Sprintf(`'%s', %d`, a.Addr(), a.Port())
}

// direction writes which direction shutdown ends.
func (w *writer) direction(how string) string {
	switch w.language {
	case Python:
		return "socket." + how
	case Go:
		return "syscall." + how
	case PHP: // it has no names for them
		return map[string]string{"SHUT_RD": "0", "SHUT_WR": "1", "SHUT_RDWR": "2"}[how] + " /* " + how + " */"
	}
	return how
}

// unnamed gives the number of an option of Linux that a language has no name for, 0
// where it has one.
func (l Language) unnamed(option string) int {
	switch {
	case l == Go && option == "SO_REUSEPORT":
		return 15
	case l == Go && option == "TCP_USER_TIMEOUT":
		return 18
	case l == PHP:
		return map[string]int{
			"TCP_MAXSEG": 2, "TCP_CORK": 3, "TCP_SYNCNT": 7, "TCP_LINGER2": 8, "TCP_QUICKACK": 12, "TCP_USER_TIMEOUT": 18,
		}[option]
	}
	return 0
}

// option writes the arguments of setsockopt behind the socket; in Go, which has a
// function for each kind of value, with the function.
func (w *writer) option(fd string, c lesson.Call) string {
	level := "SOL_SOCKET"
	if strings.HasPrefix(c.Option, "TCP_") {
		level = [...]string{"IPPROTO_TCP", "IPPROTO_TCP", "IPPROTO_TCP", "SOL_TCP"}[w.language]
	}
	option, prefix := c.Option, [...]string{"", "socket.", "syscall.", ""}[w.language]
	if n := w.language.unnamed(option); n != 0 {
		option = fmt.Sprintf("%d /* %s */", n, option)
	} else {
		option = prefix + option
	}
	set := prefix + level + ", " + option + ", "
	switch {
	case c.Option == "SO_LINGER":
		on := 0
		if c.Value.On {
			on = 1
		}
		return w.structure(fd, set, "linger", on, c.Value.Number)
	case strings.HasSuffix(c.Option, "TIMEO"):
		limit := c.Value.Time.Round(time.Microsecond)
		return w.structure(fd, set, "timeval", int(limit/time.Second), int(limit%time.Second/time.Microsecond))
	}
	n := strconv.Itoa(c.Value.Number)
	switch w.language {
	case C:
		return set + "&(int){" + n + "}, sizeof(int)"
	case Go:
		return "SetsockoptInt(" + fd + ", " + set + n + ")"
	}
	return set + n
}

// structure writes an option whose value is a structure of two numbers.
func (w *writer) structure(fd, set, kind string, first, second int) string {
	switch w.language {
	case C:
		return fmt.Sprintf("%s&(struct %s){%d, %d}, sizeof(struct %[2]s)", set, kind, first, second)
	case Python:
		letter := "l"
		if kind == "linger" {
			letter = "i"
		}
		return fmt.Sprintf(`%sstruct.pack("%s%[2]s", %d, %d)`, set, letter, first, second)
	case Go:
		if kind == "linger" {
			return fmt.Sprintf("SetsockoptLinger(%s, %s&syscall.Linger{Onoff: %d, Linger: %d})", fd, set, first, second)
		}
		return fmt.Sprintf("SetsockoptTimeval(%s, %s&syscall.Timeval{Sec: %d, Usec: %d})", fd, set, first, second)
	}
	if kind == "linger" {
		return fmt.Sprintf("%s['l_onoff' => %d, 'l_linger' => %d]", set, first, second)
	}
	return fmt.Sprintf("%s['sec' => %d, 'usec' => %d]", set, first, second)
}
