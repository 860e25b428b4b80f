package twohosts_test

import (
	"context"
	"fmt"

	"tcpviz/internal/twohosts"
)

// Every segment is held until both kernels are at rest, shown, and delivered.
func Example() {
	w, err := twohosts.Open(twohosts.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer w.Close()
	ctx := context.Background()
	// … threads enter their hosts with w.Enter and make their socket calls …
	for {
		p, err := w.Next(ctx)
		if err != nil {
			return
		}
		sockets, err := w.Quiet(ctx)
		if err != nil {
			return
		}
		fmt.Println(p.Number, p.From, p.Kind, sockets)
		if p.Kind == twohosts.Segment {
			if err := w.Deliver(p); err != nil {
				return
			}
		}
	}
}
