package story_test

import (
	"regexp"
	"testing"

	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

func TestDoing(t *testing.T) {
	for does, want := range map[string]string{
		"drop SYN from client":             "丢弃客户端的 SYN",
		"drop every SYN ACK from server":   "丢弃服务器的每个 SYN ACK",
		"hold everything":                  "扣住全部报文段",
		"duplicate 2nd data from client":   "复制客户端的第 2 个数据",
		"delay 3 segments 1.5s":            "让 3 个报文段延迟 1.5s",
		"swap data from client, wait 2s":   "交换客户端的数据；等待 2s",
		"let go":                           "全部放行",
		"let 2 go":                         "放行 2 个",
		"reboot server":                    "重启服务器",
		"reboot everything":                "reboot everything", // not of the grammar: as it is
		"drop SYN from client; rm -rf /":   "drop SYN from client; rm -rf /",
		"drop 3x segments":                 "drop 3x segments",
		"delay":                            "delay",
		"":                                 "",
		"let go, something else, wait 2s,": "let go, something else, wait 2s,",
	} {
		if got := story.Doing(does, lang.Chinese); got != want {
			t.Errorf("%q is %q, want %q", does, got, want)
		}
		if got := story.Doing(does, lang.English); got != does {
			t.Errorf("%q is %q in English", does, got)
		}
	}
}

// What the built-in lessons do is said in Chinese, but for the names of segments and times.
func TestEveryLessonSaysWhatItDoes(t *testing.T) {
	english := regexp.MustCompile(`[a-z]{2,}`)
	for _, l := range lesson.All() {
		for _, step := range l.Steps {
			if said := story.Doing(step.Does(), lang.Chinese); english.MatchString(said) {
				t.Errorf("%s: %q is said as %q", l.ID, step.Does(), said)
			}
		}
	}
}

func FuzzDoing(f *testing.F) {
	f.Add("drop every SYN ACK from server, delay 2nd data 1.5s, let 2 go, wait 3s, reboot client")
	f.Fuzz(func(t *testing.T, does string) {
		if story.Doing(does, lang.Chinese) == "" && does != "" {
			t.Errorf("%q is not said", does)
		}
	})
}
