package lesson

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"tcpviz/internal/lang"
)

// Bounds on what a file can ask for: a lesson is small, and a file from elsewhere
// must not be able to fill the memory.
const (
	maxFile     = 1 << 20  // octets of a lesson file
	maxOctets   = 16 << 20 // of all texts of its calls
	maxPrograms = 8
	maxSteps    = 1000
	maxThen     = 32
	maxRetry    = 1000
	maxTimeout  = time.Minute
)

// argument is the kind of one argument of a call.
type argument int

const (
	descriptor argument = iota
	address
	octets
	count
	direction
	option
	optionValue
)

// signatures lists each call's arguments; socket's, which is optional, apart.
func signatures(op Op) ([]argument, bool) {
	switch op {
	case Socket:
		return nil, true
	case Bind, Connect:
		return []argument{descriptor, address}, true
	case Listen, Recv:
		return []argument{descriptor, count}, true
	case Accept, GetSockName, GetPeerName, Close:
		return []argument{descriptor}, true
	case Send:
		return []argument{descriptor, octets}, true
	case Shutdown:
		return []argument{descriptor, direction}, true
	case SetSockOpt:
		return []argument{descriptor, option, optionValue}, true
	}
	return nil, false
}

var directions = []string{"SHUT_RD", "SHUT_WR", "SHUT_RDWR"}

// optionKind says how an option's value is written.
type optionKind int

const (
	numberOption optionKind = iota + 1
	timeOption
	lingerOption
)

// kindOfOption gives 0 for an option that lessons do not know.
func kindOfOption(name string) optionKind {
	switch name {
	case "SO_REUSEADDR", "SO_REUSEPORT", "SO_KEEPALIVE", "SO_RCVBUF", "SO_SNDBUF", "TCP_NODELAY",
		"TCP_CORK", "TCP_QUICKACK", "TCP_MAXSEG", "TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT",
		"TCP_SYNCNT", "TCP_USER_TIMEOUT", "TCP_DEFER_ACCEPT", "TCP_LINGER2":
		return numberOption
	case "SO_RCVTIMEO", "SO_SNDTIMEO":
		return timeOption
	case "SO_LINGER":
		return lingerOption
	}
	return 0
}

// parseCall reads one call: "c = accept(s)", `recv(c, 100) = "OK\n"`.
func parseCall(line int, source string) (Call, error) {
	p := cursor{rest: strings.TrimSpace(source)}
	call := Call{Line: line, Source: p.rest}
	name, err := p.name(lang.Term("a call such as connect(s, 127.0.0.1:10008)"))
	if err != nil {
		return call, err
	}
	if p.accept('=') {
		call.Assign = name
		if name, err = p.name(lang.Term("a call")); err != nil {
			return call, err
		}
	}
	call.Op = Op(name)
	kinds, known := signatures(call.Op)
	if !known {
		return call, lang.Errorf("unknown call %q (there are socket, bind, listen, accept, connect, send, recv, shutdown, setsockopt, getsockname, getpeername, close)", name)
	}
	if !p.accept('(') {
		return call, lang.Errorf("%s must be followed by its arguments in parentheses", name)
	}
	if err := p.arguments(&call, kinds); err != nil {
		return call, lang.Errorf("%s: %w", name, err)
	}
	if p.accept('=') {
		if call.Want, err = p.want(call.Op); err != nil {
			return call, err
		}
	}
	if p.rest != "" {
		return call, lang.Errorf("%q is left over behind the call", shorten(p.rest))
	}
	makes := call.Op == Socket || call.Op == Accept
	fails := call.Want.Stated && call.Want.Result < 0
	switch {
	case call.Assign != "" && !makes:
		return call, lang.Errorf("%s gives no descriptor: only socket and accept can be assigned to a name", name)
	case call.Assign == "" && makes && !fails:
		return call, lang.Errorf("%s gives a descriptor: write NAME = %s", name, call.Source)
	}
	return call, nil
}

// cursor is a place in the text of a call.
type cursor struct{ rest string }

func (p *cursor) space() { p.rest = strings.TrimLeft(p.rest, " \t\n") }

func (p *cursor) accept(c byte) bool {
	p.space()
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	p.space()
	return true
}

// name takes an identifier.
func (p *cursor) name(wanted lang.Term) (string, error) {
	p.space()
	i := 0
	for i < len(p.rest) && isNameByte(p.rest[i], i == 0) {
		i++
	}
	if i == 0 {
		return "", lang.Errorf("expected %s, found %q", wanted, shorten(p.rest))
	}
	name := p.rest[:i]
	p.rest = p.rest[i:]
	p.space()
	return name, nil
}

func isNameByte(c byte, first bool) bool {
	switch {
	case c == '_', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		return true
	}
	return !first && '0' <= c && c <= '9'
}

// plain takes the text of an argument that is no string, up to the comma or
// parenthesis that ends it; those inside braces belong to it.
func (p *cursor) plain() string {
	depth := 0
	for i := range len(p.rest) {
		switch c := p.rest[i]; {
		case c == '{':
			depth++
		case c == '}':
			depth--
		case depth <= 0 && (c == ',' || c == ')'):
			text := strings.TrimSpace(p.rest[:i])
			p.rest = p.rest[i:]
			return text
		}
	}
	text := strings.TrimSpace(p.rest)
	p.rest = ""
	return text
}

func (p *cursor) arguments(call *Call, kinds []argument) error {
	if call.Op == Socket {
		switch family := p.plain(); family {
		case "", "AF_INET":
		case "AF_INET6":
			call.IPv6 = true
		default:
			return lang.Errorf("unknown address family %q (AF_INET or AF_INET6)", shorten(family))
		}
	}
	for i, kind := range kinds {
		if i > 0 && !p.accept(',') {
			return lang.Errorf("%d arguments are needed, found %d", len(kinds), i)
		}
		if err := p.argument(call, kind); err != nil {
			return err
		}
	}
	switch {
	case p.accept(')'):
		return nil
	case p.rest == "":
		return lang.Errorf("the closing parenthesis is missing")
	}
	return lang.Errorf("expected ), found %q", shorten(p.rest))
}

func (p *cursor) argument(call *Call, kind argument) (err error) {
	switch kind {
	case descriptor:
		call.Socket, err = p.name(lang.Term("a descriptor's name"))
	case address:
		err = call.parseAddress(p.plain())
	case octets:
		call.Data, err = p.octets()
	case count:
		call.Size, err = parseCount(p.plain())
	case direction:
		call.How = p.plain()
		if !slices.Contains(directions, call.How) {
			err = lang.Errorf("unknown direction %q (SHUT_RD, SHUT_WR or SHUT_RDWR)", shorten(call.How))
		}
	case option:
		call.Option = p.plain()
		if kindOfOption(call.Option) == 0 {
			err = lang.Errorf("unknown option %q", shorten(call.Option))
		}
	case optionValue:
		call.Value, err = parseValue(call.Option, p.plain())
	}
	return err
}

// octets takes a quoted text, perhaps repeated: "x" * 20000.
func (p *cursor) octets() ([]byte, error) {
	p.space()
	quoted, err := strconv.QuotedPrefix(p.rest)
	if err != nil || quoted[0] == '\'' {
		return nil, lang.Errorf("expected a quoted text, found %q", shorten(p.rest))
	}
	p.rest = p.rest[len(quoted):]
	text, err := strconv.Unquote(quoted)
	if err != nil {
		return nil, lang.Errorf("%s is no quoted text: %w", shorten(quoted), err)
	}
	times := 1
	if p.accept('*') {
		if times, err = parseCount(p.plain()); err != nil {
			return nil, err
		}
	}
	p.space()
	if len(text)*times > maxOctets {
		return nil, lang.Errorf("%d octets are too many (at most %d)", len(text)*times, maxOctets)
	}
	return []byte(strings.Repeat(text, times)), nil
}

// want takes what stands behind the call's "=".
func (p *cursor) want(op Op) (Want, error) {
	p.space()
	if strings.HasPrefix(p.rest, `"`) {
		if op != Recv {
			return Want{}, lang.Errorf("%s gives a number: only recv gives a text", op)
		}
		data, err := p.octets()
		return Want{Stated: true, Result: int64(len(data)), HasData: true, Data: data}, err
	}
	number, errno, _ := strings.Cut(p.rest, " ")
	p.rest = ""
	result, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return Want{}, lang.Errorf("%q is no result (a number, or -1 and the error's name)", shorten(number))
	}
	w := Want{Stated: true, Result: result, Errno: strings.TrimSpace(errno)}
	switch {
	case w.Errno == "":
	case w.Result != -1:
		return w, lang.Errorf("%q is left over behind the call", shorten(w.Errno))
	case w.Errno[0] != 'E' || strings.Trim(w.Errno, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "":
		return w, lang.Errorf("%q is no error's name (such as ECONNREFUSED)", shorten(w.Errno))
	}
	return w, nil
}

// parseAddress reads an address, literal or by its host; that of a host is taken
// for IPv4 until the socket is known.
func (c *Call) parseAddress(text string) error {
	host, port, _ := strings.Cut(text, ":")
	if side, named := parseSide(host); named {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return lang.Errorf("%q is no port of the %s (such as %s:10008)", shorten(port), side, host)
		}
		c.Hosted, c.Host = true, side
		c.Addr = netip.AddrPortFrom(loopbackAddress(false), uint16(n))
		return nil
	}
	addr, err := netip.ParseAddrPort(text)
	if err != nil || addr.Addr().Zone() != "" || addr.Addr().Is4In6() {
		return lang.Errorf("%q is no address (such as server:10008, 127.0.0.1:10008 or [::1]:10008)", shorten(text))
	}
	c.Addr = addr
	return nil
}

func parseCount(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > maxOctets {
		return 0, lang.Errorf("%q is no number from 0 to %d", shorten(text), maxOctets)
	}
	return n, nil
}

func parseValue(option, text string) (Value, error) {
	switch kindOfOption(option) {
	case timeOption:
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 || d > maxTimeout {
			return Value{}, lang.Errorf("%s: %q is no time up to %s (such as 500ms or 2s)", option, shorten(text), maxTimeout)
		}
		return Value{Time: d}, nil
	case lingerOption:
		inner, ok := strings.CutPrefix(text, "{")
		inner, closed := strings.CutSuffix(inner, "}")
		on, seconds, comma := strings.Cut(inner, ",")
		n, err := parseCount(strings.TrimSpace(seconds))
		on = strings.TrimSpace(on)
		if !ok || !closed || !comma || err != nil || n > int(maxTimeout/time.Second) || (on != "0" && on != "1") {
			return Value{}, lang.Errorf("%s: %q must be {0 or 1, seconds} (such as {1, 0})", option, shorten(text))
		}
		return Value{On: on == "1", Number: n}, nil
	case numberOption:
		n, err := parseCount(text)
		if err != nil {
			return Value{}, lang.Errorf("%s: %w", option, err)
		}
		return Value{Number: n}, nil
	}
	return Value{}, nil // the option itself is unknown, which is reported already
}

// shorten keeps an error's quotation of the file short.
func shorten(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
