//go:build !race

package screens

const raceDetector = false
