package lang

// zhScreen has the texts of package ui, but for the panels that have a part of their own.
func zhScreen() map[string]string {
	return map[string]string{}
}
