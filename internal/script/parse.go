package script

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tcpviz/fsm"
)

// Parse reads a file of scripts. An error names the line.
func Parse(text string) (File, error) {
	var file File
	var head []string
	held := make(map[string]bool) // in the current script
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, "\r\n")
		if name, ok := strings.CutPrefix(line, "## "); ok {
			if name = strings.TrimSpace(name); name == "" {
				return File{}, fmt.Errorf("script: line %d: a script needs a name", number)
			}
			file.Scripts = append(file.Scripts, Script{Name: name, Line: number})
			clear(held)
			continue
		}
		if len(file.Scripts) == 0 {
			head = append(head, line)
			continue
		}
		parsed, err := parseLine(line)
		if err == nil {
			err = checkHeld(parsed.Step, held)
		}
		if err != nil {
			return File{}, fmt.Errorf("script: line %d: %q: %w", number, line, err)
		}
		parsed.Number = number
		current := &file.Scripts[len(file.Scripts)-1]
		current.Lines = append(current.Lines, parsed)
	}
	file.Head = strings.TrimSpace(strings.Join(head, "\n"))
	return file, nil
}

// checkHeld holds that what arrives was held before, and arrives once.
func checkHeld(s Step, held map[string]bool) error {
	switch {
	case s.Kind == Segment && s.Fate == Held && held[s.Name]:
		return fmt.Errorf("a segment is held as %q already", s.Name)
	case s.Kind == Segment && s.Fate == Held:
		held[s.Name] = true
	case s.Kind == Arrives && !held[s.Name]:
		return fmt.Errorf("no segment is held as %q", s.Name)
	case s.Kind == Arrives:
		delete(held, s.Name)
	}
	return nil
}

func parseLine(text string) (Line, error) {
	said, expect, _ := strings.Cut(text, "|")
	line := Line{Said: strings.TrimSpace(said), Expect: strings.TrimSpace(expect)}
	words := strings.Fields(line.Said)
	if len(words) == 0 || strings.HasPrefix(words[0], "#") {
		return line, nil
	}
	if later, ok := strings.CutPrefix(words[0], "+"); ok {
		after, err := time.ParseDuration(later)
		if err != nil || after < 0 {
			return Line{}, fmt.Errorf("%q is no time, such as +20ms", words[0])
		}
		line.After, words = after, words[1:]
	}
	if len(words) == 0 {
		return Line{}, errors.New("nothing happens at that time")
	}
	var err error
	line.Step, err = parseStep(words[0], words[1:])
	return line, err
}

func parseStep(verb string, words []string) (Step, error) {
	switch verb {
	case "<", ">":
		return parseSegment(verb, words)
	case "listen":
		return Step{Kind: Listen, Side: fsm.Server}, count(words, 0, 0)
	case "foreign":
		return Step{Kind: Foreign}, count(words, 0, 0)
	case "arrives":
		if err := count(words, 1, 1); err != nil {
			return Step{}, err
		}
		return Step{Kind: Arrives, Name: words[0]}, nil
	case "call", "return", "timer", "reboot":
		return parseSideStep(verb, words)
	case "stack":
		if err := count(words, 1, 1); err != nil {
			return Step{}, err
		}
		stack, known := map[string]fsm.Stack{"linux": fsm.Linux, "netstack": fsm.Netstack}[words[0]]
		if !known {
			return Step{}, fmt.Errorf("%q is no stack: linux or netstack", words[0])
		}
		return Step{Kind: Runs, Stack: stack}, nil
	}
	return Step{}, fmt.Errorf("%q is nothing that happens", verb)
}

// parseSideStep reads what happens at a side: a call, its return, a timer.
func parseSideStep(verb string, words []string) (Step, error) {
	least, most := 2, 2
	switch verb {
	case "call", "return":
		most = 3
	case "reboot":
		least, most = 1, 1
	}
	if err := count(words, least, most); err != nil {
		return Step{}, err
	}
	step := Step{Kind: Call}
	switch words[0] {
	case fsm.Client.String():
	case fsm.Server.String():
		step.Side = fsm.Server
	default:
		return Step{}, fmt.Errorf("%q is no side: client or server", words[0])
	}
	var known bool
	if verb == "reboot" {
		step.Kind = Reboot
		return step, nil
	}
	if verb == "timer" {
		step.Kind = Timer
		if step.Timer, known = timer(words[1]); !known {
			return Step{}, fmt.Errorf("%q is no timer", words[1])
		}
		return step, nil
	}
	if step.Call, known = call(words[1]); !known {
		return Step{}, fmt.Errorf("%q is no call", words[1])
	}
	if verb == "return" {
		step.Kind = Return
		if len(words) == 3 {
			if words[2] != "failed" {
				return Step{}, fmt.Errorf("a call returns, or has failed; not %q", words[2])
			}
			step.Failed = true
		}
	} else if len(words) == 3 {
		if words[2] != "waits" {
			return Step{}, fmt.Errorf("what a call asks for waits, or not; %q is neither", words[2])
		}
		step.Waits = true
	}
	return step, nil
}

// parseSegment reads a segment after its direction: flags, numbers, options.
func parseSegment(direction string, words []string) (Step, error) {
	if len(words) < 2 {
		return Step{}, errors.New("a segment needs flags and a number")
	}
	step := Step{Kind: Segment}
	if direction == "<" {
		step.Side = fsm.Server
	}
	s := &step.Segment
	s.Window = 1000
	for _, letter := range words[0] {
		switch i := strings.IndexRune("FSRPAUEC", letter); {
		case i >= 0:
			s.Flags |= 1 << i
		case words[0] != "-":
			return Step{}, fmt.Errorf("%q is no flag", letter)
		}
	}
	seq, ack, both := strings.Cut(words[1], ":")
	n, err := number(seq, 32)
	if err != nil {
		return Step{}, err
	}
	s.Seq = fsm.Seq(n)
	if both {
		if n, err = number(ack, 32); err != nil {
			return Step{}, err
		}
		s.Ack = fsm.Seq(n)
	}
	for _, word := range words[2:] {
		if err := step.option(word); err != nil {
			return Step{}, err
		}
	}
	return step, nil
}

// option reads one word after a segment's numbers.
func (step *Step) option(word string) error {
	key, value, has := strings.Cut(word, "=")
	s := &step.Segment
	switch {
	case word == "lost" && step.Fate == Arriving:
		step.Fate = Lost
		return nil
	case key == "held" && value != "" && step.Fate == Arriving:
		step.Fate, step.Name = Held, value
		return nil
	case word == "full=syn":
		step.Queue = fsm.SYNQueueFull
		return nil
	case word == "full=accept":
		step.Queue = fsm.AcceptQueueFull
		return nil
	case word == "tfo":
		s.Options.FastOpen = true
		return nil
	case !has:
		return fmt.Errorf("%q says nothing of a segment", word)
	}
	var n, echo uint64
	var err error
	switch key {
	case "len":
		n, err = number(value, 32)
		s.Len = uint32(n)
	case "win":
		n, err = number(value, 16)
		s.Window = uint16(n)
	case "mss":
		n, err = number(value, 16)
		s.Options.MSS = uint16(n)
	case "scale":
		n, err = number(value, 8)
		s.Options.WindowScale, s.Options.HasScale = uint8(n), true
	case "ts":
		stamp, answer, _ := strings.Cut(value, ":")
		n, err = number(stamp, 32)
		if err == nil && answer != "" {
			echo, err = number(answer, 32)
		}
		s.Options.HasTimestamps, s.Options.TSVal, s.Options.TSEcr = true, uint32(n), uint32(echo)
	default:
		err = fmt.Errorf("%q says nothing of a segment", word)
	}
	return err
}

// number reads a number of that many bits.
func number(text string, bits int) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, bits)
	if err != nil {
		return 0, fmt.Errorf("%q is no number of %d bits", text, bits)
	}
	return n, nil
}

// count holds that there are so many words.
func count(words []string, least, most int) error {
	switch {
	case len(words) < least:
		return errors.New("something is missing")
	case len(words) > most:
		return fmt.Errorf("%q is too much", words[most])
	}
	return nil
}

func call(name string) (fsm.UserCall, bool) {
	c, ok := map[string]fsm.UserCall{
		"listen": fsm.OpenPassive, "connect": fsm.OpenActive, "accept": fsm.Accept, "send": fsm.Send,
		"receive": fsm.Receive, "shutdown": fsm.ShutdownWrite, "close": fsm.Close, "abort": fsm.Abort,
		"close-listening": fsm.CloseListening,
		"other":           fsm.NoCall,
	}[name]
	return c, ok
}

func timer(name string) (fsm.Timer, bool) {
	t, ok := map[string]fsm.Timer{
		"time-wait": fsm.TimeWaitTimer, "retransmission": fsm.Retransmission, "user": fsm.UserTimeout,
		"keep-alive": fsm.KeepAliveTimer, "fin-wait-2": fsm.FinWait2Timer, "syn-received": fsm.SynReceivedTimer,
		"loss-probe": fsm.LossProbeTimer, "reordering": fsm.ReorderTimer, "persist": fsm.PersistTimer,
		"keep-alive-probe": fsm.KeepAliveProbeTimer, "delayed-ack": fsm.DelayedAckTimer,
	}[name]
	return t, ok
}
