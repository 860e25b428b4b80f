package lang

// zhPresentation has the texts of the presentation: themes, large mode, predict mode, greeting.
func zhPresentation() map[string]string {
	return map[string]string{
		// Themes.
		"colours":       "配色",
		"theme: %s":     "配色：%s",
		"terminal":      "终端原色",
		"dark":          "深色",
		"light":         "浅色",
		"high-contrast": "高对比度",
		"the next theme: the terminal's own colours, dark, light, high-contrast": "下一种配色：终端原色、深色、浅色、高对比度",
		"there are no colours here (NO_COLOR, or a terminal without them)":       "这里没有颜色（NO_COLOR，或终端不支持颜色）",
		"large": "大字",
		"large, for a projector: few things, seen from the back row; the same key goes back": "大字模式，适合投影：内容少而大，后排也看得清；再按一次返回",

		// The arrow keys, where no arrows can be shown.
		"down arrow": "下方向键",
		"up arrow":   "上方向键",

		// The mouse.
		"leave the mouse to the terminal, which can select text with it, or take it back": "把鼠标交给终端（可用来选择文字），或收回",
		"the mouse is off: it selects text now; M switches it on":                         "鼠标已关闭：现在可用它选择文字；按 M 重新打开",
		"the mouse is on: click a segment, a state or a call; the wheel steps":            "鼠标已打开：可点击报文段、状态或调用；滚轮逐步前进或后退",
		"neither side comes into %s here":                                                 "这里没有哪一端进入过 %s",

		// Questions.
		"predict": "预测",
		"predict: you are asked what comes before it is shown, and your right answers are counted; the same key ends it": "预测模式：在显示之前先问接下来会怎样，并统计答对的题数；再按一次结束",
		"answer":                     "回答",
		"predict: %d of %d right":    "预测：%[2]d 题答对 %[1]d 题",
		"%d of %d right":             "%[2]d 题答对 %[1]d 题",
		"The end: %d of %d right.":   "结束：%[2]d 题答对 %[1]d 题。",
		"%s: %d of %d":               "%s：%[3]d 题答对 %[2]d 题",
		"Right: %s.":                 "正确：%s。",
		"No: not %s, but %s.":        "不对：不是 %s，而是 %s。",
		"What does the %s send now?": "%s现在发送什么？",
		"%s reaches the %s. Which state is it in now?":                                        "%s 到达%s。它现在处于哪个状态？",
		"%s reaches the %s. Which state is the new connection in there?":                      "%s 到达%s。那里的新连接现在处于哪个状态？",
		"The %s sends %s. Which state is it in now?":                                          "%s发送 %s。它现在处于哪个状态？",
		"The %[2]s of the %[1]s runs out. Which state is it in now?":                          "%[1]s的%[2]s到时。它现在处于哪个状态？",
		"The %s calls %s. Which state is its listening socket in now?":                        "%s调用 %s。它的监听套接字现在处于哪个状态？",
		"%[2]s of the %[1]s returns. Which state is it in now?":                               "%[1]s的 %[2]s 返回。它现在处于哪个状态？",
		"The %s calls %s. Which state is it in now?":                                          "%s调用 %s。它现在处于哪个状态？",
		"a number answers; e ends the questions":                                              "按数字回答；按 e 结束提问",
		"space plays on, → goes one step on":                                                  "空格继续播放，→ 前进一步",
		"no more questions":                                                                   "不再提问",
		"no more questions; you had %d of %d":                                                 "不再提问；%[2]d 题中你答对了 %[1]d 题",
		"it tells what is to be predicted: e ends the questions":                              "它会透露要预测的内容：按 e 结束提问",
		"answer first, with 1, 2, 3 or 4; e ends the questions":                               "请先用 1、2、3 或 4 回答；按 e 结束提问",
		"while you predict: answer the question with its number (also a click on the answer)": "预测时：按答案的数字回答（也可点击答案）",
		"while you predict: nothing goes on before the question is answered":                  "预测时：回答之前不会继续",
		"Nothing has happened yet. Space plays until there is something to predict.":          "还什么都没有发生。按空格播放，直到有可预测的内容。",

		// The greeting.
		"Welcome": "欢迎",
		"tcpviz runs a real server and a real client, and shows what TCP does between them: each socket call, each segment, and the state of both ends.": "tcpviz 运行真实的服务器和客户端，展示 TCP 在两者之间做了什么：每次套接字调用、每个报文段，以及两端的状态。",
		"tcpviz shows what TCP did here: each segment, the socket calls that must have been made, and the state of both ends.":                           "tcpviz 展示 TCP 在这里做了什么：每个报文段、必然发生过的套接字调用，以及两端的状态。",
		"plays, and pauses":                             "播放和暂停",
		"one step forward; ← one back":                  "前进一步；← 后退一步",
		"help: all the other keys":                      "帮助：其他所有按键",
		"press one of them, or any other key, to begin": "按其中一个键，或其他任意键，即可开始",

		// The file of the preferences, and the flags.
		"preferences %s: %v; what is chosen next is written over it": "偏好设置 %s：%v；下次的选择会覆盖它",
		"preferences: write %s: %w":                                  "偏好设置：写入 %s：%w",
		"true or false is wanted":                                    "应为 true 或 false",
		"it is empty":                                                "文件为空",
		"%s: not a plain file":                                       "%s：不是普通文件",
		"dashboard: `name` of the theme: terminal, dark, light or high-contrast (the last one chosen)": "仪表板：配色的`名称`：terminal、dark、light 或 high-contrast（默认为上次所选）",
		"dashboard: few things, and large, for a projector":                                            "仪表板：大字模式，内容少而大，适合投影",
		"dashboard: ask what comes next before it is shown":                                            "仪表板：在显示之前先问接下来会怎样",
		"dashboard: draw lines and marks with ASCII characters only":                                   "仪表板：只用 ASCII 字符画线条和符号",
	}
}
