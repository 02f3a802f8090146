// C <- A B of two n x n row-major matrices, by Eigen. Compiled by ../build-eigen.sh.
#include <Eigen/Core>
#include <cstdlib>

template <class T> using Square = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class T> static void gemm(const T *a, const T *b, T *c, int n) {
  Eigen::Map<const Square<T>> A(a, n, n), B(b, n, n);
  Eigen::Map<Square<T>> C(c, n, n);
  C.noalias() = A * B;
}

extern "C" {
__attribute__((export_name("alloc"))) void *alloc(size_t bytes) { return aligned_alloc(64, bytes); }
__attribute__((export_name("gemm_f32"))) void gemm_f32(const float *a, const float *b, float *c, int n) { gemm(a, b, c, n); }
__attribute__((export_name("gemm_f64"))) void gemm_f64(const double *a, const double *b, double *c, int n) { gemm(a, b, c, n); }
}
