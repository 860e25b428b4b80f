package fsm

// PassesInOrder is passesInOrder, for the test that it is used.
func (c *Conn) PassesInOrder(sender Side, s *Segment) bool { return c.passesInOrder(sender, s) }
