package main

import "sync"

// workers are goroutines that share the work of a survey.
type workers struct {
	do   []chan func(k int) // by worker; the caller is worker 0
	done sync.WaitGroup
	gone sync.WaitGroup

	mu    sync.Mutex
	fault any // why a worker panicked
}

// newWorkers starts n-1 goroutines; the caller itself is the last worker.
func newWorkers(n int) *workers {
	w := &workers{}
	for k := 1; k < n; k++ {
		do := make(chan func(k int))
		w.do = append(w.do, do)
		w.gone.Go(func() {
			for f := range do {
				w.guarded(k, f)
			}
		})
	}
	return w
}

// count is the number of workers, the caller included.
func (w *workers) count() int { return len(w.do) + 1 }

// guarded does the work and keeps a panic for the caller, who knows how to end in order.
func (w *workers) guarded(k int, do func(k int)) {
	defer w.done.Done()
	defer func() {
		if fault := recover(); fault != nil {
			w.mu.Lock()
			w.fault = fault
			w.mu.Unlock()
		}
	}()
	do(k)
}

// each calls do for each worker at the same time, and returns when all are done.
func (w *workers) each(_ int, do func(k int)) {
	w.done.Add(len(w.do))
	for _, c := range w.do {
		c <- do
	}
	do(0)
	w.done.Wait()
	if w.fault != nil {
		panic(w.fault)
	}
}

// close ends the goroutines.
func (w *workers) close() {
	for _, c := range w.do {
		close(c)
	}
	w.gone.Wait()
}
