package lang

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sentences joins whole sentences, those that are empty left out: with a space in
// English, with nothing between them in Chinese.
func (l Language) Sentences(all ...string) string {
	joined := ""
	for _, sentence := range all {
		if sentence != "" && joined != "" && l == English {
			joined += " "
		}
		joined += sentence
	}
	return joined
}

// List joins what is listed in a sentence.
func (l Language) List(items []string) string {
	if l == Chinese {
		return strings.Join(items, "、")
	}
	return strings.Join(items, ", ")
}

// chineseText formats a Chinese text. Where an argument meets the text, the space
// between them is set as Chinese is written: for the one format "%s 的" it gives
// "C1 的", but "客户端的".
func chineseText(format string, args []any) string {
	if len(args) == 0 || strings.ContainsRune(format, '*') { // a width that is an argument
		return fmt.Sprintf(format, args...)
	}
	text := make([]byte, 0, 2*len(format))
	literal, next := "", 0 // literal stands between the last argument and the next one
	for {
		piece, rest, found := strings.Cut(format, "%")
		if literal += piece; !found {
			return string(set(text, literal, ""))
		}
		end := strings.IndexFunc(rest, func(r rune) bool { return r == '%' || unicode.IsLetter(r) }) + 1
		verb := rest[:end]
		format = rest[end:]
		if verb == "%" {
			literal += verb
			continue
		}
		if flags, number, numbered := strings.Cut(verb, "["); numbered {
			n, letter, _ := strings.Cut(number, "]")
			next, _ = strconv.Atoi(n)
			verb = flags + letter
			next--
		}
		argument := "%!" + verb + "(MISSING)"
		if next >= 0 && next < len(args) {
			argument = formatted(verb, args[next])
		}
		text, literal = set(text, literal, argument), ""
		next++
	}
}

// formatted formats one argument, by a verb without its percent sign.
func formatted(verb string, arg any) string {
	if s, plain := arg.(string); plain && (verb == "s" || verb == "v") {
		return s
	}
	return fmt.Sprintf("%"+verb, arg)
}

// set adds a literal piece of a format and an argument to a text.
func set(text []byte, literal, argument string) []byte {
	before, _ := utf8.DecodeLastRune(text)
	if inner, blank := strings.CutPrefix(literal, " "); blank && isChinese(before) && isChinese(first(inner)) {
		literal = inner
	}
	if inner, blank := strings.CutSuffix(literal, " "); blank && isChinese(last(inner)) && isChinese(first(argument)) {
		literal = inner
	}
	return apart(apart(text, literal), argument)
}

// apart joins two texts, with a space between a Chinese character and a Latin word.
func apart(left []byte, right string) []byte {
	l, _ := utf8.DecodeLastRune(left)
	if r := first(right); isHan(l) && isLatin(r) || (isLatin(l) || l == ')') && isHan(r) {
		left = append(left, ' ')
	}
	return append(left, right...)
}

func first(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func last(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// isChinese is a Chinese character or a mark of Chinese punctuation.
func isChinese(r rune) bool {
	return isHan(r) || strings.ContainsRune("，。：；、（）“”？！", r)
}

func isLatin(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}
