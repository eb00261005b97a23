package sqlite

import "slices"

// merge returns the first n (0: all) of what several lists have, each of them
// in order. Page reads one of them from after an entry on (nil: from its
// start). The cost follows n and the number of lists, not their lengths.
func merge[T any](lists []string, n int, compare func(a, b T) int, page func(list string, after *T, limit int) ([]T, error)) (merged []T, err error) {
	lists = slices.Compact(slices.Sorted(slices.Values(lists)))
	size := 0
	if n > 0 && len(lists) > 0 {
		size = n/len(lists) + 1
	}
	fronts := make([][]T, len(lists))
	for i, list := range lists {
		if fronts[i], err = page(list, nil, size); err != nil {
			return nil, err
		}
	}
	for n <= 0 || len(merged) < n {
		first := -1
		for i, front := range fronts {
			if len(front) > 0 && (first < 0 || compare(front[0], fronts[first][0]) < 0) {
				first = i
			}
		}
		if first < 0 {
			break
		}
		next := fronts[first][0]
		merged, fronts[first] = append(merged, next), fronts[first][1:]
		if size > 0 && len(fronts[first]) == 0 {
			if fronts[first], err = page(lists[first], &next, size); err != nil {
				return nil, err
			}
		}
	}
	return merged, nil
}
