package export_test

import (
	"bytes"
	"errors"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/export"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

func TestConnections(t *testing.T) {
	six := fsm.AddressOf(netip.MustParseAddrPort("[2001:db8::1]:40001"))
	s := &story.Story{
		Conns: story.ConnectionsOf(
			fsm.Summary{
				Ends: [2]fsm.Address{clientEnd, serverEnd}, State: [2]fsm.State{fsm.TimeWait, fsm.Closed},
				Basis: [2]fsm.Basis{fsm.Observed, fsm.Assumed}, Segments: [2]int{6, 12}, Bytes: [2]uint64{5, 1 << 40},
				Completeness: 31, Outcome: fsm.SF, Anomalies: counted(fsm.Retransmitted, fsm.Retransmitted|fsm.LostSegment),
			},
			fsm.Summary{Ends: [2]fsm.Address{six, six}, State: [2]fsm.State{fsm.SynSent, fsm.Closed}, Outcome: fsm.S0},
		),
		Totals: story.Totals{Frames: 21, Segments: 18, Skipped: map[string]int{"not-tcp": 3}, Error: errors.New("cut\x1b off"), Unshown: 17},
	}
	const want = `#  client               server               client state  server state  outcome  segments            bytes  completeness  anomalies
1  127.0.0.1:40000      127.0.0.1:10008      TIME-WAIT     CLOSED?       SF           6+12  5+1099511627776            31  1 lost_segment, 2 retransmission
2  [2001:db8::1]:40001  [2001:db8::1]:40001  SYN-SENT      CLOSED        S0            0+0              0+0             0

? the state is assumed: expected after what was seen, not proven by it
21 frames, 18 segments, 2 connections; without a TCP segment: not-tcp 3
reading ended early: cut� off
`
	var got bytes.Buffer
	if err := export.Connections(&got, s, nil, export.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	const chinese = `#  客户端               服务器               客户端状态  服务器状态  结果  报文段             字节  完整性  异常
1  127.0.0.1:40000      127.0.0.1:10008      TIME-WAIT   CLOSED?     SF      6+12  5+1099511627776      31  1 缺报文段、2 重传
2  [2001:db8::1]:40001  [2001:db8::1]:40001  SYN-SENT    CLOSED      S0       0+0              0+0       0

? 状态是假定的：从看到的内容推想而来，并未得到证明
21 个帧，18 个报文段，2 个连接；没有 TCP 报文段的：非 TCP 3
读取提前结束：cut� off
`
	got.Reset()
	if err := export.Connections(&got, s, nil, export.TextOptions{Lang: lang.Chinese}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(chinese, got.String()); diff != "" {
		t.Errorf("in Chinese (-want +got):\n%s", diff)
	}
	got.Reset()
	if err := export.Connections(&got, &story.Story{}, nil, export.TextOptions{}); err != nil || got.String() != "0 frames, 0 segments, 0 connections\n" {
		t.Errorf("nothing: %q, %v", got.String(), err)
	}
	if err := export.Connections(brokenWriter{}, s, nil, export.TextOptions{}); !errors.Is(err, errBroken) {
		t.Errorf("a broken pipe: %v", err)
	}
}
