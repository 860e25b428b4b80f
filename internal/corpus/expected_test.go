package corpus

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// folder is where the captures lie, with what others say of them.
var folder = filepath.Join("..", "..", "..", "shared", "captures")

// expected is what others say of a file.
type expected struct {
	File   string
	Tags   []string
	Tshark *struct {
		Frames     int
		TCPFrames  int      `json:"tcp_frames"`
		TCPStreams int      `json:"tcp_streams"`
		Stderr     []string `json:"tshark_stderr"`
		Streams    []stream
	}
	Zeek []struct {
		OrigH           string `json:"orig_h"`
		OrigP           int    `json:"orig_p"`
		RespH           string `json:"resp_h"`
		RespP           int    `json:"resp_p"`
		State           string `json:"conn_state"`
		IgnoreChecksums bool   `json:"ignore_checksums"`
	}
	Labels *struct {
		Local        address
		PassiveLocal bool `json:"passive_local"`
		Checkpoints  []struct {
			AfterFrame int `json:"after_frame"`
			State      string
		}
		EventFrame  int    `json:"event_frame"`
		StateBefore string `json:"state_before_event"`
		Trace       string
	}
}

// stream is one connection in tshark's words.
type stream struct {
	A, B         [2]string
	PacketsAB    int `json:"pkts_ab"`
	PacketsBA    int `json:"pkts_ba"`
	Completeness int
	Analysis     map[string]int
	Trace        string
}

// address is an address and a port, in a JSON list of two.
type address string

func (a *address) UnmarshalJSON(b []byte) error {
	var pair [2]any
	if err := json.Unmarshal(b, &pair); err != nil {
		return err
	}
	*a = address(net.JoinHostPort(fmt.Sprint(pair[0]), fmt.Sprint(pair[1])))
	return nil
}

func (e *expected) tagged(tag string) bool { return slices.Contains(e.Tags, tag) }

// readExpected gives what others say of all files; it skips the test where the captures are missing.
func readExpected(t *testing.T) []expected {
	t.Helper()
	list, err := os.Open(filepath.Join(folder, "expected.jsonl"))
	if err != nil {
		t.Skip("no folder of foreign captures beside the module")
	}
	defer list.Close()
	var all []expected
	lines := bufio.NewScanner(list)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e expected
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
