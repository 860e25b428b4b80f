// Command tcpviz shows what TCP really does: the socket calls of two programs,
// the segments between them and the state of both ends, on one timeline that can
// be stepped both ways.
package main

import (
	"context"
	"os"
)

func main() { os.Exit(run()) }

// run is the program; it gives its exit status.
func run() int {
	p := &program{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, asked: languageAsked(os.Args[1:])}
	ctx, release := catchSignals(context.Background())
	defer release()
	return p.status(newRoot(p).ExecuteContext(ctx))
}
