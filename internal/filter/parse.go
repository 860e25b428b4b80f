package filter

import (
	"slices"

	"tcpviz/internal/lang"
)

const (
	mostBytes = 1 << 14 // of a filter's text
	mostDepth = 100     // of parentheses in one another
)

// Parse reads a filter. Text of nothing but spaces gives the empty filter. The error
// is a [*SyntaxError].
func Parse(text string) (Filter, error) {
	if len(text) > mostBytes {
		return Filter{}, &SyntaxError{text, mostBytes, lang.Phrasef("a filter has at most %d bytes", mostBytes)}
	}
	tokens, wrong := lex(text)
	if wrong != nil {
		return Filter{}, wrong
	}
	p := &parser{text: text, tokens: tokens, closing: closings(tokens)}
	if wrong := p.whole(); wrong != nil {
		return Filter{}, wrong
	}
	f := Filter{text: text, steps: p.steps, conditions: p.conditions}
	for i := range f.conditions {
		c := &f.conditions[i]
		f.asksSender = f.asksSender || c.asksSender()
		f.asksFlags = f.asksFlags || c.about == aboutFlags
		f.changes = f.changes || c.changes()
	}
	return f, nil
}

// parser reads by recursive descent: a method for each rule of the grammar, which
// takes tokens and adds steps.
type parser struct {
	text       string
	tokens     []token
	i          int         // the next token
	closing    map[int]int // of an opening parenthesis: where its closing one is
	depth      int
	steps      []step
	conditions []condition
}

// closings finds the pairs of parentheses.
func closings(tokens []token) map[int]int {
	pairs := make(map[int]int)
	var open []int
	for i, t := range tokens {
		switch {
		case t.is("("):
			open = append(open, i)
		case t.is(")") && len(open) > 0:
			pairs[open[len(open)-1]] = i
			open = open[:len(open)-1]
		}
	}
	return pairs
}

func (p *parser) peek() token { return p.tokens[p.i] }

// peekAfter gives the token after the next one.
func (p *parser) peekAfter() token { return p.tokens[min(p.i+1, len(p.tokens)-1)] }

func (p *parser) wrong(t token, problem lang.Phrase) *SyntaxError {
	return &SyntaxError{p.text, t.at, problem}
}

// enter takes an opening bracket.
func (p *parser) enter(t token) *SyntaxError {
	if p.depth++; p.depth > mostDepth {
		return p.wrong(t, lang.Phrasef("at most %d parentheses in one another", mostDepth))
	}
	p.i++
	return nil
}

// leave takes the closing parenthesis.
func (p *parser) leave() *SyntaxError {
	if t := p.peek(); !t.is(")") {
		return p.wrong(t, lang.Phrasef("a ) is wanted"))
	}
	p.depth--
	p.i++
	return nil
}

// test adds a condition.
func (p *parser) test(c condition) {
	c.network.settle()
	p.steps = append(p.steps, step{test, len(p.conditions)})
	p.conditions = append(p.conditions, c)
}

func (p *parser) whole() *SyntaxError {
	if p.peek().kind == endOfText {
		return nil
	}
	if _, err := p.expression(qualifiers{}); err != nil {
		return err
	}
	if t := p.peek(); t.kind != endOfText {
		return p.stray(t)
	}
	return nil
}

// stray says what is wrong with a token that no rule takes.
func (p *parser) stray(t token) *SyntaxError {
	switch {
	case t.is(")") && p.depth == 0:
		return p.wrong(t, lang.Phrasef("no parenthesis is open"))
	case t.is("&", "|"):
		return p.wrong(t, lang.Phrasef("conditions are joined with and (&&), or (||)"))
	case isComparison(t):
		return p.wrong(t, lang.Phrasef("a comparison stands between two numbers, as in segments>10"))
	case t.kind == endOfText:
		return p.wrong(t, lang.Phrasef("a condition is wanted, such as port 80"))
	}
	return p.wrong(t, lang.Phrasef("a condition is wanted here, such as port 80"))
}

func isComparison(t token) bool {
	_, ok := comparisons[t.text]
	return t.kind == symbol && ok
}

// expression reads conditions with "and", "or" or nothing between them. It takes the
// qualifiers that a value without any inherits, and gives the latest ones.
func (p *parser) expression(inherited qualifiers) (qualifiers, *SyntaxError) {
	latest, err := p.condition(inherited)
	for err == nil {
		t := p.peek()
		switch {
		case isAnd(t), isOr(t):
			p.i++
			latest, err = p.operandOf(t, func() (qualifiers, *SyntaxError) { return p.condition(latest) })
		case t.kind == word, t.is("(", "!"): // side by side
			latest, err = p.operandOf(t, func() (qualifiers, *SyntaxError) { return p.condition(qualifiers{}) })
		default:
			return latest, nil
		}
	}
	return qualifiers{}, err
}

func isAnd(t token) bool { return t.is("&&") || t.says("and") }
func isOr(t token) bool  { return t.is("||") || t.says("or") }
func isNot(t token) bool { return t.is("!") || t.says("not") }

// operandOf reads the second operand of "or", or else of "and".
func (p *parser) operandOf(operator token, read func() (qualifiers, *SyntaxError)) (qualifiers, *SyntaxError) {
	skip := len(p.steps)
	do := skipIfFalse
	if isOr(operator) {
		do = skipIfTrue
	}
	p.steps = append(p.steps, step{do: do})
	latest, err := read()
	p.steps[skip].n = len(p.steps) - skip - 1
	return latest, err
}

// nots takes any number of "not", and reports whether they negate.
func (p *parser) nots() (negated bool) {
	for ; isNot(p.peek()); p.i++ {
		negated = !negated
	}
	return negated
}

// condition reads one condition, negated or not.
func (p *parser) condition(inherited qualifiers) (qualifiers, *SyntaxError) {
	negated := p.nots()
	latest, err := p.primitive(inherited)
	if negated {
		p.steps = append(p.steps, step{do: negate})
	}
	return latest, err
}

func (p *parser) primitive(inherited qualifiers) (qualifiers, *SyntaxError) {
	t := p.peek()
	switch {
	case p.beginsRelation():
		return qualifiers{}, p.relation()
	case t.is("("):
		if err := p.enter(t); err != nil {
			return qualifiers{}, err
		}
		if _, err := p.expression(inherited); err != nil {
			return qualifiers{}, err
		}
		return inherited, p.leave() // as in tcpdump, what is within leaves no trace
	case t.kind != word:
		return qualifiers{}, p.stray(t)
	case isAnd(t), isOr(t):
		return qualifiers{}, p.wrong(t, lang.Phrasef("a condition is wanted before %s", t.word))
	case slices.Contains(qualifierWords, t.word) && !p.peekAfter().is("["):
		return p.qualified()
	}
	if mine, err := p.own(t); mine || err != nil {
		return qualifiers{}, err
	}
	if problem, ok := unsupported[t.word]; ok {
		return qualifiers{}, p.wrong(t, problem)
	}
	if p.peekAfter().is("[") {
		return qualifiers{}, p.wrong(t, lang.Phrasef("not supported: bytes of a packet other than tcp[tcpflags]"))
	}
	if inherited.kind == noKind || inherited.isPort() && looksLikeAddress(t.word) {
		return p.alone(t, inherited)
	}
	err := p.value(inherited)
	if near := nearest(beforeColon(t.word), vocabulary()); err != nil && looksLikeName(beforeColon(t.word)) && near != "" {
		err = p.wrong(t, lang.Phrasef("no such word; did you mean %s?", near))
	}
	return inherited, err
}
