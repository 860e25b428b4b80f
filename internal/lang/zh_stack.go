package lang

// zhStack has the texts of the picture of the stack.
func zhStack() map[string]string {
	return map[string]string{}
}
