package lang

// zhExport has the texts of package export.
func zhExport() map[string]string {
	return map[string]string{}
}
