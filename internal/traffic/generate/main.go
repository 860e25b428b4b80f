// Command generate writes a synthetic capture file, as package traffic makes them.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"tcpviz/internal/traffic"
)

const usage = `Writes a synthetic capture file. The same options give the same bytes.

  generate -shape short -connections N -o FILE    complete connections of 10 frames each
  generate -shape flood -connections N -o FILE    SYNs that nobody answers
  generate -shape bulk -bytes N -o FILE           10 connections that carry much
  generate -shape lossy -connections N -o FILE    connections that go wrong in every way
  generate -scenarios                             what happens in a lossy capture

`

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run gives the exit status: 0 done, 1 it failed, 2 wrong usage.
func run(args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "generate: %v (generate -h shows the options)\n", err)
		return 2
	case o.scenarios:
		printScenarios(stdout)
		return 0
	}
	sum, err := writeFile(o)
	if err != nil {
		fmt.Fprintf(stderr, "generate: %v\n", err)
		return 1
	}
	fmt.Fprintf(stdout, "%s: %d frames, %d bytes\n", o.file, sum.Frames, sum.Bytes)
	return 0
}

// options is what the command line says.
type options struct {
	shape     traffic.Shape
	format    traffic.Format
	file      string
	scenarios bool
}

func parse(args []string, stderr io.Writer) (options, error) {
	flags := flag.NewFlagSet("generate", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the error is told once, by the caller
	shape := flags.String("shape", "", "what to write: short, flood, bulk or lossy")
	connections := flags.Int("connections", 0, "how many connections (of a flood: SYNs)")
	bytes := flags.Int64("bytes", 0, "of a bulk: the size of the file as pcap, at most")
	ipv6 := flags.Int("ipv6", 0, "how many of 100 connections use IPv6")
	seed := flags.Uint64("seed", 0, "another number gives other addresses, numbers and pauses")
	format := flags.String("format", "pcap", "pcap or pcapng")
	file := flags.String("o", "", "the file to write")
	scenarios := flags.Bool("scenarios", false, "list what happens in a lossy capture")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprint(stderr, usage)
			flags.SetOutput(stderr)
			flags.PrintDefaults()
		}
		return options{}, err
	}
	if flags.NArg() > 0 {
		return options{}, fmt.Errorf("%q is too much: every value belongs to an option", flags.Arg(0))
	}
	if *scenarios {
		return options{scenarios: true}, nil
	}
	given := make(map[string]bool)
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })

	o := options{file: *file}
	size := "connections"
	switch *shape {
	case "short":
		o.shape = traffic.Short(*connections)
	case "flood":
		o.shape = traffic.Flood(*connections)
	case "lossy":
		o.shape = traffic.Lossy(*connections)
	case "bulk":
		o.shape, size = traffic.Bulk(*bytes), "bytes"
		if given["connections"] {
			o.shape.Connections = *connections
		}
	case "":
		return options{}, errors.New("-shape is missing: short, flood, bulk or lossy")
	default:
		return options{}, fmt.Errorf("-shape %q: must be short, flood, bulk or lossy", *shape)
	}
	switch *format {
	case "pcap":
		o.format = traffic.Pcap
	case "pcapng":
		o.format = traffic.PcapNG
	default:
		return options{}, fmt.Errorf("-format %q: must be pcap or pcapng", *format)
	}
	switch {
	case !given[size]:
		return options{}, fmt.Errorf("-shape %s needs -%s", *shape, size)
	case size != "bytes" && given["bytes"]:
		return options{}, fmt.Errorf("-bytes goes with -shape bulk only, -shape %s needs -connections", *shape)
	case *file == "":
		return options{}, errors.New("-o is missing: the file to write")
	}
	o.shape.IPv6Percent, o.shape.Seed = *ipv6, *seed
	if err := o.shape.Check(o.format); err != nil {
		return options{}, err
	}
	return o, nil
}

// writeFile writes the capture. Where that fails, no half of it is left behind.
func writeFile(o options) (traffic.Written, error) {
	file, err := os.Create(o.file)
	if err != nil {
		return traffic.Written{}, err
	}
	sum, err := traffic.Write(file, o.shape, o.format)
	if err = errors.Join(err, file.Close()); err != nil {
		if info, statErr := os.Stat(o.file); statErr == nil && info.Mode().IsRegular() {
			err = errors.Join(err, os.Remove(o.file))
		}
	}
	return sum, err
}

func printScenarios(w io.Writer) {
	for _, s := range traffic.Scenarios() {
		anomalies := s.Anomalies.String()
		if anomalies == "" {
			anomalies = "nothing unusual"
		}
		fmt.Fprintf(w, "%s: %s\n    %s; %s\n", s.Name, s.About, strings.Join(s.Outcomes, " "), anomalies)
	}
}
