// Package spelling tells how much a misspelled word is like one that is known.
package spelling

// longest is the most letters of a word that is compared: what is longer is no misspelling.
const longest = 64

// Distance counts how many letters must be put in, taken out, changed, or swapped with
// the next one to get from a to b. A word that is too long to be a misspelling is as far
// from any other as it is long.
func Distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	if len(from) > longest || len(to) > longest {
		return max(len(from), len(to))
	}
	var before, last []int
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i := range from {
		before, last, row = last, row, make([]int, len(to)+1)
		row[0] = i + 1
		for j := range to {
			changed := last[j]
			if from[i] != to[j] {
				changed++
			}
			row[j+1] = min(changed, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && from[i] == to[j-1] && from[i-1] == to[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(to)]
}
