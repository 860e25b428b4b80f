package ui

import "tcpviz/fsm"

// The drawings of RFC 9293 figure 5, largest first, each with all eleven states
// and all twenty arrows. The calls are the sockets' (listen for passive OPEN,
// connect for active OPEN); what follows the slash is sent.

// The events on the arrows.
const (
	onListen    = "listen"
	onConnect   = "connect / SYN"
	onClose     = "close"
	onCloseFIN  = "close / FIN"
	onSend      = "send / SYN"
	onSYN       = "rcv SYN / SYN,ACK"
	onSYNACK    = "rcv SYN,ACK / ACK"
	onACKofSYN  = "rcv ACK of SYN"
	onRST       = "rcv RST"
	onFIN       = "rcv FIN / ACK"
	onACKofFIN  = "rcv ACK of FIN"
	onFINandACK = "rcv FIN,ACK / ACK"
	on2MSL      = "2MSL timeout"
)

// figures gives the drawings, largest first.
func figures() []figure {
	return []figure{richFigure(), wideFigure(), smallFigure()}
}

// richFigure has a box for each state, and the arrow of the figure's note 2.
func richFigure() figure {
	return figure{
		name: "rich", w: 86, h: 28,
		nodes: []node{
			{state: fsm.Closed, x: 34, y: 0, w: 18, h: 4},
			{state: fsm.Listen, x: 34, y: 5, w: 18, h: 3},
			{state: fsm.SynReceived, x: 4, y: 8, w: 18, h: 4},
			{state: fsm.SynSent, x: 66, y: 8, w: 18, h: 4},
			{state: fsm.Established, x: 34, y: 12, w: 18, h: 3},
			{state: fsm.FinWait1, x: 4, y: 15, w: 18, h: 5},
			{state: fsm.CloseWait, x: 66, y: 15, w: 18, h: 3},
			{state: fsm.FinWait2, x: 4, y: 21, w: 18, h: 3},
			{state: fsm.Closing, x: 34, y: 21, w: 18, h: 3},
			{state: fsm.LastAck, x: 66, y: 21, w: 18, h: 3},
			{state: fsm.TimeWait, x: 34, y: 25, w: 18, h: 3},
			{state: fsm.Closed, x: 66, y: 25, w: 18, h: 3, again: true},
		},
		edges: []edge{
			{from: fsm.Closed, to: fsm.Listen, label: onListen, at: point{32, 4}, path: []point{{39, 3}, {39, 5}}},
			{from: fsm.Listen, to: fsm.Closed, label: onClose, at: point{48, 4}, path: []point{{46, 5}, {46, 3}}},
			{from: fsm.Closed, to: fsm.SynSent, label: onConnect, at: point{58, 1}, path: []point{{51, 1}, {79, 1}, {79, 8}}},
			{from: fsm.SynSent, to: fsm.Closed, label: onClose, at: point{65, 2}, path: []point{{73, 8}, {73, 2}, {52, 2}}},
			{from: fsm.SynReceived, to: fsm.Listen, label: onRST, at: point{16, 6}, path: []point{{8, 8}, {8, 6}, {33, 6}}},
			{from: fsm.Listen, to: fsm.SynReceived, label: onSYN, at: point{23, 8}, path: []point{{41, 7}, {41, 9}, {22, 9}}},
			{from: fsm.Listen, to: fsm.SynSent, label: onSend, at: point{46, 8}, path: []point{{44, 7}, {44, 9}, {65, 9}}},
			{from: fsm.SynSent, to: fsm.SynReceived, label: onSYN, at: point{35, 10}, path: []point{{66, 10}, {22, 10}}},
			{from: fsm.SynReceived, to: fsm.Established, label: onACKofSYN, at: point{19, 12}, path: []point{{16, 11}, {16, 13}, {33, 13}}},
			{from: fsm.SynSent, to: fsm.Established, label: onSYNACK, at: point{54, 12}, path: []point{{73, 11}, {73, 13}, {52, 13}}},
			{from: fsm.SynReceived, to: fsm.FinWait1, label: onCloseFIN, at: point{10, 14}, path: []point{{8, 11}, {8, 15}}},
			{from: fsm.Established, to: fsm.FinWait1, label: onCloseFIN, at: point{25, 15}, path: []point{{41, 14}, {41, 16}, {22, 16}}},
			{from: fsm.Established, to: fsm.CloseWait, label: onFIN, at: point{46, 15}, path: []point{{44, 14}, {44, 16}, {65, 16}}},
			{from: fsm.FinWait1, to: fsm.FinWait2, label: onACKofFIN, at: point{10, 20}, path: []point{{8, 19}, {8, 21}}},
			{from: fsm.FinWait1, to: fsm.Closing, label: onFIN, at: point{29, 17}, path: []point{{21, 17}, {49, 17}, {49, 21}}},
			{from: fsm.FinWait1, to: fsm.TimeWait, label: onFINandACK, at: point{31, 19}, path: []point{{21, 18}, {29, 18}, {29, 24}, {37, 24}, {37, 25}}, note: true},
			{from: fsm.CloseWait, to: fsm.LastAck, label: onCloseFIN, at: point{62, 19}, path: []point{{75, 17}, {75, 21}}},
			{from: fsm.FinWait2, to: fsm.TimeWait, label: onFIN, at: point{14, 26}, path: []point{{8, 23}, {8, 26}, {33, 26}}},
			{from: fsm.Closing, to: fsm.TimeWait, label: onACKofFIN, at: point{44, 24}, path: []point{{42, 23}, {42, 25}}},
			{from: fsm.LastAck, to: fsm.Closed, label: onACKofFIN, at: point{60, 24}, path: []point{{75, 23}, {75, 25}}},
			{from: fsm.TimeWait, to: fsm.Closed, label: on2MSL, at: point{53, 25}, path: []point{{51, 26}, {65, 26}}},
		},
	}
}

// wideFigure has a pill for each state.
func wideFigure() figure {
	return figure{
		name: "wide", w: 61, h: 17,
		nodes: []node{
			{state: fsm.Closed, x: 22, y: 0, w: 17, h: 1},
			{state: fsm.Listen, x: 22, y: 2, w: 17, h: 1},
			{state: fsm.SynReceived, x: 0, y: 4, w: 18, h: 1},
			{state: fsm.SynSent, x: 45, y: 4, w: 16, h: 1},
			{state: fsm.Established, x: 22, y: 7, w: 17, h: 1},
			{state: fsm.FinWait1, x: 0, y: 10, w: 18, h: 1},
			{state: fsm.CloseWait, x: 45, y: 10, w: 16, h: 1},
			{state: fsm.FinWait2, x: 0, y: 13, w: 18, h: 1},
			{state: fsm.Closing, x: 22, y: 13, w: 17, h: 1},
			{state: fsm.LastAck, x: 45, y: 13, w: 16, h: 1},
			{state: fsm.TimeWait, x: 22, y: 16, w: 17, h: 1},
			{state: fsm.Closed, x: 45, y: 16, w: 16, h: 1, again: true},
		},
		edges: []edge{
			{from: fsm.Closed, to: fsm.Listen, label: onListen, at: point{18, 1}, path: []point{{25, 1}}},
			{from: fsm.Listen, to: fsm.Closed, label: onClose, at: point{28, 1}, path: []point{{34, 1}}},
			{from: fsm.Closed, to: fsm.SynSent, label: onConnect, at: point{42, 0}, path: []point{{39, 0}, {57, 0}, {57, 3}}},
			{from: fsm.SynSent, to: fsm.Closed, label: onClose, at: point{41, 1}, path: []point{{48, 3}, {48, 1}, {38, 1}}, up: true},
			{from: fsm.SynReceived, to: fsm.Listen, label: onRST, at: point{9, 2}, path: []point{{3, 3}, {3, 2}, {21, 2}}},
			{from: fsm.Listen, to: fsm.SynReceived, label: onSYN, at: point{9, 3}, path: []point{{28, 3}, {28, 4}, {18, 4}}},
			{from: fsm.Listen, to: fsm.SynSent, label: onSend, at: point{35, 3}, path: []point{{33, 3}, {33, 4}, {44, 4}}},
			{from: fsm.SynSent, to: fsm.SynReceived, label: onSYN, at: point{22, 5}, path: []point{{48, 5}, {14, 5}}, up: true},
			{from: fsm.SynReceived, to: fsm.Established, label: onACKofSYN, at: point{11, 6}, path: []point{{9, 5}, {9, 7}, {21, 7}}},
			{from: fsm.SynSent, to: fsm.Established, label: onSYNACK, at: point{38, 6}, path: []point{{56, 5}, {56, 7}, {39, 7}}},
			{from: fsm.SynReceived, to: fsm.FinWait1, label: onCloseFIN, at: point{5, 8}, path: []point{{3, 5}, {3, 9}}},
			{from: fsm.Established, to: fsm.FinWait1, label: onCloseFIN, at: point{16, 9}, path: []point{{28, 8}, {28, 10}, {18, 10}}},
			{from: fsm.Established, to: fsm.CloseWait, label: onFIN, at: point{35, 9}, path: []point{{33, 8}, {33, 10}, {44, 10}}},
			{from: fsm.FinWait1, to: fsm.FinWait2, label: onACKofFIN, at: point{5, 12}, path: []point{{3, 11}, {3, 12}}},
			{from: fsm.FinWait1, to: fsm.Closing, label: onFIN, at: point{32, 12}, path: []point{{15, 11}, {30, 11}, {30, 12}}},
			{from: fsm.CloseWait, to: fsm.LastAck, label: onCloseFIN, at: point{39, 11}, path: []point{{52, 11}, {52, 12}}},
			{from: fsm.FinWait2, to: fsm.TimeWait, label: onFIN, at: point{5, 15}, path: []point{{3, 14}, {3, 16}, {21, 16}}},
			{from: fsm.Closing, to: fsm.TimeWait, label: onACKofFIN, at: point{14, 14}, path: []point{{30, 14}, {30, 15}}},
			{from: fsm.LastAck, to: fsm.Closed, label: onACKofFIN, at: point{37, 14}, path: []point{{52, 14}, {52, 15}}},
			{from: fsm.TimeWait, to: fsm.Closed, label: on2MSL, at: point{37, 15}, path: []point{{39, 16}, {44, 16}}},
		},
	}
}

// smallFigure fits above the footer of an 80x24 screen.
func smallFigure() figure {
	return figure{
		name: "small", w: 76, h: 13,
		nodes: []node{
			{state: fsm.Closed, x: 32, y: 0, w: 17, h: 1},
			{state: fsm.Listen, x: 32, y: 2, w: 17, h: 1},
			{state: fsm.SynReceived, x: 1, y: 4, w: 18, h: 1},
			{state: fsm.SynSent, x: 60, y: 4, w: 16, h: 1},
			{state: fsm.Established, x: 32, y: 6, w: 17, h: 1},
			{state: fsm.FinWait1, x: 1, y: 8, w: 22, h: 1},
			{state: fsm.CloseWait, x: 60, y: 8, w: 16, h: 1},
			{state: fsm.FinWait2, x: 1, y: 10, w: 18, h: 1},
			{state: fsm.Closing, x: 40, y: 10, w: 15, h: 1},
			{state: fsm.LastAck, x: 60, y: 10, w: 16, h: 1},
			{state: fsm.TimeWait, x: 36, y: 12, w: 17, h: 1},
			{state: fsm.Closed, x: 62, y: 12, w: 14, h: 1, again: true},
		},
		edges: []edge{
			{from: fsm.Closed, to: fsm.Listen, label: onListen, at: point{29, 1}, path: []point{{36, 1}}},
			{from: fsm.Listen, to: fsm.Closed, label: onClose, at: point{38, 1}, path: []point{{44, 1}}},
			{from: fsm.Closed, to: fsm.SynSent, label: onConnect, at: point{55, 0}, path: []point{{49, 0}, {72, 0}, {72, 3}}},
			{from: fsm.SynSent, to: fsm.Closed, label: onClose, at: point{53, 1}, path: []point{{62, 3}, {62, 1}, {47, 1}}, up: true},
			{from: fsm.SynReceived, to: fsm.Listen, label: onRST, at: point{14, 2}, path: []point{{4, 3}, {4, 2}, {31, 2}}},
			{from: fsm.Listen, to: fsm.SynReceived, label: onSYN, at: point{18, 3}, path: []point{{36, 3}, {36, 4}, {19, 4}}},
			{from: fsm.Listen, to: fsm.SynSent, label: onSend, at: point{46, 3}, path: []point{{44, 3}, {44, 4}, {59, 4}}},
			{from: fsm.SynSent, to: fsm.SynReceived, label: onSYN, at: point{30, 5}, path: []point{{62, 5}, {14, 5}}, up: true},
			{from: fsm.SynReceived, to: fsm.Established, label: onACKofSYN, at: point{13, 6}, path: []point{{9, 5}, {9, 6}, {31, 6}}},
			{from: fsm.SynSent, to: fsm.Established, label: onSYNACK, at: point{52, 6}, path: []point{{72, 5}, {72, 6}, {49, 6}}},
			{from: fsm.SynReceived, to: fsm.FinWait1, label: onCloseFIN, at: point{6, 7}, path: []point{{4, 5}, {4, 7}}},
			{from: fsm.Established, to: fsm.FinWait1, label: onCloseFIN, at: point{24, 7}, path: []point{{36, 7}, {36, 8}, {23, 8}}},
			{from: fsm.Established, to: fsm.CloseWait, label: onFIN, at: point{46, 7}, path: []point{{44, 7}, {44, 8}, {59, 8}}},
			{from: fsm.FinWait1, to: fsm.FinWait2, label: onACKofFIN, at: point{6, 9}, path: []point{{4, 9}}},
			{from: fsm.FinWait1, to: fsm.Closing, label: onFIN, at: point{24, 10}, path: []point{{21, 9}, {21, 10}, {39, 10}}},
			{from: fsm.CloseWait, to: fsm.LastAck, label: onCloseFIN, at: point{55, 9}, path: []point{{68, 9}}},
			{from: fsm.FinWait2, to: fsm.TimeWait, label: onFIN, at: point{13, 12}, path: []point{{4, 11}, {4, 12}, {35, 12}}},
			{from: fsm.Closing, to: fsm.TimeWait, label: onACKofFIN, at: point{30, 11}, path: []point{{46, 11}}},
			{from: fsm.LastAck, to: fsm.Closed, label: onACKofFIN, at: point{52, 11}, path: []point{{68, 11}}},
			{from: fsm.TimeWait, to: fsm.Closed, label: "2MSL", at: point{55, 12}, path: []point{{53, 12}, {61, 12}}},
		},
	}
}
