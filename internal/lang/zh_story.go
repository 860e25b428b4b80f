package lang

// zhStory has the texts of packages story, lesson, script and verify.
func zhStory() map[string]string {
	return map[string]string{}
}
