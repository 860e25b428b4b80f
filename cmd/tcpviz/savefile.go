package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tcpviz/internal/lang"
)

// saveFile is a file that is being written. It appears under its name when it is
// whole; until then, and when it is abandoned, what stood there before stands there.
type saveFile struct {
	*os.File
	target string // "" when the target is written to directly (a device, a pipe)
	closed bool
}

// createFile begins a file, and fails where it could not be finished either.
func createFile(name string) (*saveFile, error) {
	f, err := createBeside(name)
	if err != nil {
		return nil, lang.Errorf("write %s: %w", name, reason(err))
	}
	return f, nil
}

func createBeside(name string) (*saveFile, error) {
	target, mode := name, fs.FileMode(0o666)
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("it is a directory")
	default:
		// It must be writable itself, not only its folder.
		old, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() {
			return &saveFile{File: old}, nil
		}
		if err := old.Close(); err != nil {
			return nil, err
		}
		mode = info.Mode().Perm()
		if target, err = filepath.EvalSymlinks(name); err != nil {
			return nil, err
		}
	}
	temporary := filepath.Join(filepath.Dir(target), fmt.Sprintf(".%s.%d.part", filepath.Base(target), os.Getpid()))
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, err
	}
	return &saveFile{File: f, target: target}, nil
}

// commit gives the file its name.
func (f *saveFile) commit() error {
	f.closed = true
	err := f.Close()
	if err == nil && f.target != "" {
		err = os.Rename(f.Name(), f.target)
	}
	if err != nil {
		return errors.Join(lang.Errorf("write %s: %w", f.target, reason(err)), f.remove())
	}
	return nil
}

// abandon removes the file unless it was committed.
func (f *saveFile) abandon() error {
	if f.closed {
		return nil
	}
	f.closed = true
	return errors.Join(f.Close(), f.remove())
}

func (f *saveFile) remove() error {
	if f.target == "" {
		return nil
	}
	return os.Remove(f.Name())
}
