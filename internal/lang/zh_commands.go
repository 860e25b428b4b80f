package lang

// zhCommands has the texts of the command line.
func zhCommands() map[string]string {
	return map[string]string{
		// The program, and what cobra adds to it.
		"See what TCP really does": "看清 TCP 真正做了什么",
		`tcpviz shows what TCP really does: the socket calls of two programs, the segments
between them and the state of both ends, on one timeline that can be stepped both ways.

Without a command it plays the lesson "connection": a handshake, a line each way,
a four-way close.

Exit status: 0 done, 1 failed or a damaged file (what could be read is shown first),
2 wrong usage; 128 plus the signal's number when a signal ended it.`: `tcpviz 展示 TCP 真正做了什么：两个程序的套接字调用、它们之间的报文段、
两端的状态，都在同一条时间线上，可以前进，也可以后退。

不带命令时，它演示课程 connection：三次握手、双方各发一行、四次挥手。

退出状态：0 完成，1 失败或文件已损坏（能读出的部分先显示出来），2 用法错误；
被信号终止时为 128 加信号的编号。`,
		`  tcpviz                                      the lesson "connection" in the dashboard
  tcpviz lessons                              the list of lessons
  tcpviz demo refused                         a lesson
  tcpviz demo close --record close.pcapng     a lesson, recorded
  tcpviz replay close.pcapng                  a recording, or any capture file
  tcpviz conns trace.pcap                     its connections, one line each
  sudo tcpviz live -i lo                      other programs' connections as they happen
  tcpviz demo handshake --output text | less  a lesson as plain text`: `  tcpviz                                      在仪表板里演示课程 connection
  tcpviz lessons                              课程列表
  tcpviz demo refused                         演示一课
  tcpviz demo close --record close.pcapng     演示一课，并录制下来
  tcpviz replay close.pcapng                  播放录制文件，或任何抓包文件
  tcpviz conns trace.pcap                     列出其中的连接，每个一行
  sudo tcpviz live -i lo                      实时显示其他程序的连接
  tcpviz demo handshake --output text | less  以纯文本输出一课`,
		"Usage:":              "用法：",
		"[flags]":             "[选项]",
		" [command]":          " [命令]",
		"Examples:":           "示例：",
		"Available Commands:": "可用的命令：",
		"Flags:":              "选项：",
		"Global Flags:":       "全局选项：",
		" (default %s)":       "（默认 %s）",
		"Use \"%s [command] --help\" for more information about a command.": "用 \"%s [命令] --help\" 查看某个命令的详细说明。",
		"{{.DisplayName}} version {{.Version}}\n":                           "{{.DisplayName}} 版本 {{.Version}}\n",
		"help for %s":            "%s 的帮助",
		"version for %s":         "%s 的版本",
		"help [command]":         "help [命令]",
		"Help about any command": "查看任何命令的帮助",
		"Help provides help for any command in the application.\nSimply type %s help [path to command] for full details.": "help 显示任何命令的帮助。\n输入 %s help [命令] 即可看到完整的说明。",
		"Unknown help topic %s\n":                                    "没有这个帮助主题：%s\n",
		"Generate the autocompletion script for the specified shell": "生成指定 shell 的自动补全脚本",
		"Generate the autocompletion script for %[1]s for the specified shell.\nSee each sub-command's help for details on how to use the generated script.\n": "为指定的 shell 生成 %[1]s 的自动补全脚本。\n怎样使用生成的脚本，见各个子命令的帮助。\n",
		"Generate the autocompletion script for %s": "生成 %s 的自动补全脚本",
		"disable completion descriptions":           "补全时不显示说明",
		`Generate the autocompletion script for the bash shell.

This script depends on the 'bash-completion' package.
If it is not installed already, you can install it via your OS's package manager.

To load completions in your current shell session:

	source <(%[1]s completion bash)

To load completions for every new session, execute once:

#### Linux:

	%[1]s completion bash > /etc/bash_completion.d/%[1]s

#### macOS:

	%[1]s completion bash > $(brew --prefix)/etc/bash_completion.d/%[1]s

You will need to start a new shell for this setup to take effect.
`: `生成 bash 的自动补全脚本。

这个脚本依赖软件包 bash-completion。
如果还没有安装，可以用操作系统的软件包管理器安装。

在当前的 shell 会话中启用补全：

	source <(%[1]s completion bash)

要在每个新会话中都启用，执行一次：

#### Linux：

	%[1]s completion bash > /etc/bash_completion.d/%[1]s

#### macOS：

	%[1]s completion bash > $(brew --prefix)/etc/bash_completion.d/%[1]s

重新打开一个 shell 之后生效。
`,
		`Generate the autocompletion script for the zsh shell.

If shell completion is not already enabled in your environment you will need
to enable it.  You can execute the following once:

	echo "autoload -U compinit; compinit" >> ~/.zshrc

To load completions in your current shell session:

	source <(%[1]s completion zsh)

To load completions for every new session, execute once:

#### Linux:

	%[1]s completion zsh > "${fpath[1]}/_%[1]s"

#### macOS:

	%[1]s completion zsh > $(brew --prefix)/share/zsh/site-functions/_%[1]s

You will need to start a new shell for this setup to take effect.
`: `生成 zsh 的自动补全脚本。

如果你的环境还没有启用 shell 补全，需要先启用它。执行一次：

	echo "autoload -U compinit; compinit" >> ~/.zshrc

在当前的 shell 会话中启用补全：

	source <(%[1]s completion zsh)

要在每个新会话中都启用，执行一次：

#### Linux：

	%[1]s completion zsh > "${fpath[1]}/_%[1]s"

#### macOS：

	%[1]s completion zsh > $(brew --prefix)/share/zsh/site-functions/_%[1]s

重新打开一个 shell 之后生效。
`,
		`Generate the autocompletion script for the fish shell.

To load completions in your current shell session:

	%[1]s completion fish | source

To load completions for every new session, execute once:

	%[1]s completion fish > ~/.config/fish/completions/%[1]s.fish

You will need to start a new shell for this setup to take effect.
`: `生成 fish 的自动补全脚本。

在当前的 shell 会话中启用补全：

	%[1]s completion fish | source

要在每个新会话中都启用，执行一次：

	%[1]s completion fish > ~/.config/fish/completions/%[1]s.fish

重新打开一个 shell 之后生效。
`,
		`Generate the autocompletion script for powershell.

To load completions in your current shell session:

	%[1]s completion powershell | Out-String | Invoke-Expression

To load completions for every new session, add the output of the above command
to your powershell profile.
`: `生成 powershell 的自动补全脚本。

在当前的 shell 会话中启用补全：

	%[1]s completion powershell | Out-String | Invoke-Expression

要在每个新会话中都启用，把上面命令的输出加入你的 powershell 配置文件。
`,

		// Flags that all commands take, and mistakes in flags and commands.
		"`form` of the output: tui, text or json (tui on a terminal, else text)": "输出`形式`：tui、text 或 json（在终端上为 tui，否则为 text）",
		"`language` of all that is said: en or zh (the locale's)":                "全部文字的`语言`：en 或 zh（默认由区域设置决定）",
		"leave the mouse to the terminal":                                        "把鼠标留给终端",
		"--%s %s: %w":                                                            "--%s %s：%w",
		"%s or --stage %s":                                                       "%s 或 --stage %s",
		"unknown command %q: %s":                                                 "没有命令 %q：%s",
		"unknown command %q for %q":                                              "%[2]q 没有命令 %[1]q",
		"tcpviz --help lists the commands":                                       "tcpviz --help 列出全部命令",
		"tcpviz demo %s plays the lesson":                                        "tcpviz demo %s 演示这一课",
		"tcpviz demo %s plays a lesson file":                                     "tcpviz demo %s 演示课程文件",
		"tcpviz replay %s shows a capture file":                                  "tcpviz replay %s 显示抓包文件",
		"did you mean %s?":                                                       "是不是想用 %s？",
		"did you mean tcpviz demo %s?":                                           "是不是想用 tcpviz demo %s？",
		"unknown shorthand flag: %q in -%s":                                      "没有短选项 %q（在 -%s 中）",
		"unknown flag: --%s":                                                     "没有选项 --%s",
		"unknown flag --%s: did you mean --%s?":                                  "没有选项 --%s：是不是想用 --%s？",
		"flag needs an argument: %q in -%s":                                      "选项 %q 需要一个值（在 -%s 中）",
		"flag needs an argument: --%s":                                           "选项 --%s 需要一个值",
		"bad flag syntax: %s":                                                    "选项的写法不对：%s",
		"%w: %s --help lists the flags":                                          "%w：%s --help 列出全部选项",
		"%s needs %s: %s --help shows how":                                       "%s 需要%s：用法见 %s --help",
		"%s takes no argument %q: %s --help shows how":                           "%s 不接受参数 %q：用法见 %s --help",
		"a capture file, or - for standard input":                                "一个抓包文件，或用 - 表示标准输入",
		"a lesson":                                   "一课",
		"no argument":                                "不带参数",
		"one of %s is wanted":                        "只能是 %s 之一",
		"some of %s are wanted":                      "只能是 %s 中的一个或几个",
		"a number is wanted":                         "需要一个数",
		"internal error: %v %s":                      "内部错误：%v %s",
		"standard input":                             "标准输入",
		"write %s: %w":                               "写入 %s：%w",
		"it is a directory":                          "这是一个目录",
		"the terminal is dumb (TERM=dumb)":           "终端功能太简单（TERM=dumb）",
		"the terminal is not known (TERM=%s)":        "不认识这种终端（TERM=%s）",
		"the locale's character set %s is not known": "不认识区域设置的字符集 %s",
		"the dashboard needs a terminal and standard output is none; use --output text": "仪表板需要终端，而标准输出不是终端；请用 --output text",
		"the dashboard cannot be drawn: %w; use --output text":                          "无法显示仪表板：%w；请用 --output text",
		"%v: showing plain text instead of the dashboard":                               "%v：改为显示纯文本",

		// Lessons.
		"List the lessons": "列出课程",
		"lessons: %w":      "课程列表：%w",
		"\ntcpviz demo LESSON plays one; in brackets, the only stages that can carry it (tcpviz demo --help).\n": "\ntcpviz demo 课程名 演示其中一课；方括号里是唯一能演示它的舞台（见 tcpviz demo --help）。\n",
		"demo [LESSON|FILE.yaml]": "demo [课程|文件.yaml]",
		"Play a lesson":           "演示一课",
		`Plays a lesson (tcpviz lessons lists them) or a lesson file: the programs in it make
real socket calls, and every segment between them is shown. There are three stages:

  loopback  the kernel's own TCP on the loopback interface, captured there
  wire      the kernel's own TCP on two hosts, with the wire in tcpviz's hands
  sim       a TCP inside tcpviz (gVisor's netstack) on two hosts, wire and time in its hands

The first that can carry the lesson and works here is taken. loopback and wire need no
privilege where the system lets tcpviz make a network namespace of its own; sim
works everywhere.`: `演示一课（tcpviz lessons 列出全部课程）或一个课程文件：其中的程序进行真实的套接字
调用，它们之间的每个报文段都显示出来。有三个舞台：

  loopback  内核自己的 TCP，在环回接口上，并在那里抓包
  wire      内核自己的 TCP，在两台主机上，线路由 tcpviz 掌握
  sim       tcpviz 内部的 TCP（gVisor 的 netstack），在两台主机上，线路和时间都由它掌握

采用第一个能演示这一课、并且在本机可用的舞台。只要系统允许 tcpviz 建立自己的网络命名
空间，loopback 和 wire 就不需要特权；sim 在任何系统上都能用。`,
		`  tcpviz demo                            the lesson "connection"
  tcpviz demo refused --step             stopped at the first step
  tcpviz demo my.yaml                    a lesson of your own
  tcpviz demo close --record x.pcapng    recorded, for replay, Wireshark and tcpdump
  tcpviz demo clients --output json      as JSON lines
  tcpviz demo handshake --hold           with the wire in your hand
  tcpviz demo lost-syn --stage sim       with a clock that needs no waiting
  tcpviz demo close --stage sim --drop 6 with its sixth segment lost`: `  tcpviz demo                            课程 connection
  tcpviz demo refused --step             停在第一步
  tcpviz demo my.yaml                    你自己写的课程
  tcpviz demo close --record x.pcapng    录制下来，供 replay、Wireshark 和 tcpdump 使用
  tcpviz demo clients --output json      输出 JSON 行
  tcpviz demo handshake --hold           线路由你掌握
  tcpviz demo lost-syn --stage sim       时钟由程序掌握，不必等待
  tcpviz demo close --stage sim --drop 6 丢掉它的第六个报文段`,
		"`stage` to play on: loopback, wire or sim (the first that works here)":                          "在哪个`舞台`上演示：loopback、wire 或 sim（默认为本机第一个可用的）",
		"play on this machine's own lo, where tcpdump and Wireshark can watch too (needs CAP_NET_RAW)":   "在本机自己的 lo 上演示，tcpdump 和 Wireshark 也能看到（需要 CAP_NET_RAW）",
		"write a recording to this pcapng `file`":                                                        "录制到这个 pcapng `文件`",
		"dashboard: wait at the first step":                                                              "仪表板：停在第一步等待",
		"dashboard: begin with the wire held (wire, sim): the first segment stops half-way":              "仪表板：一开始就扣住线路（wire、sim）：第一个报文段停在半路",
		"dashboard: play so many `times` as fast":                                                        "仪表板：播放速度的`倍数`",
		"wire, sim: drop the `N`-th segment (the flag can be repeated)":                                  "wire、sim：丢弃第 `N` 个报文段（这个选项可以多次使用）",
		"wire, sim: let the `N`-th segment arrive twice":                                                 "wire、sim：让第 `N` 个报文段到达两次",
		"wire, sim: let the `N`-th segment arrive after the next of its direction":                       "wire、sim：让第 `N` 个报文段晚于同方向的下一个到达",
		"--speed %g: a number from %g to %g is wanted":                                                   "--speed %g：需要一个从 %g 到 %g 的数",
		"lesson %s cannot be played on %s: --stage %s":                                                   "课程 %s 不能在 %s 上演示：--stage %s",
		"--hold needs --stage wire or --stage sim: on loopback nobody holds the wire":                    "--hold 需要 --stage wire 或 --stage sim：在 loopback 上没有人掌握线路",
		"--hold needs the dashboard, where your hand is; for %s use --drop N, --duplicate N or --swap N": "--hold 需要仪表板，在那里才能动手；输出 %s 时请用 --drop N、--duplicate N 或 --swap N",
		"%s needs --stage wire or --stage sim: on loopback nobody holds the wire":                        "%s 需要 --stage wire 或 --stage sim：在 loopback 上没有人掌握线路",
		"segments are numbered from 1: there is no segment %d":                                           "报文段从 1 开始编号：没有第 %d 个报文段",
		"segment %d is named twice: one thing can be done to it":                                         "第 %d 个报文段指定了两次：对它只能做一件事",
		"%s: there was no segment %s: the lesson %s had %d":                                              "%s：没有第 %s 个报文段：课程 %s 共有 %d 个",
		"%s %s: %w; give the path of a lesson file, or a lesson's name (tcpviz lessons lists them)":      "%s %s：%w；请给出课程文件的路径，或课程名（tcpviz lessons 列出全部课程）",
		"unknown lesson %q": "没有课程 %q",
		"unknown lesson %q: did you mean %s? (tcpviz lessons lists them)": "没有课程 %q：是不是想用 %s？（tcpviz lessons 列出全部课程）",
		"unknown lesson %q: tcpviz lessons lists them":                    "没有课程 %q：tcpviz lessons 列出全部课程",
		"lessons cannot be played %s%s (%w)":                              "%s不能演示课程%s（%w）",
		"here":                                                            "在这里",
		"on stage %s here":                                                "在这里的舞台 %s 上",
		"; run it with sudo":                                              "；请用 sudo 运行",
		"; run it with sudo, or allow it once: %s":                        "；请用 sudo 运行，或者执行一次授权：%s",
		"%s; or leave out --shared-lo":                                    "%s；或者去掉 --shared-lo",
		"%s; or leave out --stage":                                        "%s；或者去掉 --stage",
		"did otherwise than the lesson states":                            "的行为与课程的说明不符",
		"lesson %s: %s %w: %s":                                            "课程 %s：%s%w：%s",
		"the kernel":                                                      "内核",
		"netstack":                                                        "netstack",
		"--record: %w":                                                    "--record：%w",
		"--record: nothing was written, since the lesson was not played to its end": "--record：什么也没有写入，因为这一课没有演示到结尾",
		"; it needed luck, and this is attempt %d, the first that had it":           "；需要运气，这是第 %d 次尝试，第一次成功",
		"playing the lesson %s …":                  "正在演示课程 %s……",
		"the lesson ended otherwise, by your hand": "你动了线路，这一课的结尾与说明不同",
		"recorded to %s":                           "已录制到 %s",
		"the command line":                         "命令行",
		"%s drops it":                              "%s要丢弃它",
		"%s delays it":                             "%s要推迟它",
		"%s duplicates it":                         "%s要复制它",
		"%s swaps it with the next":                "%s要让它和下一个交换次序",
		"no timer runs: time changes nothing":      "没有定时器在运行：时间流逝不会改变什么",

		// Captures.
		"replay FILE|- [FILTER]":             "replay 文件|- [过滤条件]",
		"Show a recording or a capture file": "显示录制文件或抓包文件",
		`Shows a capture file: pcap or pcapng, plain or compressed (gzip, zstd); - is standard input.
A recording (demo --record) is shown with its calls. Of any other capture the calls
that must have happened are shown as inferred, and what nobody saw arrive is assumed.
A large file is opened at its list of connections, while it is read.
`: `显示抓包文件：pcap 或 pcapng，可以是压缩的（gzip、zstd）；- 表示标准输入。
录制文件（demo --record）连同其中的调用一起显示。对其他抓包文件，必然发生过的调用
标为推断，没有人看到其到达的报文段标为假定。大文件一边读取，一边先显示连接列表。
`,
		"\nA filter selects connections: the primitives of tcpdump (host, net, port, portrange,\nsrc, dst, tcp[tcpflags], and, or, not, parentheses), and words such as syn-sent,\noutcome:REJ or retransmission; ? in the dashboard lists all of them.": "\n过滤条件用来选出连接：可以用 tcpdump 的原语（host、net、port、portrange、src、dst、\ntcp[tcpflags]、and、or、not、括号），也可以用 syn-sent、outcome:REJ、retransmission\n这样的词；在仪表板里按 ? 可以看到全部。",
		"%s: %d comments claim to be a recording's but make no sense; they were left out": "%s：有 %d 条注释自称属于录制，但没有意义，已略去",
		"%s -: standard input is a terminal; pipe a capture into it":                      "%s -：标准输入是终端；请用管道把抓包数据送进来",
		"%s %s: no such file; give the path of a capture file, or - for standard input":   "%s %s：没有这个文件；请给出抓包文件的路径，或用 - 表示标准输入",
		"%s %s: it is a directory; give one capture file in it":                           "%s %s：这是一个目录；请给出其中的一个抓包文件",
		"%s %s: no permission to read it; see its owner and mode with ls -l":              "%s %s：没有读取权限；请用 ls -l 查看它的所有者和权限",
		"%w; %s reads what tcpdump -w, Wireshark and demo --record write":                 "%w；%s 读取 tcpdump -w、Wireshark 和 demo --record 写出的文件",
		"connection %d: %w":                                         "连接 %d：%w",
		"reading %s: %s MB, %.0f MB/s; ctrl-C stops":                "正在读取 %s：%s MB，%.0f MB/s；按 ctrl-C 停止",
		"reading %s: %d %%, %s of %s MB, %.0f MB/s%s; ctrl-C stops": "正在读取 %s：%d %%，%s / %s MB，%.0f MB/s%s；按 ctrl-C 停止",
		", %.0f s left":                                             "，还剩 %.0f 秒",
		"conns FILE|- [FILTER]":                                     "conns 文件|- [过滤条件]",
		"List the connections of a capture file, one line each":     "列出抓包文件中的连接，每个一行",
		`Lists the connections of a capture file, one line each: the state in which both ends
are left, the outcome (Zeek's conn_state), segments and bytes of the client and of the
server, the completeness (Wireshark's tcp.completeness) and the anomalies. It keeps
no segments, so that the size of the file does not matter; - is standard input.
`: `列出抓包文件中的连接，每个一行：两端最后的状态、结果（Zeek 的 conn_state）、客户端和
服务器各自的报文段数和字节数、完整性（Wireshark 的 tcp.completeness）以及异常。它不
保存报文段，所以文件多大都可以；- 表示标准输入。
`,
		"conns has no dashboard: tcpviz replay shows the connections in one; or use --output text": "conns 没有仪表板：tcpviz replay 可以在仪表板里显示连接；或者用 --output text",

		// Live.
		"live -i INTERFACE [FILTER]":                      "live -i 接口 [过滤条件]",
		"Show other programs' connections as they happen": "实时显示其他程序的连接",
		`Captures on an interface and shows the TCP connections there, until it is stopped
with Ctrl-C. It needs the capability CAP_NET_RAW. The calls that must have happened
are shown as inferred, and what nobody saw arrive is assumed.
`: `在一个接口上抓包，显示那里的 TCP 连接，直到用 Ctrl-C 停止。它需要 CAP_NET_RAW 权能。
必然发生过的调用标为推断，没有人看到其到达的报文段标为假定。
`,
		"`name` of the interface to capture on":                                        "在哪个接口上抓包（`接口名`）",
		"end after so many `segments`":                                                 "看到这么多`报文段`之后结束",
		"write the captured frames to a pcapng `file` too":                             "同时把抓到的帧写入一个 pcapng `文件`",
		"live needs an interface: -i NAME%s":                                           "live 需要指定接口：-i 接口名%s",
		" (there are: %s)":                                                             "（有：%s）",
		"-c %d: the number of segments cannot be negative":                             "-c %d：报文段数不能是负数",
		"capturing on %s; Ctrl-C ends it":                                              "正在 %s 上抓包；按 Ctrl-C 结束",
		"live -i %s: no permission to capture: run it with sudo, or allow it once: %s": "live -i %s：没有抓包的权限：请用 sudo 运行，或者执行一次授权：%s",
		"live --output %s: a filter on what changes as a connection goes on (%s) has no answer yet; filter on addresses and ports, or use the dashboard": "live --output %s：过滤条件 %s 的结果会随连接的进行而改变，现在还没有答案；请按地址和端口过滤，或者用仪表板",

		// Verify.
		"verify [LESSON|FILE.yaml]...":          "verify [课程|文件.yaml]...",
		"Compare the model with the TCP stacks": "把模型与真实的 TCP 协议栈作比较",
		`Performs lessons (all, unless some are named) and compares after each event what the
model says of each socket with what the TCP stack itself says. On the stages wire and sim
each lesson is performed again for each of its segments: with that one dropped
(drop), with that one arriving twice (duplicate), and with that one arriving after the
next of its direction (swap); on loopback nobody holds the wire, and only the plain
part is possible. A stage that does not work here is a row that says why. All lessons
take seconds on sim and minutes on wire, whose timers are real.

The table tells how many runs were made, how many checks of a state, and how many
agreed. A disagreement is shown with the command line that performs its run again;
on sim that is the same run, octet for octet, while a real kernel's timers and threads
need not do the same twice. A disturbed lesson need not reach its end: a
program waits for ever for what was lost (endless), or something is not as the lesson
states it (otherwise). That is no disagreement; in the plain part both are failures.

The second table is about the observer's model: what a capture at one point would let
one conclude, from the segments as they were sent and nothing else. After each run's
end its states are compared with the stacks' last ones, of all ends of connections, and of
those that the capture decides on: not where the state is only assumed, where the end has sent
nothing, or in a state that a TCP leaves by a timer without a segment (TIME-WAIT,
FIN-WAIT-2, SYN-SENT, SYN-RECEIVED), or LISTEN. What differs here does not change the
exit status: it is what a capture cannot know.

As JSON lines: "verify" for each row (stage, part, runs, planned, checks, agreements,
differ: runs with a disagreement; endless, otherwise, broken, missed: runs by how they
went; observer: compared, decided, agree, undecided, agree_too; why, where a stage does
not work), then "disagreement" for each run that has one (stage, part, lesson, segment,
count, step, event, rules, side, local, remote, model, stack, reproduce) and "failure" for
each run that failed otherwise (stage, part, lesson, segment, error, reproduce).

Exit status: 0 all agree, 1 some do not, or a plain lesson fails, 2 wrong usage.`: `运行课程（不指定则为全部），在每个事件之后，把模型所说的每个套接字的状态，与 TCP 协议栈
自己所说的作比较。在舞台 wire 和 sim 上，还对每课的每个报文段各重做三次：丢弃它（drop）、
让它到达两次（duplicate）、让它晚于同方向的下一个到达（swap）；在 loopback 上没有人掌握
线路，只能做 plain 部分。在这里不可用的舞台占一行，说明原因。全部课程在 sim 上只要几秒，
在 wire 上要几分钟，因为那里的定时器是真的。

表中列出运行了多少次、检查了多少次状态、其中有多少次一致。不一致之处连同重做那次运行的
命令行一起显示；在 sim 上重做的结果逐字节相同，而真实内核的定时器和线程未必两次都一样。
受到干扰的课程不一定能到达结尾：程序会一直等待丢失的内容（endless），或者有什么与课程的
说明不符（otherwise）。这不算不一致；在 plain 部分，两者都算失败。

第二张表是关于观察者的模型：只凭在一个点上抓到的、已发送的报文段，能够得出什么结论。每次
运行结束后，把它的状态与协议栈最后的状态作比较：先是所有连接的两端，再是抓包足以判定的那些，
不包括状态只是假定的、本端什么都没有发送的、TCP 靠定时器而不靠报文段离开的状态（TIME-WAIT、
FIN-WAIT-2、SYN-SENT、SYN-RECEIVED），以及 LISTEN。这里的差别不影响退出状态：那是抓包
无法知道的。

JSON 行：每行表格一个 "verify"（stage、part、runs、planned、checks、agreements；differ：有
不一致的运行；endless、otherwise、broken、missed：按结果分类的运行；observer：compared、
decided、agree、undecided、agree_too；舞台不可用时有 why），然后每次有不一致的运行一个
"disagreement"（stage、part、lesson、segment、count、step、event、rules、side、local、
remote、model、stack、reproduce），每次因其他原因失败的运行一个 "failure"（stage、part、
lesson、segment、error、reproduce）。

退出状态：0 全部一致，1 有不一致，或 plain 部分有课程失败，2 用法错误。`,
		`  tcpviz verify                                  everything that works here
  tcpviz verify --stage sim                      without any privilege
  tcpviz verify --only plain                     every lesson once
  tcpviz verify lost-syn close --stage sim,wire --only drop
  tcpviz verify --stage sim --output json        as JSON lines`: `  tcpviz verify                                  这里能做的全部
  tcpviz verify --stage sim                      不需要任何特权
  tcpviz verify --only plain                     每课一次
  tcpviz verify lost-syn close --stage sim,wire --only drop
  tcpviz verify --stage sim --output json        输出 JSON 行`,
		"`stages` to perform on: loopback, wire, sim (all that work here)": "在哪些`舞台`上运行：loopback、wire、sim（默认为这里可用的全部）",
		"`parts` of the matrix: plain, drop, duplicate, swap (all)":        "做哪些`部分`：plain、drop、duplicate、swap（默认为全部）",
		"perform `N` lessons at one time (0: what suits the stage)":        "同时运行 `N` 课（0：由舞台决定）",
		"verify has no dashboard; use --output text":                       "verify 没有仪表板；请用 --output text",
		"--jobs %d: a number from 0 to %d is wanted":                       "--jobs %d：需要一个从 0 到 %d 的数",
		"verify: %s, %s: %d of %d runs; ctrl-C stops":                      "verify：%s，%s：第 %d 次运行，共 %d 次；按 ctrl-C 停止",
	}
}
