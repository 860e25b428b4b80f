package lang

// zhErrors has the texts of the errors of everything below the command line.
func zhErrors() map[string]string {
	return map[string]string{}
}
