package lang

import (
	"regexp"
	"testing"
)

// How Chinese is written in the catalogue, and the words that stand in it for one
// thing each.
var style = []struct {
	wrong *regexp.Regexp
	rule  string
}{
	{regexp.MustCompile(`\p{Han}[,;:?!]|[,;!?]\p{Han}`), "full-width punctuation between Chinese characters"},
	{regexp.MustCompile(`\p{Han}[A-Za-z0-9]|[A-Za-z0-9]\p{Han}`), "a space between Chinese characters and Latin words"},
	{regexp.MustCompile(` [，。：；、（）]|[，。：；、（）] `), "no space beside full-width punctuation"},
	{regexp.MustCompile(`序列号`), "序号"},
	{regexp.MustCompile(`套接口|插座`), "套接字"},
	{regexp.MustCompile(`服务端`), "服务器"},
	{regexp.MustCompile(`数据包`), "报文段, or 分组"},
	{regexp.MustCompile(`重新传输|再次传送`), "重传"},
	{regexp.MustCompile(`文件描述字`), "描述符"},
	{regexp.MustCompile(`侦听`), "监听"},
	{regexp.MustCompile(`计时器`), "定时器"},
	{regexp.MustCompile(`缓存区`), "缓冲区"},
}

func TestChineseIsWrittenAsTextbooksWriteIt(t *testing.T) {
	verb := regexp.MustCompile(`%(\[\d+\])?[-+# 0]*[\d.*]*(\[\d+\])?[a-zA-Z%]`)
	for english, text := range chinese() {
		plain := verb.ReplaceAllString(text, "\x00")
		for _, s := range style {
			if at := s.wrong.FindString(plain); at != "" {
				t.Errorf("%q: %q in %q: %s", english, at, text, s.rule)
			}
		}
	}
}
