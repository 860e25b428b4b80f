package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// fields lists the fields that a line of each kind must have, in their order; those
// that only some lines have end in a question mark. The lines are a contract:
// fields may be added, never renamed.
var fields = map[string]string{
	"call":            "kind n time conn side phase op args text inferred say? result? errno? blocked_us? program? cause?",
	"segment":         "kind n time frame conn side flags seq ack seq_raw ack_raw len win fate anomalies? cause?",
	"arrival":         "kind n time frame conn side fate again? cause?",
	"impairment":      "kind n time frame conn side what delay_us? by",
	"timer":           "kind n time conn side timer",
	"reboot":          "kind n time conn side",
	"listener-closed": "kind n time conn side",
	"narration":       "kind n time say does?",
	"transition":      "kind n conn side from to basis rule rfc reason listener?",
	"truth":           "kind n conn side state model agree",
	"connection":      "kind conn client server client_state server_state outcome completeness segments bytes frames anomalies start? duration_us?",
	"summary":         "kind frames segments connections skipped truth stage error dropped recorded? lesson? finished_early? selected?",
}

// lists are the lines of commands that show no story.
var lists = map[string]string{
	"lesson":       "kind id title summary stages",
	"entry":        "kind of name also title text sources lessons",
	"verify":       "kind stage part? why? planned runs checks agreements differ endless otherwise broken missed first? observer?",
	"disagreement": "kind stage part lesson segment? count step event rules? side local remote? model stack reproduce",
	"failure":      "kind stage part lesson segment? error reproduce",
}

// fieldsOf gives the fields of a kind of line.
func fieldsOf(kind string) []string { return strings.Fields(cmp.Or(fields[kind], lists[kind])) }

// jsonLinesCommand checks the output of the last program against the contract,
// and that these kinds of line are among it: jsonlines call segment summary. The
// lines of a story end with its summary.
func jsonLinesCommand(ts *testscript.TestScript, neg bool, want []string) {
	if neg {
		ts.Fatalf("unsupported: ! jsonlines")
	}
	var kinds []string
	n := 0
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		keys, err := keysOf([]byte(line))
		ts.Check(err)
		var head struct {
			Kind string
			N    int
		}
		ts.Check(json.Unmarshal([]byte(line), &head))
		if problem := compareKeys(fieldsOf(head.Kind), keys); problem != "" {
			ts.Fatalf("%s\n%s", problem, line)
		}
		if head.N != 0 && head.N < n {
			ts.Fatalf("step %d after step %d", head.N, n)
		}
		n = max(n, head.N)
		kinds = append(kinds, head.Kind)
	}
	for _, kind := range want {
		if !slices.Contains(kinds, kind) {
			ts.Fatalf("no line of the kind %s", kind)
		}
	}
	switch {
	case len(kinds) == 0:
		ts.Fatalf("no line at all")
	case lists[kinds[0]] == "" && kinds[len(kinds)-1] != "summary":
		ts.Fatalf("the last line is no summary")
	}
}

// keysOf gives the keys of a JSON object in the order in which they stand there.
func keysOf(line []byte) (keys []string, err error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	if _, err := decoder.Token(); err != nil { // {
		return nil, err
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		keys = append(keys, key.(string))
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// compareKeys says what is wrong with the keys; "" when nothing is.
func compareKeys(want, got []string) string {
	if len(want) == 0 {
		return "a line of an unknown kind"
	}
	for _, field := range want {
		name, optional := strings.CutSuffix(field, "?")
		switch {
		case len(got) > 0 && got[0] == name:
			got = got[1:]
		case !optional:
			return "no field " + name + " where it belongs"
		}
	}
	if len(got) > 0 {
		return "unknown field " + got[0] + ", or not where it belongs"
	}
	return ""
}
