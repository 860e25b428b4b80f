// Package export writes a story for other programs and for pipes: as JSON lines, as
// plain text, as a picture (SVG), as a page for a browser (HTML), as a sequence diagram
// (Mermaid), and screens of the dashboard as a recording (asciinema's) or a picture.
//
// A [story.Story] flows in, bytes flow out. Text and JSON can be written at once
// ([JSON], [Text]) or piece by piece while the story grows (the Steps functions,
// then an End). The package knows no terminal. What comes from outside (payloads, file
// names, a lesson's words) loses its control characters before it is written, and is
// escaped as each form asks.
package export
