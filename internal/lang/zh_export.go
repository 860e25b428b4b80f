package lang

// zhExport has the texts of package export's pictures, pages, diagrams and casts, and of
// the command export.
func zhExport() map[string]string {
	return map[string]string{
		"export LESSON|FILE -o OUT.EXT":                                          "export 课程|文件 -o 输出文件.扩展名",
		"Write a lesson or a capture as a picture, a page, text, JSON or a cast": "把课程或抓包文件写成图片、网页、文本、JSON 或录屏",
		`Writes a lesson, a recording or any other capture file in a form that can be taken home.
The file's extension says which:

  svg   the ladder with calls and states: a picture, sharp in print
  html  a page that is stepped forward and back in a browser; one file, no network
  mmd   a sequence diagram for Mermaid
  txt   plain text
  json  JSON lines
  cast  the dashboard, played, for asciinema

A lesson is performed first. One connection is shown, the first if no other is asked
for; a page holds up to eight of them, txt and json hold all. --theme dark makes svg
light on dark; a page follows its reader's choice.`: `把课程、录制文件或任何其他抓包文件写成可以带走的形式。由文件的扩展名决定：

  svg   带有调用和状态的时序图：图片，打印清晰
  html  可在浏览器里逐步前进和后退的网页；只有一个文件，不访问网络
  mmd   Mermaid 的序列图
  txt   纯文本
  json  JSON 行
  cast  播放中的仪表板，供 asciinema 使用

课程会先演示一遍。只显示一个连接，不指定时是第一个；网页最多包含八个，txt 和 json 包含
全部。--theme dark 使 svg 为深底浅字；网页随读者的设置而定。`,
		"a lesson or a capture file":                                                                               "一个课程或一个抓包文件",
		"`file` to write; - is standard output":                                                                    "要写的`文件`；- 是标准输出",
		"`form`, whatever the file is called: svg, html, mmd, txt, json or cast":                                   "`形式`，不论文件叫什么：svg、html、mmd、txt、json 或 cast",
		"`number` of the connection to show (the first)":                                                           "要显示的连接的`编号`（第一个）",
		"`stage` to perform a lesson on: loopback, wire or sim (the first that works here)":                        "演示课程的`舞台`：loopback、wire 或 sim（这里可用的第一个）",
		"`columns` and rows of the dashboard in a cast":                                                            "录屏里仪表板的`列数`和行数",
		"--conn %d: a number from 1 on is wanted":                                                                  "--conn %d：应为从 1 开始的编号",
		"--conn %d: %s has no connection of that number (tcpviz conns lists those of a file)":                      "--conn %d：%s 没有这个编号的连接（tcpviz conns 列出文件里的连接）",
		"%s has %d connections; %s shows number %d (--conn chooses another)":                                       "%s 有 %d 个连接；%s 显示第 %d 个（用 --conn 选择另一个）",
		"export needs a file to write: -o OUT.svg, or .html, .mmd, .txt, .json, .cast":                             "export 需要一个要写的文件：-o OUT.svg，或 .html、.mmd、.txt、.json、.cast",
		"-o - needs --as: svg, html, mmd, txt, json or cast":                                                       "-o - 需要 --as：svg、html、mmd、txt、json 或 cast",
		"-o %s: the extension says no form; end it with .svg, .html, .mmd, .txt, .json or .cast, or say --as FORM": "-o %s：扩展名没有说明形式；请以 .svg、.html、.mmd、.txt、.json 或 .cast 结尾，或用 --as 指定形式",
		"export: %w":           "导出：%w",
		"export: write %s: %w": "导出：写 %s：%w",
		"--size %s: columns x rows are wanted, %dx%d at least, %dx%d at most": "--size %s：应为 列数×行数，至少 %dx%d，至多 %dx%d",
		"export: cast: %w":                      "导出：录屏：%w",
		"export: the page's template: %w":       "导出：网页的模板：%w",
		"export: the page: %w":                  "导出：网页：%w",
		"connection %d: %s":                     "连接 %d：%s",
		"%d more steps are not in this picture": "还有 %d 步不在这张图里",
		"Nothing has happened yet.":             "还什么都没有发生。",
		"What happens":                          "发生了什么",
		"Why":                                   "为什么",
		"Now":                                   "现在",
		"Unusual":                               "异常之处",
		"to the beginning (Home)":               "到开头（Home）",
		"one step back (left arrow)":            "后退一步（左箭头）",
		"one step forward (right arrow)":        "前进一步（右箭头）",
		"to the end (End)":                      "到末尾（End）",
		"play or pause (space)":                 "播放或暂停（空格）",
		"The states of RFC 9293":                "RFC 9293 的各个状态",
		"smaller (-)":                           "缩小（-）",
		"larger (+)":                            "放大（+）",
		"Keys: ← and → step, space plays, Home and End jump, + and - change the size, L the language.": "按键：← 和 → 后退和前进，空格播放，Home 和 End 到两端，+ 和 - 改变大小，L 切换语言。",
		"Without scripts the whole connection is shown at once.":                                       "没有脚本时，整个连接一次全部显示。",
		"the listener is closed":            "监听套接字关闭",
		"the host starts again":             "主机重新启动",
		"%s returns":                        "%s 返回",
		"✗ the stack says %s, the model %s": "✗ 协议栈说 %s，模型说 %s",
		"%s … on its way":                   "%s …… 在途中",
		"%s is lost":                        "%s 丢失",
		"a copy of %s arrives":              "%s 的一个副本到达",
		"%s arrives":                        "%s 到达",
		"lesson %s":                         "课程 %s",
		"choose a connection":               "选择连接",
		"a recording":                       "录制",
		"connection %d of %d":               "连接 %d / %d",
		"A ladder diagram of a TCP connection: the client on the left, the server on the right, time downward, segments as arrows.": "一个 TCP 连接的时序图：客户端在左，服务器在右，时间向下，报文段是箭头。",
		"At the end the client is in %s and the server in %s.":                                                                      "最后客户端处于 %s，服务器处于 %s。",
		"the client's new state": "客户端的新状态",
		"the server's":           "服务器的新状态",
		"not proven: NAME? is assumed, (NAME) inferred": "未证实：NAME? 是假定，(NAME) 是推断",
		"a segment that arrives":                        "到达的报文段",
		"a segment that is lost":                        "丢失的报文段",
		"its arrival is only assumed":                   "到达只是假定",
	}
}
