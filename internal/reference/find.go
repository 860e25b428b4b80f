package reference

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"tcpviz/internal/spelling"
)

// FindIn gives the entry of that name and kind.
func FindIn(k Kind, name string) (Entry, bool) {
	for _, e := range Named(name) {
		if e.Kind == k {
			return e, true
		}
	}
	return Entry{}, false
}

// Named gives the entries of that name, in any spelling: large and small letters, "-", "_"
// and blanks are not told apart. Where several things have the name (listen() is a call,
// LISTEN a state), the one that is spelled like it comes first, then the kinds' order counts.
func Named(name string) []Entry {
	b := books()
	var all []Entry
	for _, i := range b.named[fold(name)] {
		all = append(all, b.all[i])
	}
	slices.SortStableFunc(all, func(a, b Entry) int { return cmp.Compare(unlike(&a, name), unlike(&b, name)) })
	return all
}

// unlike is 0 for an entry that is spelled just so, 1 for one that has another spelling
// that is, else 2.
func unlike(e *Entry, name string) int {
	switch {
	case e.Name.EN == name || e.Name.ZH == name:
		return 0
	case slices.Contains(e.Also, name):
		return 1
	}
	return 2
}

// fold makes spellings of the same name equal.
func fold(name string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '_', '\t', '\n':
			return -1
		}
		return r
	}, name))
}

// Search gives the entries that what was typed so far may mean, the likeliest first:
// those whose name begins with it, then those whose name holds it, then those whose
// title does, in either language. Nothing typed gives none.
func Search(typed string) []Entry {
	wanted := fold(typed)
	if wanted == "" {
		return nil
	}
	type found struct {
		Entry
		rank int
	}
	var all []found
	for _, e := range entries() {
		if rank := likeness(&e, wanted); rank < unlikely {
			all = append(all, found{e, rank})
		}
	}
	slices.SortStableFunc(all, func(a, b found) int { return cmp.Compare(a.rank, b.rank) })
	out := make([]Entry, len(all))
	for i, f := range all {
		out[i] = f.Entry
	}
	return out
}

// unlikely is the likeness of an entry that is not meant.
const unlikely = 6

// likeness ranks an entry for folded text, 0 being the name itself.
func likeness(e *Entry, wanted string) int {
	best := unlikely
	for i, n := range e.names() {
		n = fold(n)
		rank := unlikely
		switch {
		case n == wanted:
			rank = 0
		case strings.HasPrefix(n, wanted):
			rank = 1
		case strings.Contains(n, wanted):
			rank = 3
		}
		if i > 0 && rank > 0 && rank < unlikely {
			rank++ // of another spelling
		}
		best = min(best, rank)
	}
	if strings.Contains(fold(e.Title.EN), wanted) || strings.Contains(fold(e.Title.ZH), wanted) {
		best = min(best, unlikely-1)
	}
	return best
}

// Nearest gives the name of the entry that is spelled most like the name, or "" when
// none is: the answer to a misspelling.
func Nearest(name string) string {
	wanted := fold(name)
	letters := utf8.RuneCountInString(wanted)
	best, least := "", max(2, letters/3)+1
	switch {
	case letters == 0:
		return ""
	case letters < 4:
		least = 2 // nearly every other three letters are two changes away
	}
	for _, e := range entries() {
		for _, n := range e.names() {
			if d := spelling.Distance(wanted, fold(n)); d < least {
				best, least = n, d
			}
		}
	}
	return best
}
