package lab

import (
	"fmt"
	"strconv"
	"time"

	"tcpviz/internal/lesson"
)

// enterArgs writes a call's arguments as they are when it begins.
func enterArgs(c lesson.Call, number int) string {
	fd := strconv.Itoa(number)
	switch c.Op {
	case lesson.Socket:
		if c.IPv6 {
			return "AF_INET6, SOCK_STREAM"
		}
		return "AF_INET, SOCK_STREAM"
	case lesson.Bind, lesson.Connect:
		return fd + ", " + c.Addr.String()
	case lesson.Listen, lesson.Recv:
		return fd + ", " + strconv.Itoa(c.Size)
	case lesson.Send:
		return fmt.Sprintf("%s, %s, %d", fd, quote(c.Data), len(c.Data))
	case lesson.Shutdown:
		return fd + ", " + c.How
	case lesson.SetSockOpt:
		return fd + ", " + c.Option + ", " + optionText(c.Option, c.Value)
	}
	return fd
}

func optionText(name string, v lesson.Value) string {
	switch name {
	case "SO_LINGER":
		on := 0
		if v.On {
			on = 1
		}
		return fmt.Sprintf("{%d, %d}", on, v.Number)
	case "SO_RCVTIMEO", "SO_SNDTIMEO":
		return v.Time.Round(time.Microsecond).String()
	}
	return strconv.Itoa(v.Number)
}
