package lang

import (
	"maps"
	"sync"
)

// chinese is the catalogue: the Chinese of every English text. It is made when the
// first Chinese text is asked for.
var chinese = sync.OnceValue(func() map[string]string {
	all := make(map[string]string)
	for _, part := range parts() {
		maps.Copy(all, part)
	}
	return all
})

// parts are the catalogue's parts, each for a part of the program.
func parts() []map[string]string {
	return []map[string]string{
		terms(), zhModel(), zhStory(), zhScreen(), zhCode(), zhStack(), zhPresentation(), zhReference(),
		zhExport(), zhCommands(), zhErrors(), zhSystem(),
	}
}

// terms are the field's terms, as Chinese textbooks use them: single words, which are
// also translated where they stand in for a %s.
func terms() map[string]string {
	return map[string]string{
		"client":   "客户端",
		"server":   "服务器",
		"observed": "观察到",
		"inferred": "推断",
		"assumed":  "假定",
	}
}
