package story

import "strings"

// SplitArguments splits a call's arguments ([Call].Args) at the commas that stand in no literal.
func SplitArguments(args string) []string {
	var parts []string
	start, inside := 0, false
	for i := 0; i < len(args); i++ {
		switch c := args[i]; {
		case c == '\\' && inside:
			i++
		case c == '"':
			inside = !inside
		case c == ',' && !inside:
			parts = append(parts, strings.TrimSpace(args[start:i]))
			start = i + 1
		}
	}
	if rest := strings.TrimSpace(args[start:]); rest != "" || len(parts) > 0 {
		parts = append(parts, rest)
	}
	return parts
}

// ShortAddress writes an argument that is an address and a port as "…:10008", with what
// stands for the address; anything else stays as it is.
func ShortAddress(argument, dots string) string {
	colon := strings.LastIndexByte(argument, ':')
	if colon < 2 || colon == len(argument)-1 || strings.Contains(argument, `"`) || strings.Trim(argument[colon+1:], "0123456789") != "" {
		return argument
	}
	host := argument[:colon]
	if strings.HasPrefix(host, "[") == strings.HasSuffix(host, "]") && strings.ContainsAny(host, ".:") {
		return dots + argument[colon:]
	}
	return argument
}
