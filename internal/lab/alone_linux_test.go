package lab_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// aloneVariable names the test that a process of this binary is for.
const aloneVariable = "TCPVIZ_TEST_ALONE"

// alone runs the test in a process of its own, beside the others: one that counts
// what the process has. It gives true there, and false in the process that waits for it.
func alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv(aloneVariable) == t.Name() {
		return true
	}
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.v", "-test.run=^"+t.Name()+"$", "-test.timeout=5m")
	cmd.Env = append(os.Environ(), aloneVariable+"="+t.Name())
	out, err := cmd.CombinedOutput()
	switch said := string(out); {
	case err != nil:
		t.Fatalf("%v:\n%s", err, said)
	case strings.Contains(said, "--- SKIP: "+t.Name()+" "):
		t.Skip(said)
	case !strings.Contains(said, "--- PASS: "+t.Name()+" "):
		t.Fatalf("it did not run:\n%s", said)
	}
	return false
}
