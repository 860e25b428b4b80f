package filter_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/internal/filter"
	"tcpviz/internal/lang"
)

// In each text a ^ stands before the mistake.
func TestErrorsNameTheMistakeAndItsPlace(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"port ^eighty", `filter: at "eighty" (character 6): a port number from 0 to 65535 is wanted`},
		{"port ^70000", `filter: at "70000" (character 6): a port number from 0 to 65535 is wanted`},
		{"port 80 or ^090", `filter: at "090" (character 12): a port number from 0 to 65535 is wanted`},
		{"port ^htps", `filter: at "htps" (character 6): a port number from 0 to 65535 is wanted; did you mean https?`},
		{"port^", `filter: at the end: a port number from 0 to 65535 is wanted`},
		{"port (^", "filter: at the end: a port number from 0 to 65535 is wanted"}, {"port (80^", `filter: at the end: a ) is wanted`}, {"port (80 ^10.0.0.1)", `filter: at "10.0.0.1" (character 10): a ) is wanted`},
		{"portrange 80-^", "filter: at the end: two ports from 0 to 65535 are wanted, such as 6000-6008"},
		{"portrange ^80- and tcp", `filter: at "80-" (character 11): two ports from 0 to 65535 are wanted, such as 6000-6008`},
		{"portrange ^a-b", `filter: at "a-b" (character 11): two ports from 0 to 65535 are wanted, such as 6000-6008`},
		{"host ^www.example.org", `filter: at "www.example.org" (character 6): names are not looked up: an address is wanted, such as 10.0.0.1`},
		{"host ^10", `filter: at "10" (character 6): an address is wanted, such as 10.0.0.1`}, {"src ^80", `filter: at "80" (character 5): an address is wanted, such as 10.0.0.1`},
		{"host ^10.0.0.256", `filter: at "10.0.0.256" (character 6): an address is wanted, such as 10.0.0.1`},
		{"host ^10.0.0.0/8", `filter: at "10.0.0.0" (character 6): a host is one address: this is net 10.0.0.0/8`},
		{"ip6 host ^10.0.0.1", `filter: at "10.0.0.1" (character 10): an IPv6 address is wanted`},
		{"net ^10.0.0.1/8", `filter: at "10.0.0.1" (character 5): bits are set behind the net's mask`},
		{"net 10.0.0.0/^33", `filter: at "33" (character 14): the length of a prefix is a number from 0 to 32`}, {"net 10.0.0.0/^", `filter: at the end: the length of a prefix is a number from 0 to 32`},
		{"net 10.0.0.0 mask ^10", `filter: at "10" (character 19): a mask such as 255.255.0.0 is wanted, behind an IPv4 net`},
		{"host 10.0.0.0 ^mask 255.0.0.0", `filter: at "mask" (character 15): a host has no mask: write net for host`},
		{"net ^lan", `filter: at "lan" (character 5): names are not looked up: a net is wanted, such as 10.0.0.0/8 or 10.1`},
		{"^80", `filter: at "80" (character 1): a number alone may mean much: port 80, or #80 for a connection`}, {"^80000", `filter: at "80000" (character 1): a number alone may mean much: it wants a word before it`},
		{"tcp ^80", `filter: at "80" (character 5): a number alone may mean much: port 80, or #80 for a connection`},
		{"tcp ^" + strings.Repeat("z", 60), `filter: at "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz..." (character 5): no such word, and names are not looked up: an address is wanted, or a condition such as port 80`},
		{"^segments:10", `filter: at "segments:10" (character 1): a comparison is wanted, as in segments>10`},
		{"^https", `filter: at "https" (character 1): this wants a word before it: port https`},
		{"src port 80 or ^10.0.0.1", `filter: at "10.0.0.1" (character 16): an address after a port: write host, src host or dst host before it`},
		{"^www", `filter: at "www" (character 1): no such word, and names are not looked up: an address is wanted, or a condition such as port 80`},
		{"^retransmision", `filter: at "retransmision" (character 1): no such word; did you mean retransmission?`}, {"^retrans", `filter: at "retrans" (character 1): no such word; did you mean retransmission?`},
		{"host 10.0.0.1 and ^etsablished", `filter: at "etsablished" (character 19): no such word; did you mean established?`}, {"port 80 ^syn-snet", `filter: at "syn-snet" (character 9): no such word; did you mean syn-sent?`},
		{"^duplicate-akc", `filter: at "duplicate-akc" (character 1): no such word; did you mean duplicate_ack?`}, {"^prot 80", `filter: at "prot" (character 1): no such word; did you mean port?`}, {"^rsto0", `filter: at "rsto0" (character 1): no such word; did you mean RSTO?`},
		{"port 80 or^", "filter: at the end: a condition is wanted, such as port 80"}, {"not^", "filter: at the end: a condition is wanted, such as port 80"}, {"tcp or ^and", `filter: at "and" (character 8): a condition is wanted before and`},
		{"(^)", `filter: at ")" (character 2): a condition is wanted here, such as port 80`}, {"tcp^)", `filter: at ")" (character 4): no parenthesis is open`}, {"(tcp^", "filter: at the end: a ) is wanted"},
		{"tcp ^& ip", `filter: at "&" (character 5): conditions are joined with and (&&), or (||)`}, {"tcp ^= 5", `filter: at "=" (character 5): a comparison stands between two numbers, as in segments>10`},
		{"tcp ^; ip", `filter: at ";" (character 5): this character has no meaning here`}, {"tcp ^\x1b[31m", `filter: at "\x1b" (character 5): this character has no meaning here`}, {"^\xff", `filter: at "\xff" (character 1): this character has no meaning here`},
		{"端口 ^， 80", `filter: at "，" (character 4): this character has no meaning here`},
		{"^udp", `filter: at "udp" (character 1): not supported: udp, since only TCP is shown here`}, {"port 53 and (tcp or ^udp)", `filter: at "udp" (character 21): not supported: udp, since only TCP is shown here`},
		{"^ether host 10.0.0.1", `filter: at "ether" (character 1): not supported: what carries the IP packets`}, {"^vlan 5", `filter: at "vlan" (character 1): not supported: what carries the IP packets`},
		{"^len > 5", `filter: at "len" (character 1): not supported: the length of a packet; bytes>1000 asks for a connection's payload`}, {"^greater 5", `filter: at "greater" (character 1): not supported: the length of a packet; bytes>1000 asks for a connection's payload`}, {"5 < ^len", `filter: at "len" (character 5): not supported: the length of a packet; bytes>1000 asks for a connection's payload`},
		{"ip ^proto 6", `filter: at "proto" (character 4): not supported: proto`}, {"^tcp[12] = 2", `filter: at "tcp" (character 1): not supported: other bytes of the header than tcp[tcpflags], which is tcp[13]`}, {"^tcp[13:2] = 2", `filter: at "tcp" (character 1): not supported: other bytes of the header than tcp[tcpflags], which is tcp[13]`}, {"^tcp[tcp[13]] = 2", `filter: at "tcp" (character 1): not supported: other bytes of the header than tcp[tcpflags], which is tcp[13]`},
		{"^ip[0] & 0xf != 5", `filter: at "ip" (character 1): not supported: bytes of a packet other than tcp[tcpflags]`}, {"2 = ^ip6[53]", `filter: at "ip6" (character 5): not supported: bytes of a packet other than tcp[tcpflags]`},
		{"tcp[13] & 2^", "filter: at the end: a comparison is wanted, such as != 0"}, {"tcp[13] & 2 ^and ip", `filter: at "and" (character 13): a comparison is wanted, such as != 0`}, {"tcp[13] ^/ 2 = 1", `filter: at "/" (character 9): a comparison is wanted, such as != 0`}, {"tcp[13] ^<< 2 = 1", `filter: at "<<" (character 9): not supported: other arithmetic than & | + -`},
		{"tcp[13] = ^", "filter: at the end: a number, a flag such as tcp-syn, or tcp[tcpflags] is wanted"}, {"tcp[13] = ^syn", `filter: at "syn" (character 11): a number, a flag such as tcp-syn, or tcp[tcpflags] is wanted`}, {"tcp[13 ^= 2", `filter: at "=" (character 8): a ] is wanted`}, {"tcp[13] = ^4294967296", `filter: at "4294967296" (character 11): a number of 32 bits is wanted`},
		{"(tcp[13] & 2 ^!= 0) = 0", `filter: at "!=" (character 14): a ) is wanted`}, {"tcp[13] = 2 ^= 1", `filter: at "=" (character 13): a comparison stands between two numbers, as in segments>10`},
		{"^port:80", `filter: at "port:80" (character 1): a space is wanted, no colon: port 80`}, {"^outcom:REJ", `filter: at "outcom:REJ" (character 1): no such word; did you mean outcome:?`}, {"^10.0.0.1:http", `filter: at "10.0.0.1:http" (character 1): an address is wanted, such as 10.0.0.1`}, {"^aa:bb:cc:dd:ee:ff", `filter: at "aa:bb:cc:dd:ee:ff" (character 1): an address is wanted, such as 10.0.0.1`},
		{"state:^estab", `filter: at "estab" (character 7): a state is wanted, such as syn-sent; did you mean established?`}, {"state:^", "filter: at the end: a state is wanted, such as syn-sent"}, {"state:closed,^", "filter: at the end: a state is wanted, such as syn-sent"}, {"outcome:REJ,^S9", `filter: at "S9" (character 13): an outcome is wanted: OTH, S0, S1, SF, REJ, S2, S3, RSTO, RSTR, RSTOS0, RSTRH, SH, SHR`},
		{"^outcome REJ", `filter: at "outcome" (character 1): a colon is wanted behind it, as in outcome:REJ`}, {"client:^", "filter: at the end: a state, an address or a port is wanted"}, {"client:^70000", `filter: at "70000" (character 8): a port number from 0 to 65535 is wanted`}, {"server:^10.0.0.300", `filter: at "10.0.0.300" (character 8): an address is wanted, such as 10.0.0.1`},
		{"#^x", `filter: at "x" (character 2): the number of a connection is wanted, such as #17`}, {"#^", "filter: at the end: the number of a connection is wanted, such as #17"},
		{"segments^", "filter: at the end: a comparison is wanted behind segments, such as segments>10"}, {"segments > ^many", `filter: at "many" (character 12): a number is wanted, such as 10, 20k or 1M`}, {"bytes>^9999999999G", `filter: at "9999999999G" (character 7): a number is wanted, such as 10, 20k or 1M`}, {"duration>^5", `filter: at "5" (character 10): a duration with its unit is wanted, such as 1.5s or 200ms`}, {"duration ^and tcp", `filter: at "and" (character 10): a comparison is wanted behind duration, such as duration>1.5s`},
	} {
		at := strings.Index(test.text, "^")
		text := test.text[:at] + test.text[at+1:]
		t.Run(text, func(t *testing.T) {
			_, err := filter.Parse(text)
			syntax := new(filter.SyntaxError)
			if !errors.As(err, &syntax) {
				t.Fatalf("error %v", err)
			}
			if syntax.Text != text || syntax.At != at {
				t.Errorf("at %d of %q, want %d", syntax.At, syntax.Text, at)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCaretStandsBelowTheMistake(t *testing.T) {
	for text, want := range map[string]string{
		"port eighty":    "port eighty\n     ^ a port number from 0 to 65535 is wanted",
		"port":           "port\n    ^ a port number from 0 to 65535 is wanted",
		"tcp\t;\x1b[31m": "tcp ;?[31m\n    ^ this character has no meaning here",
		"(端口":            "(端口\n ^ no such word, and names are not looked up: an address is wanted, or a condition such as port 80",
		"tcp and #端":     "tcp and #端\n         ^ the number of a connection is wanted, such as #17",
		"tcp 中 中":        "tcp 中 中\n    ^ no such word, and names are not looked up: an address is wanted, or a condition such as port 80",
		"ip and ip6 and tcp and port 80 and host 10.0.0.1 or port x and host 10.0.0.1 and port 443": "..." +
			"p and port 80 and host 10.0.0.1 or port x and host 10.0.0.1 and port 4...\n                                           ^ a port number from 0 to 65535 is wanted",
	} {
		_, err := filter.Parse(text)
		syntax := new(filter.SyntaxError)
		if !errors.As(err, &syntax) {
			t.Fatalf("%q: error %v", text, err)
		}
		if diff := cmp.Diff(want, syntax.Caret(lang.English)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

// In Chinese too the caret stands below the mistake, however wide the characters before it are.
func TestMistakesInChinese(t *testing.T) {
	for text, want := range map[string][2]string{
		"port eighty": {`过滤条件："eighty"（第 6 个字符）：需要一个从 0 到 65535 的端口号`, "port eighty\n     ^ 需要一个从 0 到 65535 的端口号"},
		"port":        {"过滤条件：末尾：需要一个从 0 到 65535 的端口号", "port\n    ^ 需要一个从 0 到 65535 的端口号"},
		"port htps":   {`过滤条件："htps"（第 6 个字符）：需要一个从 0 到 65535 的端口号；是不是想写 https？`, "port htps\n     ^ 需要一个从 0 到 65535 的端口号；是不是想写 https？"},
		"(端口":         {`过滤条件："端口"（第 2 个字符）：没有这个词，也不会去查主机名：需要一个地址，或者 port 80 这样的条件`, "(端口\n ^ 没有这个词，也不会去查主机名：需要一个地址，或者 port 80 这样的条件"},
		"tcp and #端":  {`过滤条件："端"（第 10 个字符）：需要连接的编号，例如 #17`, "tcp and #端\n         ^ 需要连接的编号，例如 #17"},
		"not 端口 ， 80": {`过滤条件："，"（第 8 个字符）：这个字符在这里没有意义`, "not 端口 ， 80\n         ^ 这个字符在这里没有意义"},
		"udp":         {`过滤条件："udp"（第 1 个字符）：不支持 udp：这里只显示 TCP`, "udp\n^ 不支持 udp：这里只显示 TCP"},
	} {
		_, err := filter.Parse(text)
		syntax := new(filter.SyntaxError)
		if !errors.As(err, &syntax) {
			t.Fatalf("%q: error %v", text, err)
		}
		if diff := cmp.Diff(want, [2]string{lang.Chinese.Error(err), syntax.Caret(lang.Chinese)}); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}
