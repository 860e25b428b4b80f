package lang

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"testing"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name string
		want Language
		ok   bool
	}{
		{"en", English, true}, {"zh", Chinese, true}, {"zh-Hans", Chinese, true}, {"zh_CN.UTF-8", Chinese, true},
		{"ZH", Chinese, true}, {"C.UTF-8", English, true}, {"POSIX", English, true}, {"en_GB", English, true},
		{"de_DE.UTF-8", English, false}, {"", English, false},
	}
	for _, test := range tests {
		if got, ok := Parse(test.name); got != test.want || ok != test.ok {
			t.Errorf("Parse(%q) = %v, %v; want %v, %v", test.name, got, ok, test.want, test.ok)
		}
	}
}

type side string

func (s side) String() string { return string(s) }

func TestArgumentsAreSaidInTheLanguageToo(t *testing.T) {
	if got := Chinese.Say("%s", side("client")); got != "客户端" {
		t.Errorf("a Stringer is said as %q", got)
	}
	if got := Chinese.Say("%s", "client"); got != "client" {
		t.Errorf("a string from outside is said as %q", got)
	}
	if got := Chinese.Say("%d %v", 7, side("SYN-SENT")); got != "7 SYN-SENT" {
		t.Errorf("what is no term is said as %q", got)
	}
}

func TestErrorsKeepWhatTheyWrap(t *testing.T) {
	err := Errorf("open it: %w", fs.ErrNotExist)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v does not wrap its cause", err)
	}
	if got, want := err.Error(), fmt.Errorf("open it: %w", fs.ErrNotExist).Error(); got != want {
		t.Errorf("in English: %q, want %q", got, want)
	}
	for _, l := range []Language{English, Chinese} {
		if got := l.Error(nil); got != "" {
			t.Errorf("no error is said as %q", got)
		}
	}
	for err, want := range map[error]string{
		&fs.PathError{Op: "open", Path: "x.pcap", Err: syscall.ENOENT}:            "打开 x.pcap：没有那个文件或目录",
		&os.LinkError{Op: "rename", Old: "a", New: "b", Err: syscall.EACCES}:      "改名 a → b：权限不够",
		os.NewSyscallError("bind", syscall.EADDRINUSE):                            "bind：地址已被占用",
		Errorf("write %s: %w", "x", errors.Join(syscall.EPIPE, syscall.ENOSPC)):   "写入 x：断开的管道\n设备上没有空间",
		&fs.PathError{Op: "ioctl", Path: "/dev/x", Err: errors.New("no meaning")}: "ioctl /dev/x：no meaning",
	} {
		if got := Chinese.Error(err); got != want {
			t.Errorf("%v is said as %q, want %q", err, got, want)
		}
	}
	foreign := fmt.Errorf("strange: %w", syscall.ECONNREFUSED)
	if got, want := Chinese.Error(foreign), "strange: "+Chinese.Text(syscall.ECONNREFUSED.Error()); got != want {
		t.Errorf("a foreign error is said as %q, want %q", got, want)
	}
}
