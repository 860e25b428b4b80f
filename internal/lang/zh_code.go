package lang

// zhCode has the texts of the programs' source beside the ladder.
func zhCode() map[string]string {
	return map[string]string{
		// In the listings.
		"%s: the program %s of the lesson %s": "%s：课程 %[3]s 的程序 %[2]s",
		"Start it first.":                     "先启动它。",
		"Start it when %s.":                   "等到 %s 之后再启动它。",
		"%s of %s has returned":               "%[2]s 的 %[1]s 已返回",
		"%s of %s blocks":                     "%[2]s 的 %[1]s 正在阻塞",
		" and ":                               "，并且 ",
		"press Enter when %s: ":               "等到 %s 之后，按回车键：",
		"press Enter after %s: ":              "等 %s 之后，按回车键：",
		"press Enter when the answer to the last call, a RST, has come back: ":                                                      "等上一个调用引起的 RST 返回之后，按回车键：",
		"press Enter to end; the kernel then closes what is open: ":                                                                 "按回车键结束，内核会关闭还打开着的描述符：",
		"The lesson also does this to the network or to a host: %s. These programs cannot, so here a call may give something else.": "课程还对网络或主机做了这些事：%s。程序自己做不到，所以在这里调用的结果可能不同。",
		"In the lesson several programs make a call at the same moment; here the fastest is first.":                                 "在课程里，几个程序在同一时刻发出调用；在这里，谁快谁先。",
		"Here the lesson reboots the host, and the program is started again.":                                                       "在课程里，主机在这里重启，程序重新启动。",
		"check tells what a call gave; an error ends the program.":                                                                  "check 打印调用的返回值；出错就结束程序。",
		"Each line is written at once, into a pipe too.":                                                                            "每一行都立即输出，输出到管道时也一样。",
		"Without this the signal would end the program where EPIPE is to be seen.":                                                  "不忽略 SIGPIPE 的话，它会直接结束程序，看不到 EPIPE。",

		// The panel.
		"source": "源代码",
		"the source of the programs: the line that each of them is in; the same key closes it":  "程序的源代码：各个程序正执行到哪一行；再按一次关闭",
		"the source in the next language: C, Python, Go, PHP":                                   "换下一种语言的源代码：C、Python、Go、PHP",
		"the programs' source is not open: v opens it":                                          "源代码没有打开：按 v 打开",
		"a capture holds no program; a lesson has one":                                          "抓包文件里没有程序；课程才有",
		"the programs of this lesson are not known here: it is not one of the built-in lessons": "这里不知道这个课程的程序：它不是内置课程",
		"the programs in %s, as they run on one machine":                                        "程序的 %s 源代码，在一台机器上运行",
		"V: %s": "V：%s",
		"There is no source: these calls are not those of a lesson that is known here.": "没有源代码：这些调用不属于这里已知的课程。",
		"the story goes on otherwise than this":                                         "从这里起，实际发生的与这份源代码不同",
		"has not begun":                                                                 "尚未开始",

		// The command.
		"source [LESSON|FILE.yaml]":                              "source [课程|文件.yaml]",
		"Print the programs of a lesson in C, Python, Go or PHP": "用 C、Python、Go 或 PHP 打印课程的程序",
		`Prints the source of the programs of a lesson (tcpviz lessons lists them) or of a lesson
file: the calls that the lesson makes, ready to be run in two terminals. What each call
gives is printed. Where the calls' order rests on more than on calls that block, a
program waits for the Enter key and says for what. What a lesson does to segments on
the wire is in no program.`: `打印一个课程（tcpviz lessons 列出全部课程）或课程文件里各个程序的源代码：课程所做的调用，
可以直接在两个终端里运行。每个调用的返回值都会打印出来。如果只靠阻塞的调用还不能
保证顺序，程序就会等待回车键，并说明在等什么。课程对线路上的报文段所做的事，
不在任何程序里。`,
		`  tcpviz source                                    the lesson "connection", in C
  tcpviz source refused --in python                a lesson in Python
  tcpviz source echo --in go --program client      one of its programs
  tcpviz source echo --in php -o programs          into files: programs/echo-server.php ...`: `  tcpviz source                                    课程 connection，用 C
  tcpviz source refused --in python                用 Python 的一个课程
  tcpviz source echo --in go --program client      其中的一个程序
  tcpviz source echo --in php -o programs          写入文件：programs/echo-server.php ……`,
		"programming `language`: c, python, go or php":                  "编程`语言`：c、python、go 或 php",
		"only the program of this `name`":                               "只要这个`名字`的程序",
		"write each program to a file in this `directory`":              "把每个程序写入这个`目录`里的一个文件",
		"--program %s: the lesson %s has %s":                            "--program %s：课程 %s 里有 %s",
		"source: make the directory %s: %w":                             "source：创建目录 %s：%w",
		"source: write %s: %w; move it away, or give another directory": "source：写入 %s：%w；请移走它，或换一个目录",
		"source: write %s: %w":                                          "source：写入 %s：%w",
		"source: %w":                                                    "source：%w",
	}
}
