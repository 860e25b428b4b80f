package capture

// BeforeRead sets what Next calls before it reads.
func (f *File) BeforeRead(call func()) { f.beforeRead = call }
