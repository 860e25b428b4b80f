package lesson

import (
	"fmt"
	"strings"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// told gives the lesson with a narration at every step of calls: one that says nothing
// of its own says in a standard sentence what its programs do. What the calls give is
// not foretold, and a step that does something to the wire or to a host is left to its
// author.
func (l Lesson) told() Lesson {
	type socket struct{ program, name string }
	listening := make(map[socket]bool)
	for i, s := range l.Steps {
		var en, zh []string
		for _, a := range s.Acts {
			p, _ := l.Program(a.Program)
			for _, c := range a.Calls {
				t := standard(p, c, listening[socket{a.Program, c.Socket}])
				en, zh = append(en, t.EN), append(zh, t.ZH)
				if c.Op == Listen {
					listening[socket{a.Program, c.Socket}] = true
				}
				if c.Assign != "" {
					listening[socket{a.Program, c.Assign}] = false
				}
			}
		}
		if s.Say == (story.Text{}) && len(s.Reboot) == 0 {
			l.Steps[i].Say = story.Text{EN: strings.Join(en, " "), ZH: strings.Join(zh, "")}
		}
	}
	return l
}

// named names a program: "The server", "服务器"; one that has another name than its
// side keeps it.
func named(p Program) story.Text {
	switch p.Name {
	case fsm.Server.String():
		return story.Text{EN: "The server", ZH: "服务器"}
	case fsm.Client.String():
		return story.Text{EN: "The client", ZH: "客户端"}
	}
	return story.Text{EN: p.Name, ZH: p.Name + " "}
}

// standard says what a call is for. listens tells that its socket is a listening one.
func standard(p Program, c Call, listens bool) story.Text {
	say := func(en, zh string, args ...any) story.Text {
		name := named(p)
		return story.Text{
			EN: name.EN + " " + fmt.Sprintf(en, args...) + ".",
			ZH: name.ZH + fmt.Sprintf(zh, args...) + "。",
		}
	}
	switch c.Op {
	case Socket:
		return say("makes a socket", "创建一个套接字")
	case Bind:
		return say("asks for port %d", "申请使用端口 %[1]d", c.Addr.Port())
	case Listen:
		return say("listens", "开始监听")
	case Accept:
		return say("takes the next finished connection, or waits for it", "取走下一个已完成的连接，没有就等待")
	case Connect:
		return say("connects to port %d", "连接端口 %[1]d", c.Addr.Port())
	case Send:
		return say("sends %d bytes", "发送 %[1]d 个字节", len(c.Data))
	case Recv:
		return say("reads what has come, or waits for it", "读取收到的数据，没有就等待")
	case Shutdown:
		return say("calls shutdown with %s", "调用 shutdown（%[1]s）", c.How)
	case SetSockOpt:
		return standardOption(c, say)
	case GetSockName:
		return say("asks for the socket's own address", "查询套接字自己的地址")
	case GetPeerName:
		return say("asks for the peer's address", "查询对方的地址")
	case Close:
		if listens {
			return say("closes its listening socket", "关闭监听套接字")
		}
		return say("closes its socket", "关闭自己的套接字")
	}
	return say("goes on", "继续")
}

func standardOption(c Call, say func(en, zh string, args ...any) story.Text) story.Text {
	switch c.Option {
	case "SO_REUSEADDR":
		return say("sets SO_REUSEADDR, so that old connections in TIME-WAIT do not keep it from its port",
			"设置 SO_REUSEADDR，这样处于 TIME-WAIT 的旧连接不会妨碍它使用端口")
	case "SO_RCVTIMEO":
		return say("will wait for %s at most when it reads", "读取时最多等待 %[1]s", limitText(c.Value.Time))
	case "SO_SNDTIMEO":
		return say("will wait for %s at most when it connects or sends", "连接或发送时最多等待 %[1]s", limitText(c.Value.Time))
	}
	return say("sets %s", "设置 %[1]s", c.Option)
}

// limitText is a time limit in a sentence: a number, a blank and its unit.
func limitText(d time.Duration) string {
	if d%time.Second == 0 {
		return fmt.Sprintf("%d s", d/time.Second)
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}
