package lang

import "testing"

func TestArgumentsAreSetAsChineseIsWritten(t *testing.T) {
	tests := []struct {
		format string
		args   []any
		want   string
	}{
		{"%s 的 SYN", []any{"C1"}, "C1 的 SYN"},
		{"%s 的 SYN", []any{"客户端"}, "客户端的 SYN"},
		{"%s的 SYN", []any{"C1"}, "C1 的 SYN"},
		{"等待 %s 关闭", []any{"服务器"}, "等待服务器关闭"},
		{"等待%s关闭", []any{"S"}, "等待 S 关闭"},
		{"%[2]s 的 %[1]s()", []any{"accept", "服务器"}, "服务器的 accept()"},
		{"%s 返回", []any{"服务器（C1）"}, "服务器（C1）返回"},
		{"%s返回", []any{"accept()"}, "accept() 返回"},
		{"(%s)", []any{"推断"}, "(推断)"},
		{"%s %s", []any{"客户端", "服务器"}, "客户端 服务器"},
		{"%-6s %3d 字节", []any{"ab", 7}, "ab       7 字节"},
		{"%.1f%%：%s", []any{1.25, "x"}, "1.2%：x"},
		{"%d 个", []any{3}, "3 个"},
		{"共%d个", []any{3}, "共 3 个"},
		{"%s", []any{}, "%!s(MISSING)"},
		{"%s%s", []any{"a"}, "a%!s(MISSING)"},
	}
	for _, test := range tests {
		if got := chineseText(test.format, test.args); got != test.want {
			t.Errorf("%q with %q gives %q, want %q", test.format, test.args, got, test.want)
		}
	}
}

func TestSentencesAreJoined(t *testing.T) {
	if got := English.Sentences("", "One.", "", "Two."); got != "One. Two." {
		t.Errorf("in English: %q", got)
	}
	if got := Chinese.Sentences("一。", "", "二。"); got != "一。二。" {
		t.Errorf("in Chinese: %q", got)
	}
}
