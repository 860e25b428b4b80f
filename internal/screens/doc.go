// Package screens holds only a test: every screen of every lesson, at three sizes and
// in both languages, as the dashboard draws it for a lesson that is performed on the
// stage sim.
//
// testdata has, for each lesson, all of its screens in one compressed file, and its
// last screens as plain text for whoever reads a change of them:
//
//	zstd -dc testdata/all/close.zst | less
//	go test ./internal/screens -update
package screens
