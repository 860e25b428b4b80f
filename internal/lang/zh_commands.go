package lang

// zhCommands has the texts of the command line.
func zhCommands() map[string]string {
	return map[string]string{}
}
