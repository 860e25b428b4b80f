// Package export writes a story for other programs and for pipes: as JSON lines
// and as plain text.
//
// A [story.Story] flows in, bytes flow out. Both forms can be written at once
// ([JSON], [Text]) or piece by piece while the story grows (the Steps functions,
// then an End). The package knows no terminal; what comes from outside (payloads,
// file names) loses its control characters before it is written.
package export
