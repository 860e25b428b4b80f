package filter

import (
	"strings"

	"tcpviz/internal/lang"
)

// qualifiers say what a value is: tcpdump's "tcp src port" before 80. The zero
// value is none.
type qualifiers struct {
	kind   valueKind
	ends   direction
	family family
}

type valueKind uint8

const (
	noKind      valueKind = iota
	addressKind           // no word for it: after src and dst
	hostKind
	netKind
	portKind
	portRangeKind
)

var valueKinds = map[string]valueKind{"host": hostKind, "net": netKind, "port": portKind, "portrange": portRangeKind}

// qualifierWords are those with which a primitive of tcpdump begins.
var qualifierWords = []string{"ip", "ip6", "tcp", "src", "dst", "host", "net", "port", "portrange"}

func (q qualifiers) isPort() bool { return q.kind == portKind || q.kind == portRangeKind }

// qualified reads a primitive that begins with a qualifier.
func (p *parser) qualified() (qualifiers, *SyntaxError) {
	var q qualifiers
	protocol := p.peek().says("ip", "ip6", "tcp")
	if protocol {
		switch p.peek().word {
		case "ip":
			q.family = fourFamily
		case "ip6":
			q.family = sixFamily
		}
		p.i++
	}
	directed := p.peek().says("src", "dst")
	if directed {
		q.kind, q.ends = addressKind, p.direction()
	}
	t := p.peek()
	if kind, ok := valueKinds[t.word]; ok && t.kind == word {
		q.kind = kind
		p.i++
	} else if protocol && !directed {
		p.test(condition{about: aboutEnds, network: network{family: q.family}, ports: anyPort})
		return qualifiers{}, nil
	}
	return q, p.values(q)
}

// direction reads src, dst, and both of them with "and" or "or".
func (p *parser) direction() direction {
	first, operator := p.peek(), p.peekAfter()
	p.i++
	if isAnd(operator) || isOr(operator) {
		if second := p.peekAfter(); second.says("src", "dst") && second.word != first.word {
			p.i += 2
			if isOr(operator) {
				return either
			}
			return both
		}
	}
	if first.word == "src" {
		return source
	}
	return destination
}

// values reads what stands behind qualifiers: a value, or several in parentheses.
func (p *parser) values(q qualifiers) *SyntaxError {
	negated := p.nots()
	err := p.oneOrMore(q)
	if negated {
		p.steps = append(p.steps, step{do: negate})
	}
	return err
}

func (p *parser) oneOrMore(q qualifiers) *SyntaxError {
	t := p.peek()
	if !t.is("(") {
		return p.value(q)
	}
	if err := p.enter(t); err != nil {
		return err
	}
	err := p.values(q)
	for err == nil {
		t := p.peek()
		if !isAnd(t) && !isOr(t) {
			return p.leave()
		}
		p.i++
		_, err = p.operandOf(t, func() (qualifiers, *SyntaxError) { return q, p.values(q) })
	}
	return err
}

// value reads one value.
func (p *parser) value(q qualifiers) *SyntaxError {
	t := p.peek()
	c := condition{about: aboutEnds, ends: q.ends, network: network{family: q.family}, ports: anyPort}
	var err *SyntaxError
	switch q.kind {
	case portKind:
		c.ports, err = p.port(t)
	case portRangeKind:
		c.ports, err = p.portRange(t)
	case noKind, addressKind, hostKind, netKind:
		c.network, c.ports, err = p.address(t, q)
	}
	if err != nil {
		return err
	}
	p.test(c)
	return nil
}

func (p *parser) port(t token) (portRange, *SyntaxError) {
	if t.kind == word {
		if port, ok := portNumber(t.word, cPort); ok {
			p.i++
			return portRange{port, port}, nil
		}
	}
	return portRange{}, p.wrong(t, lang.Phrasef("a port number from 0 to 65535 is wanted%s", didYouMean(t.word, serviceNames())))
}

func (p *parser) portRange(t token) (portRange, *SyntaxError) {
	if t.kind == word {
		if r, ok := readPortRange(t.word); ok {
			p.i++
			return r, nil
		}
		if strings.HasSuffix(t.word, "-") && p.peekAfter().kind == endOfText { // half of it is there
			t = p.peekAfter()
		}
	}
	return portRange{}, p.wrong(t, lang.Phrasef("two ports from 0 to 65535 are wanted, such as 6000-6008"))
}

// readPortRange reads 6000-6008, ftp-data-ssh, or one port, which stands for itself.
func readPortRange(text string) (portRange, bool) {
	if port, ok := portNumber(text, cPort); ok {
		return portRange{port, port}, true
	}
	for i := range len(text) {
		if text[i] != '-' {
			continue
		}
		first, ok := portNumber(text[:i], decimalPort)
		last, also := portNumber(text[i+1:], decimalPort)
		if ok && also {
			return portRange{min(first, last), max(first, last)}, true
		}
	}
	return portRange{}, false
}

// address reads an address or a net, with what follows of it.
func (p *parser) address(t token, q qualifiers) (network, portRange, *SyntaxError) {
	wanted := lang.Phrasef("an address is wanted, such as 10.0.0.1")
	if q.kind == netKind {
		wanted = lang.Phrasef("a net is wanted, such as 10.0.0.0/8 or 10.1")
	}
	if t.kind != word {
		return network{}, anyPort, p.wrong(t, wanted)
	}
	n, ports, ok := p.literal(t, q)
	switch {
	case !ok && looksLikeName(t.word):
		return network{}, anyPort, p.wrong(t, lang.Phrasef("names are not looked up: %s", wanted))
	case !ok:
		return network{}, anyPort, p.wrong(t, wanted)
	case q.family != anyFamily && q.family != n.family:
		version := map[family]string{fourFamily: "IPv4", sixFamily: "IPv6"}[q.family]
		return network{}, anyPort, p.wrong(t, lang.Phrasef("an %s address is wanted", version))
	}
	p.i++
	if ports != anyPort {
		return n, ports, nil
	}
	n, err := p.masked(t, n, q)
	return n, anyPort, err
}

// literal reads the word of an address: of a net, its numbers.
func (p *parser) literal(t token, q qualifiers) (network, portRange, bool) {
	if n, parts, ok := fourNetwork(t.word); ok && parts > 1 {
		return n, anyPort, true
	}
	if n, ok := sixNetwork(t.word); ok {
		return n, anyPort, true
	}
	if number, _, ok := cNumber(t.word); ok && (q.kind == netKind || p.peekAfter().is("/")) {
		n, _, octet := fourNetwork(t.word)
		if p.peekAfter().is("/") {
			return n, anyPort, octet
		}
		return shortNetwork(number), anyPort, true
	}
	if q.kind == noKind || q.kind == addressKind {
		return endpoint(t.word)
	}
	return network{}, anyPort, false
}

// shortNetwork reads a net that is one number as tcpdump does: its upper octets
// that are not zero come first.
func shortNetwork(n uint32) network {
	value, mask := uint64(n)<<32, uint64(0xffffffff)<<32
	for value != 0 && value>>56 == 0 {
		value, mask = value<<8, mask<<8
	}
	return network{family: fourFamily, value: [2]uint64{value}, mask: [2]uint64{mask}}
}

// masked reads the length of a prefix, or a mask, behind an address.
func (p *parser) masked(address token, n network, q qualifiers) (network, *SyntaxError) {
	t := p.peek()
	switch {
	case t.is("/"):
		p.i++
		length := p.peek()
		most := uint32(32)
		if n.family == sixFamily {
			most = 128
		}
		number, _, ok := cNumber(length.word)
		if !ok || number > most {
			return n, p.wrong(length, lang.Phrasef("the length of a prefix is a number from 0 to %d", most))
		}
		p.i++
		if q.kind == hostKind && (n.family == fourFamily || number < most) {
			return n, p.wrong(address, lang.Phrasef("a host is one address: this is net %s/%s", address.word, length.word))
		}
		n.mask = prefixMask(int(number))
	case t.says("mask"):
		p.i++
		mask := p.peek()
		m, parts, ok := fourNetwork(mask.word)
		if !ok || parts < 2 || n.family != fourFamily {
			return n, p.wrong(mask, lang.Phrasef("a mask such as 255.255.0.0 is wanted, behind an IPv4 net"))
		}
		p.i++
		if q.kind == hostKind {
			return n, p.wrong(t, lang.Phrasef("a host has no mask: write net for host"))
		}
		n.mask = m.value
	}
	if !n.bounds() {
		return n, p.wrong(address, lang.Phrasef("bits are set behind the net's mask"))
	}
	return n, nil
}

// looksLikeAddress tells an address, or what shall become one, from other words.
func looksLikeAddress(text string) bool {
	return strings.Contains(text, "[") || strings.Count(text, ":") > 1 ||
		strings.ContainsAny(text, ".:") && text[0] >= '0' && text[0] <= '9'
}

// looksLikeName tells the name of a host or a net.
func looksLikeName(text string) bool {
	return text[0] > '9' && !strings.ContainsAny(strings.TrimSuffix(text, ":"), ":[")
}

// beforeColon gives the word itself, or, of one such as outcome:REJ, what it begins with.
func beforeColon(text string) string {
	if i := strings.IndexByte(text, ':'); i >= 0 {
		return text[:i+1]
	}
	return text
}

// alone reads a value that has no qualifier of its own: an address, or a mistake. It
// comes after inherited ones only when they are for a port.
func (p *parser) alone(t token, inherited qualifiers) (qualifiers, *SyntaxError) {
	number, looks, _ := cNumber(t.word)
	switch {
	case looks && p.peekAfter().is("/"), looksLikeAddress(t.word):
		if inherited.ends != either {
			return qualifiers{}, p.wrong(t, lang.Phrasef("an address after a port: write host, src host or dst host before it"))
		}
		return qualifiers{}, p.value(qualifiers{})
	case looks && number <= 65535:
		return qualifiers{}, p.wrong(t, lang.Phrasef("a number alone may mean much: port %s, or #%[1]s for a connection", t.word))
	case looks:
		return qualifiers{}, p.wrong(t, lang.Phrasef("a number alone may mean much: it wants a word before it"))
	}
	if _, ok := portNumber(t.word, decimalPort); ok {
		return qualifiers{}, p.wrong(t, lang.Phrasef("this wants a word before it: port %s", t.word))
	}
	if near := nearest(beforeColon(t.word), vocabulary()); near != "" {
		return qualifiers{}, p.wrong(t, lang.Phrasef("no such word; did you mean %s?", near))
	}
	return qualifiers{}, p.wrong(t, lang.Phrasef("no such word, and names are not looked up: an address is wanted, or a condition such as port 80"))
}
