// Package preferences keeps what a user chooses once and wants to find again, in one
// small file of the user's.
//
// Nothing depends on that file: where there is no place for it, or it makes no sense,
// everything is as at the first time.
package preferences

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// DamagedError says that the file is there, but holds no preferences.
type DamagedError struct {
	Path string
	Err  error
}

// Error names the file and says what becomes of it.
func (e *DamagedError) Error() string {
	format, args := e.Said()
	return fmt.Sprintf(format, args...)
}

// Said gives the format and the arguments of what Error says, for other languages.
func (e *DamagedError) Said() (format string, args []any) {
	return "preferences %s: %v; what is chosen next is written over it", []any{e.Path, e.Err}
}

// Unwrap gives the cause.
func (e *DamagedError) Unwrap() error { return e.Err }

// longest is the most that is read of a file, in bytes: no preferences are longer.
const longest = 1 << 16

// File is the file of the preferences, which are of type P. The zero value is none:
// nothing is kept.
type File[P comparable] struct {
	path string
	kept P    // what the file holds
	full bool // there is such a file, and kept is all that it says
}

// Open finds the file: tcpviz/preferences.json in the user's folder of configurations (see
// [os.UserConfigDir]; $XDG_CONFIG_HOME, or .config in $HOME). Where the user has no
// such folder, nothing is kept.
func Open[P comparable]() *File[P] {
	folder, err := os.UserConfigDir()
	if err != nil || !filepath.IsAbs(folder) {
		return &File[P]{}
	}
	return &File[P]{path: filepath.Join(folder, "tcpviz", "preferences.json")}
}

// Load gives the preferences that the file holds, the zero value where there are none.
// The only error is a [*DamagedError]; the preferences are then still as good as any.
func (f *File[P]) Load() (P, error) {
	var none P
	if f.path == "" {
		return none, nil
	}
	data, err := read(f.path)
	if err != nil {
		return none, nil
	}
	var p P
	decoder := json.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&p); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("it is empty")
		}
		return none, &DamagedError{f.path, err}
	}
	f.kept, f.full = p, true
	return p, nil
}

// read gives the file's content; one that is not a plain file could block for ever.
func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a plain file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, longest))
}

// Save writes the preferences where they differ from those in the file. The file is
// replaced at once: whoever reads it finds the old or the new preferences, never half of
// them. Where nothing can be written there is an error, which need not disturb anybody.
func (f *File[P]) Save(p P) error {
	if f.path == "" || f.full && p == f.kept {
		return nil
	}
	if err := write(f.path, p); err != nil {
		return fmt.Errorf("preferences: write %s: %w", f.path, err)
	}
	f.kept, f.full = p, true
	return nil
}

func write(path string, p any) (err error) {
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	folder := filepath.Dir(path)
	// Two folders up is the user's home, as a rule: no home is made for anybody.
	if _, err := os.Stat(filepath.Dir(filepath.Dir(folder))); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(folder, ".preferences-*")
	if err != nil {
		return err
	}
	_, err = file.Write(append(data, '\n'))
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(file.Name()))
	}
	return err
}
