package lang

// zhModel has the texts of package fsm: the rules' reasons, the findings, the timers.
func zhModel() map[string]string {
	return map[string]string{}
}
