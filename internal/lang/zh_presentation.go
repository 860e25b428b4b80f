package lang

// zhPresentation has the texts of the presentation: themes, large mode, predict mode, greeting.
func zhPresentation() map[string]string {
	return map[string]string{}
}
