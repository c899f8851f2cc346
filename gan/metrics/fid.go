package metrics

import (
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
)

// FrechetDistance returns the Fréchet distance of two sets of features, |μ₁ - μ₂|² + tr(Σ₁ + Σ₂ - 2 (Σ₁Σ₂)^½), from their
// means and covariances: the squared Wasserstein-2 distance of two Gaussians that have them. With the 2048 features of the
// Inception network it is the FID of "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium"
// (Heusel et al. 2017, https://arxiv.org/abs/1706.08500), equation 6. It is in squares of the features' unit, at least 0, and
// 0 for equal statistics. Few samples raise it; compare figures of equally many only.
//
// The trace of the root is the sum of the singular values of L₁ᵀL₂, with Σ = LLᵀ from a Cholesky factorization that stops
// at the rank, so that features which never vary or depend on one another do no harm. The usual way, the roots of the
// eigenvalues of Σ₁Σ₂, has the same value but loses half of the digits of the small ones.
//
// It is an error if the samples have different sizes, if there are not more of them than values in one, whose covariance
// would not have full rank whatever they are, or if no feature varies in either set.
func FrechetDistance(a, b *Moments) (float64, error) {
	if a.size != b.size {
		return 0, errors.Errorf("metrics: features of sizes %d and %d have no Fréchet distance; take both from one network", a.size, b.size)
	}
	for i, m := range []*Moments{a, b} {
		if m.N() < m.size+1 {
			return 0, fidTooFew([]string{"the first set", "the second set"}[i], m.N(), m.size)
		}
	}
	if mat.Trace(a.Covariance()) == 0 && mat.Trace(b.Covariance()) == 0 {
		return 0, errors.New("metrics: no feature varies in either set, so that a Fréchet distance says nothing; look at the pictures and at the network")
	}
	return fidDistance(a, b), nil
}

func fidTooFew(name string, n, size int) error {
	return errors.Errorf("metrics: %s holds %d samples, and the Fréchet distance (FID) of %d features takes at least %d; "+
		"draw more, or use KID, which needs fewer", name, n, size, size+1)
}

// fidDistance is FrechetDistance for any number of samples.
func fidDistance(a, b *Moments) float64 {
	meanA, meanB := a.Mean(), b.Mean()
	covarianceA, covarianceB := a.Covariance(), b.Covariance()
	var distance float64
	for i := range meanA {
		difference := meanA[i] - meanB[i]
		distance += difference * difference
	}
	distance += mat.Trace(covarianceA) + mat.Trace(covarianceB)
	return max(distance-2*fidRootTrace(covarianceA, covarianceB), 0) // Rounding must not make it negative.
}

// fidRootTrace returns the trace of the root of the product of two covariances.
func fidRootTrace(a, b *mat.SymDense) float64 {
	factorA, rankA := fidFactor(a)
	factorB, rankB := fidFactor(b)
	if rankA == 0 || rankB == 0 {
		return 0
	}
	size := a.SymmetricDim()
	product := make([]float64, rankA*rankB)
	const rows = 64
	parallel((rankA+rows-1)/rows, func(block int) {
		first := block * rows
		last := min(first+rows, rankA)
		eachProduct(factorA[first*size:last*size], factorB, size, false, func(i, j int, products []float64) {
			copy(product[(first+i)*rankB+j:], products)
		})
	})
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(rankA, rankB, product), mat.SVDNone) {
		panic("metrics: the singular values of finite numbers did not converge") // LAPACK: "should not happen".
	}
	var sum float64
	for _, value := range svd.Values(nil) {
		sum += value
	}
	return sum
}

// fidFactor returns Lᵀ, [rank, size], of a covariance LLᵀ.
func fidFactor(covariance *mat.SymDense) (factor []float64, rank int) {
	var cholesky mat.PivotedCholesky
	cholesky.Factorize(covariance, -1) // It says false if the rank is not full.
	rank = cholesky.Rank()
	upper, pivots := cholesky.RawU(), cholesky.ColumnPivots(nil)
	size := covariance.SymmetricDim()
	factor = make([]float64, rank*size)
	for row := range rank {
		for column := row; column < size; column++ {
			factor[row*size+pivots[column]] = upper.At(row, column)
		}
	}
	return factor, rank
}
