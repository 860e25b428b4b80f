package sim_test

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"tcpviz/internal/sim"
)

// A client connects, and nobody carries its SYN.
func Example() {
	ctx := context.Background()
	clock := sim.NewClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	host, err := sim.New(sim.Config{Addrs: []netip.Addr{netip.MustParseAddr("10.0.0.1")}, Clock: clock, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer host.Close()

	client := host.Thread("client")
	client.Begin()
	go func() {
		defer client.End()
		s, err := client.Socket(false)
		if err == nil {
			err = client.Connect(s, netip.MustParseAddrPort("10.0.0.2:80"))
		}
		fmt.Println("connect:", err)
	}()

	for host.Quiet(ctx); len(host.Blocked()) > 0; host.Quiet(ctx) {
		packets, _ := host.Sent()
		next, _ := clock.Next()
		fmt.Println(host.Sockets()[0].State, len(packets), "packet, then", next)
		clock.Advance(ctx, next)
	}
	// Output:
	// SYN-SENT 1 packet, then 1s
	// SYN-SENT 1 packet, then 2s
	// SYN-SENT 1 packet, then 4s
	// SYN-SENT 1 packet, then 8s
	// SYN-SENT 1 packet, then 16s
	// SYN-SENT 1 packet, then 32s
	// SYN-SENT 1 packet, then 1m4s
	// connect: ETIMEDOUT
}
