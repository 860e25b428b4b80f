package export_test

import (
	"bytes"
	"image"
	_ "image/png" // what the renderer writes
	"os/exec"
	"path/filepath"
	"testing"
)

// Another program than a browser draws the pictures too: something is on them, and it
// reaches to both sides and down to the legend.
func TestPicturesAreDrawn(t *testing.T) {
	program, err := exec.LookPath("rsvg-convert")
	if err != nil {
		t.Skip("no rsvg-convert here")
	}
	files, err := filepath.Glob("testdata/svg/*.svg")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d pictures, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			out, err := exec.Command(program, file).Output()
			if err != nil {
				t.Fatal(err)
			}
			picture, _, err := image.Decode(bytes.NewReader(out))
			if err != nil {
				t.Fatal(err)
			}
			bounds := picture.Bounds()
			ground := picture.At(1, 1)
			drawn := image.Rectangle{Min: bounds.Max, Max: bounds.Min}
			for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
				for x := bounds.Min.X; x < bounds.Max.X; x++ {
					if picture.At(x, y) != ground {
						drawn.Min.X, drawn.Min.Y = min(drawn.Min.X, x), min(drawn.Min.Y, y)
						drawn.Max.X, drawn.Max.Y = max(drawn.Max.X, x+1), max(drawn.Max.Y, y+1)
					}
				}
			}
			if edges := bounds.Inset(40); !image.Pt(edges.Min.X, edges.Min.Y).In(drawn) || !image.Pt(edges.Max.X, edges.Max.Y).In(drawn) {
				t.Errorf("of %v only %v is drawn on", bounds, drawn)
			}
			if !drawn.In(bounds.Inset(1)) {
				t.Errorf("of %v %v is drawn on: it runs over the edge", bounds, drawn)
			}
		})
	}
}
