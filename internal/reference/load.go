package reference

import (
	"bytes"
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"tcpviz/internal/story"
)

//go:embed entries/*.yaml
var files embed.FS

// library is all entries, and where each stands under its folded names.
type library struct {
	all   []Entry
	named map[string][]int
}

// books are the entries of all files. They are read when the first is asked for, and a
// test holds that every one of them can be.
var books = sync.OnceValue(func() library {
	var all []Entry
	for _, k := range Kinds() {
		name := "entries/" + k.String() + ".yaml"
		data, err := files.ReadFile(name)
		if err != nil {
			panic(fmt.Sprintf("reference: %v", err))
		}
		of, err := parse(k, data)
		if err != nil {
			panic(fmt.Sprintf("reference: %s: %v", name, err))
		}
		all = append(all, of...)
	}
	named := make(map[string][]int)
	for i := range all {
		for _, name := range all[i].names() {
			if f := fold(name); !slices.Contains(named[f], i) {
				named[f] = append(named[f], i)
			}
		}
	}
	return library{all, named}
})

// entries gives all entries, which nobody may change.
func entries() []Entry { return books().all }

// item is an entry as its file writes it.
type item struct {
	Name    string
	ZHName  string `yaml:"zhname"` // where the name is translated
	Also    []string
	Title   story.Text
	EN, ZH  string
	Cite    []string
	Lessons []string
}

// parse reads the entries of one kind.
func parse(k Kind, data []byte) ([]Entry, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	var items []item
	if err := decoder.Decode(&items); err != nil {
		return nil, err
	}
	all := make([]Entry, len(items))
	for i, it := range items {
		zh := it.ZHName
		if zh == "" {
			zh = it.Name
		}
		all[i] = Entry{
			Kind: k, Name: story.Text{EN: it.Name, ZH: zh}, Also: it.Also, Title: it.Title,
			Text:    story.Text{EN: strings.TrimSpace(it.EN), ZH: strings.TrimSpace(it.ZH)},
			Sources: it.Cite, Lessons: it.Lessons,
		}
	}
	return all, nil
}
