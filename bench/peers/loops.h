// loops.h: what a C programmer would write. Compiled with clang -O3 -march=native, whatever else
// is.
#ifndef MTH_BENCH_LOOPS_H
#define MTH_BENCH_LOOPS_H
#include <stdint.h>

// y[i] = max(a x[i] + b, 0) * c
void loops_relu_chain(const float *x, float a, float b, float c, float *y, int64_t count);
// y[r,i] = e^(x[r,i] - m_r) / sum_i e^(x[r,i] - m_r), m_r the row's maximum. e^x by the formula of
// passes/math/exponential.c; sums in 16 partials.
void loops_softmax(const float *x, float *y, int64_t rows, int64_t columns);
#endif
