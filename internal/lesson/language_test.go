package lesson_test

import (
	"testing"

	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
)

// What is wrong with a file is said in the user's language, down to its innermost cause.
func TestErrorsInChinese(t *testing.T) {
	const head = "id: a\ntitle: {en: A}\nprograms: {server: server, client: client}\nsteps:\n"
	for _, test := range []struct{ file, english, chinese string }{
		{
			"", "lesson: a.yaml: the file is empty", "课程 a.yaml：文件是空的",
		},
		{
			head + "  - client: [x]\n",
			"lesson: a.yaml:5: expected a text, found a list", "课程 a.yaml 第 5 行：这里应是文本，却是列表",
		},
		{
			head + "  - client: s = connect()\n",
			"lesson: a.yaml:5: connect: expected a descriptor's name, found \")\"",
			"课程 a.yaml 第 5 行：connect：这里应是描述符的名字，却是 \")\"",
		},
		{
			head + "  - client: s = socket()\n  - client: connect(s, client:x)\n",
			"lesson: a.yaml:6: connect: \"x\" is no port of the client (such as client:10008)",
			"课程 a.yaml 第 6 行：connect：\"x\" 不是客户端的端口（如 client:10008）",
		},
		{
			head + "  - wire: drop 2 from client\n",
			"lesson: a.yaml:5: wire: drop: expected SYN, SYN ACK, ACK, FIN, RST, data or segment behind \"2\"",
			"课程 a.yaml 第 5 行：wire：drop：\"2\" 后面应是 SYN、SYN ACK、ACK、FIN、RST、data 或 segment",
		},
		{
			head + "  - client: close(s)\n",
			"lesson: a.yaml:5: client: no call has given a descriptor named \"s\"",
			"课程 a.yaml 第 5 行：client：没有哪个调用给出过名为 \"s\" 的描述符",
		},
	} {
		_, err := lesson.Parse("a.yaml", []byte(test.file))
		if err == nil {
			t.Errorf("%q has no error", test.file)
			continue
		}
		if got := err.Error(); got != test.english {
			t.Errorf("in English: %q, want %q", got, test.english)
		}
		if got := lang.Chinese.Error(err); got != test.chinese {
			t.Errorf("in Chinese: %q, want %q", got, test.chinese)
		}
	}
}
