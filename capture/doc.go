// Package capture is where segments come from: live interfaces and capture
// files (pcap and pcapng, plain or compressed by gzip or zstd), and the decoding of what is
// in them.
//
// What flows out of a [Source] are [Packet] values, the frames of a capture as
// they are; a [Decoder] turns one into a [Decoded], an fsm.Segment with its
// addresses: the innermost one, through tunnels and reassembled IP fragments. A capture is hostile input: reading is bounded by the bytes that are
// really there, never panics, and an error names the frame.
//
// The package knows nothing of connections, states or stories.
package capture
