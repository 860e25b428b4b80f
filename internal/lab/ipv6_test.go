package lab

import (
	"strings"
	"testing"

	"tcpviz/internal/lesson"
)

func TestNeedsIPv6(t *testing.T) {
	const head = "id: six\ntitle: t\nprograms: {server: server, client: client}\nsteps:\n"
	for name, test := range map[string]struct {
		steps []string
		want  bool
	}{
		"IPv4":         {[]string{"server: s = socket()", "server: bind(s, 127.0.0.1:10008)"}, false},
		"by its host":  {[]string{"server: s = socket()", "server: bind(s, server:10008)"}, false},
		"IPv6":         {[]string{"server: s = socket(AF_INET6)", "server: bind(s, [::1]:10008)"}, true},
		"host of IPv6": {[]string{"server: s = socket(AF_INET6)", "server: bind(s, server:10008)"}, true},
		"later":        {[]string{"server: s = socket()", "server: bind(s, 127.0.0.1:10008)", "client: c = socket(AF_INET6)"}, true},
		"no address":   {[]string{"client: c = socket(AF_INET6)"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := lesson.Parse("six.yaml", []byte(head+"  - "+strings.Join(test.steps, "\n  - ")+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			if got := needsIPv6(l); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
