package lang

// zhReference has the texts of the reference.
func zhReference() map[string]string {
	return map[string]string{}
}
