// loops: peers in plain C.
#include "bench/peers/loops.h"

#include <math.h>
#include <string.h>

void loops_relu_chain(const float *restrict x, float a, float b, float c, float *restrict y,
                      int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const float v = a * x[i] + b;
    y[i] = (v > 0 ? v : 0) * c;
  }
}

static inline float power_of_two(uint32_t biased) {
  const uint32_t bits = biased << 23;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline float exp_of(float x) {
  x = x > 90 ? 90 : x;
  x = x < -105 ? -105 : x;
  const float round = 0x1.8p23f + 254;
  const float rounded = fmaf(x, 0x1.715476p0f, round), n = rounded - round;
  const float r = fmaf(-n, -0x1.05c61p-29f, fmaf(-n, 0x1.62e43p-1f, x));
  float q = 0x1.694c86p-10f;
  q = fmaf(q, r, 0x1.12397cp-7f);
  q = fmaf(q, r, 0x1.555a26p-5f);
  q = fmaf(q, r, 0x1.555492p-3f);
  q = fmaf(q, r, 0x1.fffffap-2f);
  const float y = 1 + fmaf(r * r, q, r);
  uint32_t power;
  memcpy(&power, &rounded, sizeof power);
  const uint32_t half = power >> 1;
  return y * power_of_two(half) * power_of_two(power - half);
}

enum { LANES = 16 };

static float fold(const float *partials, float (*join)(float, float)) {
  float total = partials[0];
  for (int i = 1; i < LANES; ++i)
    total = join(total, partials[i]);
  return total;
}
static float larger(float a, float b) { return a > b ? a : b; }
static float plus(float a, float b) { return a + b; }

static void softmax_row(const float *restrict x, float *restrict y, int64_t columns) {
  float maxima[LANES], sums[LANES] = {0};
  for (int l = 0; l < LANES; ++l)
    maxima[l] = -INFINITY;
  const int64_t whole = columns / LANES * LANES;
  for (int64_t i = 0; i < whole; i += LANES)
    for (int l = 0; l < LANES; ++l)
      maxima[l] = x[i + l] > maxima[l] ? x[i + l] : maxima[l];
  for (int64_t i = whole; i < columns; ++i)
    maxima[i - whole] = larger(maxima[i - whole], x[i]);
  const float maximum = fold(maxima, larger);
  for (int64_t i = 0; i < whole; i += LANES)
    for (int l = 0; l < LANES; ++l) {
      const float e = exp_of(x[i + l] - maximum);
      y[i + l] = e;
      sums[l] += e;
    }
  for (int64_t i = whole; i < columns; ++i)
    sums[i - whole] += y[i] = exp_of(x[i] - maximum);
  const float total = fold(sums, plus);
  for (int64_t i = 0; i < columns; ++i)
    y[i] /= total;
}

void loops_softmax(const float *x, float *y, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; ++r)
    softmax_row(x + r * columns, y + r * columns, columns);
}
