package fsm

// Seq is a sequence number: arithmetic is modulo 2³² (RFC 9293 section 3.4).
type Seq uint32

// Less reports whether s comes before t, that is, whether t is less than 2³¹ ahead of s.
func (s Seq) Less(t Seq) bool { return int32(s-t) < 0 }

// LessEq reports whether s comes before t or is t.
func (s Seq) LessEq(t Seq) bool { return int32(s-t) <= 0 }

// Add gives the number n octets after s.
func (s Seq) Add(n uint32) Seq { return s + Seq(n) }

// Sub gives the signed distance from t to s, in octets.
func (s Seq) Sub(t Seq) int32 { return int32(s - t) }

// InWindow reports whether s lies in the window of size octets that starts at left.
func (s Seq) InWindow(left Seq, size uint32) bool { return uint32(s-left) < size }
