package lang

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// Sayable is an error that knows the format and the arguments of its English text, so
// that it can be said in another language. Packages that must not import this one
// implement it by themselves.
type Sayable interface {
	error
	Said() (format string, args []any)
}

// Errorf gives an error like [fmt.Errorf], %w included, that can be said in any language.
func Errorf(format string, args ...any) error {
	return &said{error: fmt.Errorf(format, args...), format: format, args: args}
}

// said is what Errorf gives.
type said struct {
	error
	format string
	args   []any
}

func (s *said) Said() (string, []any) { return s.format, s.args }
func (s *said) Unwrap() error         { return s.error }

// Error says an error in the language. What comes from elsewhere and is not known stays
// as it is.
func (l Language) Error(err error) string {
	if err == nil || l == English {
		return english(err)
	}
	switch e := err.(type) { // the outermost error only: each says its own causes
	case interface{ In(l Language) string }:
		return e.In(l)
	case Sayable:
		format, args := e.Said()
		return l.Say(format, args...)
	case *fs.PathError:
		return chineseOperation(e.Op) + " " + e.Path + "：" + l.Error(e.Err)
	case *os.LinkError:
		return chineseOperation(e.Op) + " " + e.Old + " → " + e.New + "：" + l.Error(e.Err)
	case *os.SyscallError:
		return e.Syscall + "：" + l.Error(e.Err)
	case syscall.Errno:
		return l.Text(e.Error())
	case interface{ Unwrap() []error }:
		if joined := english(errors.Join(e.Unwrap()...)); joined == err.Error() {
			var all []string
			for _, one := range e.Unwrap() {
				all = append(all, l.Error(one))
			}
			return strings.Join(all, "\n")
		}
	}
	if cause := errors.Unwrap(err); cause != nil {
		if head, ok := strings.CutSuffix(err.Error(), cause.Error()); ok {
			return head + l.Error(cause)
		}
	}
	return l.Text(err.Error())
}

func english(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
