package lab

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"tcpviz/internal/kernel"
	"tcpviz/internal/lang"
)

// nestedVariable marks, in the environment, a program that Reexec runs again.
const nestedVariable = "TCPVIZ_NESTED"

// reportFD is where the program that is run again finds the pipe to its parent.
const reportFD = 3

const itWorks = "ok"

// Reexec runs the whole program once more, in a user namespace in which it may
// make network namespaces, where this process may not make them itself. It
// belongs at the very beginning of a program that will call Run, before anything
// is read or written.
//
// With done set, the other process has done all the work: code is its exit status
// (128 and the signal's number when a signal ended it), and the caller should exit
// with it. It has had the terminal, the standard streams and the process group of
// this one; SIGINT, SIGTERM and SIGHUP were passed on to it (an interrupt from the
// keyboard reaches it twice), and it is told to end (SIGTERM) should this process die.
//
// Without done, the caller goes on itself: it needs no other process, it is the
// other process, or a user namespace is not to be had; err then says why, and
// nothing has happened.
func Reexec() (code int, done bool, err error) {
	if os.Getenv(nestedVariable) != "" {
		reportToParent()
		return 0, false, nil
	}
	if kernel.OnThread(tryNamespace) == nil {
		return 0, false, nil
	}
	code, done, err = runNested()
	if err != nil {
		err = lang.Errorf("a user namespace: %w", err)
	}
	return code, done, err
}

// tryNamespace tells whether the calling thread may make a network namespace and
// use it. The thread must end afterwards.
func tryNamespace() error {
	ns, err := newNamespace()
	if err != nil {
		return err
	}
	return errors.Join(raiseLoopback(), ns.close())
}

// reportToParent tells the waiting parent whether it works here. Where it does
// not, the parent goes on by itself and this process ends without a word.
func reportToParent() {
	if pipeName(reportFD) != os.Getenv(nestedVariable) {
		return // reported long ago: somebody runs the program again from inside
	}
	report := os.NewFile(reportFD, "report")
	answer := itWorks
	failed := kernel.OnThread(tryNamespace)
	if failed != nil {
		answer = failed.Error()
	}
	_, err := io.WriteString(report, answer)
	if errors.Join(err, report.Close()) != nil || failed != nil {
		os.Exit(1)
	}
}

// pipeName names the pipe that a descriptor is, "" when it is none.
func pipeName(fd int) string {
	var stat unix.Stat_t
	if unix.Fstat(fd, &stat) != nil || stat.Mode&unix.S_IFMT != unix.S_IFIFO {
		return ""
	}
	return strconv.FormatUint(stat.Ino, 10)
}

// useless says why the other process cannot perform lessons either.
func useless(answer string) error {
	if answer = strings.TrimSpace(answer); answer == "" {
		return lang.Errorf("it is of no use")
	}
	return lang.Errorf("it is of no use: %w", errors.New(answer))
}

func runNested() (code int, done bool, err error) {
	// The kernel sends Pdeathsig when the thread that forked ends.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	reader, writer, err := os.Pipe()
	if err != nil {
		return 0, false, err
	}
	defer reader.Close()
	child := exec.Command("/proc/self/exe", os.Args[1:]...)
	child.Args[0] = os.Args[0]
	// Fd makes the pipe's end a blocking one, which it may be.
	child.Env = append(os.Environ(), nestedVariable+"="+pipeName(int(writer.Fd())))
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	child.ExtraFiles = []*os.File{writer} // becomes reportFD
	child.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGTERM,
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	err = child.Start()
	if err = errors.Join(err, writer.Close()); err != nil {
		return 0, false, err
	}
	ended := make(chan string, 1)
	go func() {
		answer, _ := io.ReadAll(io.LimitReader(reader, 4096)) // what cannot be read is no "ok"
		_ = child.Wait()                                      // ProcessState tells
		ended <- string(answer)
	}()
	var told os.Signal
	for {
		select {
		case told = <-signals:
			_ = child.Process.Signal(told) // one that has ended already needs none
		case answer := <-ended:
			if number, ok := told.(syscall.Signal); ok && answer != itWorks {
				return 128 + int(number), true, nil // it was to end before it had begun
			}
			if answer != itWorks {
				return 0, false, useless(answer)
			}
			return exitCode(child.ProcessState), true, nil
		}
	}
}

// exitCode gives a process's exit status as a shell does.
func exitCode(s *os.ProcessState) int {
	if status, ok := s.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return s.ExitCode()
}
