package capture_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"tcpviz/capture"
)

// An error knows the format and the arguments of its text, and wraps what it wrapped before.
func TestErrorsCanBeSaid(t *testing.T) {
	folder := t.TempDir()
	file := func(name string, data []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	header := []byte{0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 1, 0, 0, 0}
	for _, test := range []struct {
		name, path string
		is         error
	}{
		{"missing", filepath.Join(folder, "missing"), fs.ErrNotExist},
		{"empty", file("empty", nil), capture.ErrNotCapture},
		{"text", file("text", []byte("no capture at all")), capture.ErrNotCapture},
		{"cut off in the header", file("header", header[:20]), capture.ErrCutOff},
		{"cut off in a frame", file("frame", append(header[:24:24], 1, 2, 3)), capture.ErrCutOff},
		{"damaged", file("damaged", append(header[:24:24], 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0x7f)), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := firstError(test.path)
			var sayable interface{ Said() (string, []any) }
			if !errors.As(err, &sayable) {
				t.Fatalf("%v cannot be said in another language", err)
			}
			format, args := sayable.Said()
			if got := fmt.Errorf(format, args...).Error(); got != err.Error() {
				t.Errorf("its format and arguments give %q, its text is %q", got, err)
			}
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%v is not %v", err, test.is)
			}
		})
	}
}

// firstError reads a capture until something is wrong.
func firstError(path string) error {
	f, err := capture.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		if _, err := f.Next(); err != nil {
			return err
		}
	}
}
