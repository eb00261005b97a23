package sqlite

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
)

// A page over many lists costs about a page, however long the lists are, and
// wherever what it shows lies.
func TestAMergedPageReadsAboutAPage(t *testing.T) {
	t.Parallel()
	const length = 10_000
	for name, row := range map[string]struct{ lists, n int }{
		"one list": {1, 100}, "as many as entries": {100, 100}, "many more lists": {500, 10}, "all in one of many": {50, 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var lists []string
			var want []int
			for i := range row.lists {
				lists = append(lists, fmt.Sprint(i))
				for j := range row.n {
					want = append(want, entry(name, i, j))
				}
			}
			slices.Sort(want)
			read, pages := 0, 0
			got, err := merge(lists, row.n, cmp.Compare[int], func(list string, after *int, limit int) (page []int, err error) {
				pages++
				var i int
				if _, err := fmt.Sscan(list, &i); err != nil {
					return nil, err
				}
				for j := 0; j < length && len(page) < limit; j++ {
					if e := entry(name, i, j); after == nil || e > *after {
						page = append(page, e)
					}
				}
				read += len(page)
				return page, nil
			})
			if err != nil || !slices.Equal(got, want[:row.n]) {
				t.Errorf("%v, %v; want %v", got, err, want[:row.n])
			}
			if most := 2 * (row.n + row.lists); read > most || pages > 2*row.lists+1 {
				t.Errorf("%d entries in %d pages were read for %d of %d lists", read, pages, row.n, row.lists)
			}
		})
	}
}

// entry is the jth of the ith list: all mixed, or those of the first list before all others.
func entry(name string, i, j int) int {
	if name == "all in one of many" {
		return i*10_000 + j
	}
	return j*1000 + i
}
