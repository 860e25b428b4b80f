package filter

import (
	"math"
	"slices"
	"strings"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
)

// own reads a condition in tcpviz's own words, if t begins one.
func (p *parser) own(t token) (mine bool, err *SyntaxError) {
	if number, ok := strings.CutPrefix(t.word, "#"); ok {
		return true, p.connection(t.from(len(t.word) - len(number)))
	}
	if prefix, _, ok := strings.Cut(t.word, ":"); ok {
		if slices.Contains(qualifierWords, prefix) {
			return true, p.wrong(t, lang.Phrasef("a space is wanted, no colon: %s %s", prefix, t.word[len(prefix)+1:]))
		}
		return p.prefixed(prefix, t.from(len(prefix)+1))
	}
	if state, ok := readState(t.word); ok {
		return true, p.take(condition{about: aboutStates, set: 1 << state, sides: [2]bool{true, true}})
	}
	if outcome, ok := readOutcome(t.word); ok {
		return true, p.take(condition{about: aboutOutcomes, set: 1 << outcome})
	}
	if anomaly, ok := readAnomaly(t.word); ok {
		return true, p.counted(condition{about: aboutMeasure, measure: oneAnomaly, anomaly: anomaly})
	}
	switch t.word {
	case "complete":
		return true, p.take(condition{about: aboutMeasure, measure: wholeness, compare: equal, number: 1})
	case "incomplete":
		return true, p.take(condition{about: aboutMeasure, measure: wholeness, compare: equal})
	case "anomaly", "anomalies":
		return true, p.counted(condition{about: aboutMeasure, measure: anomalies})
	case "segments":
		return true, p.measured(t, segments)
	case "bytes":
		return true, p.measured(t, payload)
	case "duration":
		return true, p.measured(t, duration)
	case "completeness":
		return true, p.measured(t, completeness)
	case "state", "outcome", "client", "server":
		return true, p.wrong(t, lang.Phrasef("a colon is wanted behind it, as in %s:%s", t.word, map[string]string{
			"state": "established", "outcome": "REJ", "client": "syn-sent", "server": "10.0.0.1"}[t.word]))
	}
	return false, nil
}

// from gives a word without its first bytes.
func (t token) from(n int) token { return token{word, t.text[n:], t.word[n:], t.at + n} }

// prefixed reads what stands behind a word and a colon.
func (p *parser) prefixed(prefix string, rest token) (mine bool, err *SyntaxError) {
	switch prefix {
	case "state":
		return true, p.states(rest, [2]bool{true, true})
	case "outcome":
		return true, p.outcomes(rest)
	case "conn":
		return true, p.connection(rest)
	case "client":
		return true, p.side(rest, fsm.Client, client)
	case "server":
		return true, p.side(rest, fsm.Server, server)
	case "segments", "bytes", "duration", "completeness":
		t := p.peek()
		return true, p.wrong(t, lang.Phrasef("a comparison is wanted, as in %s>%s", prefix, t.word[len(prefix)+1:]))
	}
	return false, nil
}

// take takes a word that is a condition.
func (p *parser) take(c condition) *SyntaxError {
	p.i++
	p.test(c)
	return nil
}

// connection reads a connection's number.
func (p *parser) connection(t token) *SyntaxError {
	number, ok := decimal(t.word, math.MaxInt64)
	if !ok {
		return p.wrong(t, lang.Phrasef("the number of a connection is wanted, such as #17"))
	}
	return p.take(condition{about: aboutMeasure, measure: connectionNumber, compare: equal, number: int64(number)})
}

func (p *parser) states(list token, sides [2]bool) *SyntaxError {
	c := condition{about: aboutStates, sides: sides}
	for t := range list.items() {
		state, ok := readState(t.word)
		if !ok {
			return p.wrong(t, lang.Phrasef("a state is wanted, such as syn-sent%s", didYouMean(t.word, stateNames())))
		}
		c.set |= 1 << state
	}
	return p.take(c)
}

func (p *parser) outcomes(list token) *SyntaxError {
	c := condition{about: aboutOutcomes}
	for t := range list.items() {
		outcome, ok := readOutcome(t.word)
		if !ok {
			return p.wrong(t, lang.Phrasef("an outcome is wanted: %s", strings.Join(fsm.Outcomes(), ", ")))
		}
		c.set |= 1 << outcome
	}
	return p.take(c)
}

// items gives the words between the commas of a list.
func (t token) items() func(yield func(token) bool) {
	return func(yield func(token) bool) {
		for {
			item, _, more := strings.Cut(t.word, ",")
			if !yield(token{word, t.text[:len(item)], item, t.at}) || !more {
				return
			}
			t = t.from(len(item) + 1)
		}
	}
}

// side reads what is said of one side: its port, its address, its state.
func (p *parser) side(t token, side fsm.Side, end direction) *SyntaxError {
	_, number, _ := cNumber(t.word)
	_, service := services[t.word]
	switch {
	case t.word == "":
		return p.wrong(t, lang.Phrasef("a state, an address or a port is wanted"))
	case service, number && !p.peekAfter().is("/"):
		ports, err := p.port(t)
		if err == nil {
			p.test(condition{about: aboutEnds, ends: end, ports: ports})
		}
		return err
	case number, looksLikeAddress(t.word):
		n, ports, err := p.address(t, qualifiers{kind: addressKind})
		if err == nil {
			p.test(condition{about: aboutEnds, ends: end, network: n, ports: ports})
		}
		return err
	}
	var sides [2]bool
	sides[side] = true
	return p.states(t, sides)
}

// counted reads a comparison, if there is one: otherwise the number is not 0.
func (p *parser) counted(c condition) *SyntaxError {
	p.i++
	if isComparison(p.peek()) {
		return p.compared(c)
	}
	c.compare = more
	p.test(c)
	return nil
}

func (p *parser) measured(t token, m measure) *SyntaxError {
	p.i++
	if next := p.peek(); !isComparison(next) {
		return p.wrong(next, lang.Phrasef("a comparison is wanted behind %[1]s, such as %[1]s>%[2]s", t.word, measureExamples[m]))
	}
	return p.compared(condition{about: aboutMeasure, measure: m})
}

var measureExamples = map[measure]string{segments: "10", payload: "1M", duration: "1.5s", completeness: "31"}

// compared reads an operator and the number behind it.
func (p *parser) compared(c condition) *SyntaxError {
	c.compare = comparisons[p.peek().text]
	p.i++
	t := p.peek()
	if c.measure == duration {
		d, err := time.ParseDuration(t.word)
		if t.kind != word || err != nil {
			return p.wrong(t, lang.Phrasef("a duration with its unit is wanted, such as 1.5s or 200ms"))
		}
		c.number = int64(d)
		return p.take(c)
	}
	n, ok := readCount(t.word)
	if t.kind != word || !ok {
		return p.wrong(t, lang.Phrasef("a number is wanted, such as 10, 20k or 1M"))
	}
	c.number = n
	return p.take(c)
}

// readCount reads a number with k, M or G for thousands, millions, billions behind it.
func readCount(text string) (int64, bool) {
	factor := uint64(1)
	for suffix, f := range map[string]uint64{"k": 1e3, "m": 1e6, "g": 1e9} {
		if digits, ok := strings.CutSuffix(text, suffix); ok {
			text, factor = digits, f
			break
		}
	}
	n, ok := decimal(text, math.MaxInt64/factor)
	return int64(n * factor), ok
}

// readState reads a state in the spelling of RFC 9293, Linux or the BSDs.
func readState(text string) (fsm.State, bool) {
	name := strings.ReplaceAll(text, "_", "-")
	if other, ok := otherStates[name]; ok {
		name = other
	}
	return fsm.ParseState(strings.ToUpper(name))
}

// otherStates are other spellings of states than RFC 9293's.
var otherStates = map[string]string{
	"syn-recv": "syn-received", "syn-rcvd": "syn-received",
	"fin-wait1": "fin-wait-1", "fin-wait2": "fin-wait-2", "close": "closed",
}

func readOutcome(text string) (fsm.Outcome, bool) { return fsm.ParseOutcome(strings.ToUpper(text)) }

// readAnomaly gives the number of an anomaly's bit.
func readAnomaly(text string) (bit uint8, ok bool) {
	name := strings.ReplaceAll(strings.TrimPrefix(text, "tcp.analysis."), "-", "_")
	i := slices.Index(anomalyNames(), name)
	return uint8(max(i, 0)), i >= 0
}

// anomalyNames gives the anomalies in the order of their bits.
func anomalyNames() []string {
	names := make([]string, len(fsm.AnomalyCounts{}))
	for i := range names {
		names[i] = fsm.Anomaly(1 << i).String()
	}
	return names
}

func stateNames() []string {
	names := make([]string, fsm.StateCount)
	for i := range names {
		names[i] = strings.ToLower(fsm.State(i).String())
	}
	return names
}

// portNumber reads a port: a number, or the usual name of a service.
func portNumber(text string, number func(string) (uint64, bool)) (uint16, bool) {
	if port, ok := services[text]; ok {
		return port, true
	}
	n, ok := number(text)
	return uint16(n), ok && n <= math.MaxUint16
}

func cPort(text string) (uint64, bool) {
	n, _, ok := cNumber(text)
	return uint64(n), ok
}

func decimalPort(text string) (uint64, bool) { return decimal(text, math.MaxUint16) }

// services are the names of TCP ports that are typed most (IANA's registry of service names).
var services = map[string]uint16{
	"ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "http": 80,
	"kerberos": 88, "pop3": 110, "sunrpc": 111, "nntp": 119, "imap": 143, "imap2": 143, "bgp": 179, "ldap": 389,
	"https": 443, "microsoft-ds": 445, "submission": 587, "ldaps": 636, "imaps": 993, "pop3s": 995,
	"ms-sql-s": 1433, "mysql": 3306, "ms-wbt-server": 3389, "postgresql": 5432, "redis": 6379, "http-alt": 8080,
}
