package fsm

// ruleIndex is the place of a rule in the table. The names follow the rules' IDs.
type ruleIndex uint8

// Rules gives all rules of the model, grouped as they are written down. The
// slice is the caller's.
func Rules() []Rule { return append([]Rule(nil), rules[:]...) }

const (
	// User calls: RFC 9293 sections 3.10.1 to 3.10.6.
	closedPassiveOpenCalled ruleIndex = iota
	closedPassiveOpen
	closedActiveOpenCalled
	listenActiveOpenCalled
	anyOpenAgain
	establishedOpenReturned
	anyAcceptCalled
	anyAcceptReturned
	closedCall
	listenSendCalled
	openingSendCalled
	synchronizedSendCalled
	closingSendCalled
	listenReceiveCalled
	openingReceiveCalled
	synchronizedReceiveCalled
	closeWaitReceiveCalled
	closingReceiveCalled
	listenCloseCalled
	listenShutdownCalled
	listenClose
	synSentCloseCalled
	synSentClose
	synReceivedCloseCalled
	synReceivedCloseWaits
	synReceivedListenerClosed
	synReceivedListenerGone
	establishedCloseCalled
	establishedCloseWaits
	establishedShutdownCalled
	closeWaitCloseCalled
	closeWaitCloseWaits
	closingCloseCalled
	anyAbortCalled
	openingAbort
	synchronizedAbort
	synSentOpenFailed
	anyOtherCall
	anyCallFailed
	anyCallReturned

	// Timeouts and losses: section 3.10.8.
	timeWaitExpired
	anyRetransmission
	synchronizedLossProbe
	synchronizedReorder
	synchronizedWindowProbe
	synchronizedKeepAliveProbe
	synchronizedDelayedAck
	anyUserTimeout
	synchronizedKeepAliveTimeout
	finWait2Timeout
	synReceivedTimeoutPassive
	synReceivedTimeoutOrphaned
	synReceivedTimeoutActive
	anyReboot
	closedReboot
	anyIdleTimer
	anyLost
	anyLostAck
	anyLostRST

	// Opening, as the sender shows it: section 3.5.
	closedActiveOpen
	listenActiveOpen
	timeWaitActiveOpen
	closedSendsSYNAgain
	synSentSendsSYNAgain
	synSentSendsOtherSYN
	synchronizedSYNSeenLate
	synReceivedSendsSYNAgain
	establishedSendsSYNAgain
	synchronizedSendsOldSYN
	synchronizedSendsOtherSYN
	synchronizedRestarted
	synchronizedSendsNewSYNACK
	closedWasListening
	listenSendsSYNACK
	listenSendsCookie
	timeWaitSendsSYNACK
	synSentSendsSYNACK
	synReceivedSendsSYNACK
	synReceivedSendsSYNACKAgain
	establishedSendsSYNACKAgain
	establishedSYNsCrossed
	synchronizedSendsOldSYNACK
	closedSYNUnseen
	closedSYNACKUnseen
	listenSYNACKUnseen
	synSentActs
	synReceivedActs
	synReceivedSendsAck
	synReceivedFastOpen

	// Captures that begin late or have gaps.
	closedMidStream
	closedMidStreamPeer
	listenMidStream
	closedStillSends
	closedSendsFINAgain
	closedSendsLate
	establishedUnknown
	anySendsNoAck

	// Sending in a standing connection.
	synchronizedSendsText
	synchronizedSendsAgain
	synchronizedSendsKeepAlive
	synchronizedProbesWindow
	synchronizedClosesWindow
	establishedSendsAck
	finWait2SendsAck
	closeWaitSendsAck
	timeWaitSendsAck
	closingSendsAck

	// Closing and aborting, as the sender shows it: section 3.6.
	synReceivedClose
	establishedClose
	closeWaitClose
	closingSendsFIN
	closeWaitFINNotSeen
	finWait2SendsFINAgain
	timeWaitSendsFINAgain
	synchronizedSendsFINAgain
	synchronizedSendsOldFIN
	closingFINNotItsOwn
	closedSendsRST
	listenSendsRST
	synSentSendsRST
	synReceivedSendsRST
	synReceivedAbort
	establishedRefusesSYNACK
	closeUnread
	finWaitRefusesText
	synchronizedSendsRST
	closingSendsRST

	// A segment arrives: section 3.10.7.1, CLOSED.
	closedRST
	closedSYN
	closedSegment

	// A segment arrives: section 3.10.7.2, LISTEN.
	listenRST
	listenAck
	listenSYN
	listenAcceptQueueFull
	listenSYNQueueFull
	listenSYNCookie
	listenCookieACK
	listenCookieQueueFull
	listenOther

	// A segment arrives: section 3.10.7.3, SYN-SENT.
	synSentBadAck
	synSentRefused
	synSentRSTIgnored
	synSentSYNACK
	synSentSYN
	synSentNeither

	// A segment arrives: section 3.10.7.4, the other states.
	synReceivedSYNACK
	synReceivedSYNACKNotEnough
	synReceivedSYNAgain
	synReceivedRSTPassive
	synReceivedRSTActive
	synReceivedNewSYN
	synReceivedOrphaned
	synReceivedAck
	synReceivedAcceptQueueFull
	synReceivedBadAck
	synchronizedSYNACKAgain
	synchronizedKeepAlive
	synchronizedOldDuplicate
	synchronizedZeroWindowProbe
	synchronizedOutOfWindow
	synchronizedRSTOutside
	synchronizedRSTOfFIN
	synchronizedRSTChallenge
	synchronizedRST
	closingRST
	synchronizedSYNChallenge
	timeWaitRST
	timeWaitRSTIgnored
	timeWaitSYN
	timeWaitOldSYN
	synchronizedNoAck
	synchronizedFromBefore
	synchronizedAckOutside
	establishedAck
	finWait1OtherAck
	finWait2OtherAck
	closeWaitAck
	closingOtherAck
	closingAckOutOfOrder
	timeWaitAck
	establishedText
	finWaitText
	synchronizedOutOfOrder
	synchronizedEarlyFIN
	synchronizedEarlyFINForgotten
	closingText
	finWaitTextAfterClose
	establishedFIN
	finWait1Ack
	finWait1FIN
	finWait1FINACK
	finWait2FIN
	closingAck
	lastAckAck
	timeWaitFINAgain
	synchronizedFINAgain

	ruleCount
)
