package filter

import (
	"tcpviz/fsm"
	"tcpviz/internal/lang"
)

// An expression over tcp[tcpflags] has one variable of eight bits. So its value is
// kept for each of the 256 combinations, and nothing is left to be computed when a
// connection is looked at.
type arithmetic struct {
	values [256]uint32
	varies bool
}

// tcpNames are tcpdump's names for numbers.
var tcpNames = map[string]uint32{
	"tcpflags": flagsOffset,
	"tcp-fin":  uint32(fsm.FIN), "tcp-syn": uint32(fsm.SYN), "tcp-rst": uint32(fsm.RST), "tcp-push": uint32(fsm.PSH),
	"tcp-ack": uint32(fsm.ACK), "tcp-urg": uint32(fsm.URG), "tcp-ece": uint32(fsm.ECE), "tcp-cwr": uint32(fsm.CWR),
}

// flagsOffset is where the control bits are in the TCP header, in octets (RFC 9293 section 3.1).
const flagsOffset = 13

// operators are those of C that are read here, and how tightly they bind.
var operators = map[string]struct {
	rank    int
	operate func(a, b uint32) uint32
}{
	"|": {1, func(a, b uint32) uint32 { return a | b }},
	"&": {2, func(a, b uint32) uint32 { return a & b }},
	"+": {3, func(a, b uint32) uint32 { return a + b }},
	"-": {3, func(a, b uint32) uint32 { return a - b }},
}

// otherOperators are tcpdump's too. A / stands in a net as well.
var otherOperators = []string{"*", "%", "^", "<<", ">>"}

// beginsRelation reports whether a comparison of numbers begins here.
func (p *parser) beginsRelation() bool {
	t, next := p.peek(), p.peekAfter()
	switch {
	case t.is("("):
		end, closed := p.closing[p.i]
		return closed && continuesNumber(p.tokens[end+1])
	case t.says("tcp"):
		return next.is("[")
	case t.kind != word:
		return false
	}
	if _, name := tcpNames[t.word]; name {
		return true
	}
	_, number, _ := cNumber(t.word)
	return number && continuesNumber(next)
}

// continuesNumber reports whether a token stands behind a number in an expression.
func continuesNumber(t token) bool {
	if t.kind != symbol {
		return false
	}
	_, operator := operators[t.text]
	_, compares := comparisons[t.text]
	return operator || compares || t.is(otherOperators...)
}

// relation reads a comparison of two expressions.
func (p *parser) relation() *SyntaxError {
	left, err := p.arithmetic(0)
	if err != nil {
		return err
	}
	t := p.peek()
	compare, ok := comparisons[t.text]
	if t.kind != symbol || !ok {
		return p.wrong(t, lang.Phrasef("a comparison is wanted, such as != 0"))
	}
	p.i++
	right, err := p.arithmetic(0)
	if err != nil {
		return err
	}
	c := condition{about: aboutFlags}
	for i := range left.values {
		if compare.holds(int64(left.values[i]), int64(right.values[i])) {
			c.flags.Add(fsm.Flags(i))
		}
	}
	p.test(c)
	return nil
}

// arithmetic reads an expression whose operators bind more tightly than a rank.
func (p *parser) arithmetic(rank int) (*arithmetic, *SyntaxError) {
	left, err := p.operand()
	for err == nil {
		t := p.peek()
		op, ok := operators[t.text]
		switch {
		case t.is(otherOperators...):
			return nil, p.wrong(t, lang.Phrasef("not supported: other arithmetic than & | + -"))
		case t.kind != symbol || !ok || op.rank <= rank:
			return left, nil
		}
		p.i++
		var right *arithmetic
		if right, err = p.arithmetic(op.rank); err != nil {
			break
		}
		for i := range left.values {
			left.values[i] = op.operate(left.values[i], right.values[i])
		}
		left.varies = left.varies || right.varies
	}
	return nil, err
}

func (p *parser) operand() (*arithmetic, *SyntaxError) {
	t := p.peek()
	switch {
	case t.is("("):
		if err := p.enter(t); err != nil {
			return nil, err
		}
		inner, err := p.arithmetic(0)
		if err != nil {
			return nil, err
		}
		return inner, p.leave()
	case t.says("tcp"):
		p.i++
		return p.flags(t)
	case t.kind == word && p.peekAfter().is("["):
		return nil, p.wrong(t, lang.Phrasef("not supported: bytes of a packet other than tcp[tcpflags]"))
	case t.says("len", "length"):
		return nil, p.wrong(t, unsupported[t.word])
	}
	n, known := tcpNames[t.word]
	if !known {
		looks := false
		if n, looks, known = cNumber(t.word); looks && !known {
			return nil, p.wrong(t, lang.Phrasef("a number of 32 bits is wanted"))
		}
	}
	if t.kind != word || !known {
		return nil, p.wrong(t, lang.Phrasef("a number, a flag such as tcp-syn, or tcp[tcpflags] is wanted"))
	}
	p.i++
	return constant(n), nil
}

// flags reads what comes behind the word tcp: the index of the control bits.
func (p *parser) flags(tcp token) (*arithmetic, *SyntaxError) {
	if t := p.peek(); !t.is("[") {
		return nil, p.wrong(t, lang.Phrasef("tcp[tcpflags] is wanted"))
	}
	if err := p.enter(p.peek()); err != nil {
		return nil, err
	}
	index, err := p.arithmetic(0)
	if err != nil {
		return nil, err
	}
	size := constant(1)
	if p.peek().is(":") {
		p.i++
		if size, err = p.operand(); err != nil {
			return nil, err
		}
	}
	if t := p.peek(); !t.is("]") {
		return nil, p.wrong(t, lang.Phrasef("a ] is wanted"))
	}
	p.i++
	p.depth--
	if index.varies || size.varies || index.values[0] != flagsOffset || size.values[0] != 1 {
		return nil, p.wrong(tcp, lang.Phrasef("not supported: other bytes of the header than tcp[tcpflags], which is tcp[13]"))
	}
	a := &arithmetic{varies: true}
	for i := range a.values {
		a.values[i] = uint32(i)
	}
	return a, nil
}

func constant(n uint32) *arithmetic {
	a := new(arithmetic)
	for i := range a.values {
		a.values[i] = n
	}
	return a
}
