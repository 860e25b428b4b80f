package lang

// zhCode has the texts of the programs' source beside the ladder.
func zhCode() map[string]string {
	return map[string]string{}
}
