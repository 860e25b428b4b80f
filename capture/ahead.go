package capture

import (
	"os"
	"sync"
	"sync/atomic"
)

const (
	// batchFrames is how many frames Next of an Ahead gives at most.
	batchFrames = 2048
	// aheadFrames is how far the goroutine may be ahead of its consumer.
	aheadFrames = 8 * batchFrames
)

// Ahead reads and decodes the frames of a [Source] in a goroutine of its own, a
// bounded number of them ahead of its consumer, so that both have a processor each.
//
// A frame of a [*File] is given at the latest when the goroutine has to read more of
// the file, which may have to be waited for; a frame of any other Source at once. So a
// capture that is still being written can be followed.
//
// Next belongs to one goroutine; Stop and Close may be called from any.
type Ahead struct {
	src     Source
	file    *File // src, when it is one
	decoder Decoder
	decoded Decoded // by the decoder's walk
	number  int     // of the frame that was decoded last

	// frames is a ring: the goroutine writes, the consumer follows. All three
	// counts only grow; where they point to is their remainder.
	frames []Observed
	marks  []Mark        // of the frames that were the last ones handed over; of a File
	filled uint64        // written; the goroutine's
	given  atomic.Uint64 // handed over
	taken  atomic.Uint64 // given back by the consumer
	read   uint64        // the end of the batch that the consumer holds; its own

	ready, space chan struct{} // wake the consumer, the goroutine; they hold one signal
	stop, ended  chan struct{} // closed
	stopping     sync.Once
	stopped      atomic.Bool
	err          error // why it ended; valid when ended is closed
}

// ReadAhead starts to read src, which is the goroutine's until Close: only what
// may be called from any goroutine may be called meanwhile.
func ReadAhead(src Source) *Ahead {
	a := &Ahead{
		src: src, frames: make([]Observed, aheadFrames),
		ready: make(chan struct{}, 1), space: make(chan struct{}, 1),
		stop: make(chan struct{}), ended: make(chan struct{}),
	}
	if a.file, _ = src.(*File); a.file != nil {
		a.marks = make([]Mark, aheadFrames)
		a.file.beforeRead = a.handOver
	}
	go a.run()
	return a
}

// Next waits for frames and gives them in order, as many as there are but not more
// than a few hundred. They are valid until the next call. After the last of them it gives the
// error with which reading ended, always the same: io.EOF at the proper end of the capture, what the
// Source said, or os.ErrClosed (for errors.Is) after Stop. If reading or decoding panicked the
// error names the frame.
func (a *Ahead) Next() ([]Observed, error) {
	a.taken.Store(a.read)
	if a.given.Load()-a.read <= aheadFrames/2 { // half of it, so that not every batch wakes it
		signal(a.space)
	}
	for {
		ended := isClosed(a.ended) // asked before given: nothing is handed over later
		stopped := a.stopped.Load()
		if n := a.given.Load() - a.read; n > 0 {
			from := a.read % aheadFrames
			n = min(n, batchFrames-from%batchFrames)
			a.read += n
			return a.frames[from : from+n], nil
		}
		switch {
		case ended:
			return nil, a.err
		case stopped:
			return nil, errStopped
		}
		select {
		case <-a.ready:
		case <-a.ended:
		case <-a.stop:
		}
	}
}

// Mark gives the place behind the last frame that Next gave, when the Source is a
// [*File]: see [File.Mark]. It is the zero Mark for any other Source, before the
// first frame, and often behind the last one, where there is nothing to go on with.
// It belongs to the goroutine of Next.
func (a *Ahead) Mark() Mark {
	if a.file == nil || a.read == 0 {
		return Mark{}
	}
	return a.marks[(a.read-1)%aheadFrames]
}

// Stop lets the goroutine end, and wakes a Next that waits. It does not wait for
// the goroutine: where its Source waits for bytes it ends only when these come,
// or when the Source, or what it reads from, is closed.
func (a *Ahead) Stop() {
	a.stopping.Do(func() {
		a.stopped.Store(true)
		close(a.stop)
	})
}

// Close is Stop, and waits until the goroutine has ended. The Source is not closed; it is the
// caller's again. If the Source may be waiting for bytes, close it, or what it
// reads from, first: that is how to wake it. What cannot be woken (a standard
// input that blocks) is left with Stop alone.
func (a *Ahead) Close() error {
	a.Stop()
	<-a.ended
	return nil
}

var errStopped = errorf("capture: read ahead: %w", os.ErrClosed)

// run is the goroutine.
func (a *Ahead) run() {
	defer close(a.ended)
	defer func() {
		if a.file != nil {
			a.file.beforeRead = nil
		}
		// A fault here must not end a program that has a terminal to leave in order.
		if fault := recover(); fault != nil {
			a.err = errorf("capture: frame %d: panic: %v", a.number+1, fault)
			a.given.Store(a.filled) // and ask the file nothing more
			return
		}
		a.publish()
	}()
	a.err = errStopped
	var p Packet
	for a.room() {
		var err error
		if a.file != nil {
			err = a.file.next(&p)
		} else {
			p, err = a.src.Next()
		}
		if err != nil {
			a.err = err
			return
		}
		a.observe(&p)
		switch {
		case a.file == nil:
			a.handOver()
		case a.filled%batchFrames == 0:
			a.give()
		}
	}
}

// room waits until there is room for a frame; false says that it is time to stop.
func (a *Ahead) room() bool {
	for !a.stopped.Load() {
		if a.filled-a.taken.Load() < aheadFrames {
			return true
		}
		select {
		case <-a.space:
		case <-a.stop:
		}
	}
	return false
}

// observe writes what the frame holds into the ring.
func (a *Ahead) observe(p *Packet) {
	a.decoder.observe(p, &a.decoded, &a.frames[a.filled%aheadFrames])
	a.number = p.Number
	a.filled++
}

// give lets the consumer have what was written. It is woken when that is much:
// waking it for each batch would cost more than the wait.
func (a *Ahead) give() {
	a.publish()
	if a.filled-a.taken.Load() >= aheadFrames/2 {
		signal(a.ready)
	}
}

// handOver lets the consumer have what was written, now: nobody knows when more will come.
func (a *Ahead) handOver() {
	a.publish()
	if a.filled != a.taken.Load() {
		signal(a.ready)
	}
}

func (a *Ahead) publish() {
	if a.file != nil && a.filled != a.given.Load() {
		a.marks[(a.filled-1)%aheadFrames] = a.file.Mark()
	}
	a.given.Store(a.filled)
}

func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is still there from the last time
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
