package classical

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

// factor is the triangle L of a symmetric positive definite matrix A = L·Lᵀ, by columns.
type factor struct {
	diagonal []float64
	columns  []sparse // Below the diagonal, rows ascending; an entry's column is its row here.
}

// factorize returns the triangle of the matrix whose lower triangle is given by rows, with ascending columns and the diagonal last.
// Row by row it solves the equations L·l = a, where what is not 0 follows from the tree of elimination: chapter 4 of "Direct
// Methods for Sparse Linear Systems" (Davis 2006, https://doi.org/10.1137/1.9780898718881).
func factorize(rows []sparse) (*factor, error) {
	n := len(rows)
	f := &factor{diagonal: make([]float64, n), columns: make([]sparse, n)}
	parents := eliminationTree(rows)
	values, seen := make([]float64, n), slices.Repeat([]int{-1}, n)
	var columns []int
	for i, row := range rows {
		columns = columns[:0]
		seen[i] = i
		diagonal := 0.
		for _, e := range row {
			if e.column == i {
				diagonal = e.value
				continue
			}
			values[e.column] = e.value
			for k := e.column; seen[k] != i; k = parents[k] {
				seen[k] = i
				columns = append(columns, k)
			}
		}
		slices.Sort(columns) // A column needs only such before it, as the tree's parents are larger.
		for _, k := range columns {
			value := values[k] / f.diagonal[k]
			values[k] = 0
			for _, e := range f.columns[k] {
				values[e.column] -= e.value * value
			}
			diagonal -= value * value
			f.columns[k] = append(f.columns[k], entry{i, value})
		}
		if diagonal <= 0 {
			return nil, errors.Errorf("classical: the equations of the hole have no single solution at unknown %d of %d", i, n)
		}
		f.diagonal[i] = math.Sqrt(diagonal)
	}
	return f, nil
}

// eliminationTree returns the parent of each column: the first row below the diagonal that is not 0 in it once all before it are
// eliminated; -1 for none.
func eliminationTree(rows []sparse) []int {
	parents, ancestors := slices.Repeat([]int{-1}, len(rows)), slices.Repeat([]int{-1}, len(rows))
	for i, row := range rows {
		for _, e := range row {
			for k := e.column; k != -1 && k < i; {
				next := ancestors[k]
				ancestors[k] = i
				if next == -1 {
					parents[k] = i
				}
				k = next
			}
		}
	}
	return parents
}

// solve replaces the right side of the equations by their solution.
func (f *factor) solve(values []float64) {
	for k, column := range f.columns {
		values[k] /= f.diagonal[k]
		for _, e := range column {
			values[e.column] -= e.value * values[k]
		}
	}
	for k := len(values) - 1; k >= 0; k-- {
		for _, e := range f.columns[k] {
			values[k] -= e.value * values[e.column]
		}
		values[k] /= f.diagonal[k]
	}
}
