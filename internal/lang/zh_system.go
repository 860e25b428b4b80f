package lang

// zhSystem has what operating systems and Go's library say of the errors that users meet.
func zhSystem() map[string]string {
	return map[string]string{
		// POSIX, as Linux says it.
		"operation not permitted":                  "操作不被允许",
		"no such file or directory":                "没有那个文件或目录",
		"no such process":                          "没有那个进程",
		"interrupted system call":                  "系统调用被中断",
		"input/output error":                       "输入/输出错误",
		"no such device or address":                "没有那个设备或地址",
		"exec format error":                        "可执行文件格式错误",
		"bad file descriptor":                      "错误的文件描述符",
		"resource temporarily unavailable":         "资源暂时不可用",
		"cannot allocate memory":                   "无法分配内存",
		"permission denied":                        "权限不够",
		"device or resource busy":                  "设备或资源忙",
		"file exists":                              "文件已存在",
		"no such device":                           "没有那个设备",
		"not a directory":                          "不是目录",
		"is a directory":                           "是一个目录",
		"invalid argument":                         "无效的参数",
		"too many open files in system":            "系统中打开的文件过多",
		"too many open files":                      "打开的文件过多",
		"inappropriate ioctl for device":           "对设备不适当的 ioctl 操作",
		"text file busy":                           "文本文件忙",
		"file too large":                           "文件过大",
		"no space left on device":                  "设备上没有空间",
		"illegal seek":                             "无效的寻址",
		"read-only file system":                    "只读文件系统",
		"broken pipe":                              "断开的管道",
		"file name too long":                       "文件名过长",
		"function not implemented":                 "函数未实现",
		"too many levels of symbolic links":        "符号链接的层数过多",
		"message too long":                         "消息过长",
		"protocol not supported":                   "不支持的协议",
		"operation not supported":                  "不支持的操作",
		"address family not supported by protocol": "协议不支持的地址族",
		"address already in use":                   "地址已被占用",
		"cannot assign requested address":          "无法分配所请求的地址",
		"network is down":                          "网络未启用",
		"network is unreachable":                   "网络不可达",
		"software caused connection abort":         "软件中止了连接",
		"connection reset by peer":                 "连接被对方重置",
		"no buffer space available":                "没有可用的缓冲区空间",
		"transport endpoint is already connected":  "传输端点已连接",
		"transport endpoint is not connected":      "传输端点没有连接",
		"connection timed out":                     "连接超时",
		"connection refused":                       "连接被拒绝",
		"host is down":                             "主机已停机",
		"no route to host":                         "没有到主机的路由",
		"disk quota exceeded":                      "超出磁盘配额",
		"stale NFS file handle":                    "过期的 NFS 文件句柄",
		"value too large for defined data type":    "值太大，超出数据类型的范围",
		"socket operation on non-socket":           "在非套接字上进行套接字操作",
		"operation now in progress":                "操作正在进行",

		// Go's library, and what unpacks captures.
		"file does not exist":       "文件不存在",
		"file already exists":       "文件已存在",
		"file already closed":       "文件已关闭",
		"unsupported operation":     "不支持的操作",
		"unexpected EOF":            "意外的文件结尾",
		"EOF":                       "文件结尾",
		"i/o timeout":               "输入/输出超时",
		"context canceled":          "已取消",
		"context deadline exceeded": "超过期限",
		"short write":               "没有写完",
		"gzip: invalid header":      "gzip：首部无效",
		"gzip: invalid checksum":    "gzip：检验和不符",
		"magic number mismatch":     "zstd：魔数不符",
	}
}

// chineseOperation says what was done to a file when it failed; other words stay.
func chineseOperation(op string) string {
	switch op {
	case "open":
		return "打开"
	case "read":
		return "读取"
	case "write":
		return "写入"
	case "close":
		return "关闭"
	case "rename":
		return "改名"
	case "remove", "unlink":
		return "删除"
	case "mkdir":
		return "建立目录"
	}
	return op
}
