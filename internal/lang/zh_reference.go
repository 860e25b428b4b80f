package lang

// zhReference has the texts of the reference. What it says of each thing stands, in both
// languages, in the files of package reference.
func zhReference() map[string]string {
	return map[string]string{
		// The kinds of entries.
		"states":          "状态",
		"header fields":   "首部字段",
		"TCP options":     "TCP 选项",
		"socket calls":    "套接字调用",
		"socket options":  "套接字选项",
		"errors of calls": "调用的错误",
		"timers":          "定时器",
		"outcomes":        "结果",
		"terms":           "术语",

		// In the dashboard.
		"reference":             "参考",
		"at hand":               "眼前的",
		"type to find a name":   "输入名称来查找",
		"keys in the reference": "在参考中的按键",
		"the reference: what the states, flags, calls, errors and header fields at hand are, in two or three sentences; esc closes it": "参考：用两三句话说明眼前的状态、标志、调用、错误和首部字段；esc 关闭",
		"nothing is like what was typed":  "没有与输入相近的名称",
		"no lesson shows this":            "没有课程演示它",
		"nothing is typed":                "还没有输入",
		"the lessons are not chosen from": "没有在选择课程",
		"in the reference: to the lessons that show it (also → and tab); there, play the one that is chosen": "在参考中：到演示它的课程（也可用 → 和 tab）；在那里则演示选中的课程",
		"in the reference: down":                                     "在参考中：下移",
		"in the reference: up":                                       "在参考中：上移",
		"in the reference: a page down":                              "在参考中：下翻一页",
		"in the reference: a page up":                                "在参考中：上翻一页",
		"in the reference: to the first":                             "在参考中：到第一个",
		"in the reference: to the last":                              "在参考中：到最后一个",
		"in the reference: delete the last character that was typed": "在参考中：删除最后输入的字符",
		"in the reference: delete all that was typed":                "在参考中：删除输入的全部内容",
		"in the reference: back from the lessons, from what was typed, to the story; all other keys are typed, and find a name": "在参考中：从课程、从输入返回，最后回到连接的画面；其他按键都是输入，用来查找名称",
		"in the reference: back from the lessons (also shift-tab)":                                                              "在参考中：从课程返回（也可用 shift-tab）",
		"in the reference: this help": "在参考中：本帮助",

		// As text.
		"also called: %s":         "又名：%s",
		"lessons that show it:":   "演示它的课程：",
		"write the reference: %w": "写出参考：%w",
		"explain [NAME]...":       "explain [名称]...",
		"Explain a state, flag, call, error, anomaly or header field": "解释一个状态、标志、调用、错误、异常或首部字段",
		`Says in two or three sentences what a thing is, where the standard says so, and which
lessons show it: a state, a flag, a header field, a socket call or its error, an anomaly,
a timer, an outcome, a term. Any spelling will do: TIME-WAIT, time_wait, and Chinese names.
Without a name it lists all that it knows.`: `用两三句话说明一样东西是什么、标准在哪里这样说、哪些课程演示它：状态、标志、首部字段、
套接字调用及其错误、异常、定时器、结果、术语。怎样写都可以：TIME-WAIT、time_wait、三次握手。
不给名称时，列出它知道的一切。`,
		`  tcpviz explain TIME-WAIT
  tcpviz explain ECONNREFUSED RST
  tcpviz explain three-way handshake
  tcpviz explain tcp.analysis.fast_retransmission
  tcpviz explain --output json`: `  tcpviz explain TIME-WAIT
  tcpviz explain ECONNREFUSED RST
  tcpviz explain 三次握手
  tcpviz explain tcp.analysis.fast_retransmission
  tcpviz explain --output json`,
		"\ntcpviz explain NAME says what one of them is; in the dashboard, r does.\n": "\ntcpviz explain 名称 说明其中一个；在仪表板里按 r。\n",
		"nothing is known of %q: did you mean %s?":                                    "不知道 %q：是不是指 %s？",
		"nothing is known of %q: tcpviz explain lists what is":                        "不知道 %q：tcpviz explain 列出所有知道的",
	}
}
