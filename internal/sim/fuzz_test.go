package sim_test

import "testing"

// No packet harms the host.
func FuzzDeliver(f *testing.F) {
	w := newWorld(f)
	c, _ := w.pair()
	w.client.connect(w.client.socket(), serverPort)
	w.client.send(c, "data")
	w.collect()
	for _, sent := range w.flight {
		f.Add(sent.packet)
	}
	f.Add([]byte{0x60})
	f.Fuzz(func(t *testing.T, packet []byte) {
		w := newWorld(t)
		w.pair()
		if err := w.server.host.Deliver(packet); err != nil && len(packet) > 0 && (packet[0]>>4 == 4 || packet[0]>>4 == 6) {
			t.Error(err)
		}
		w.advance(0)
		w.server.host.Sockets()
	})
}
