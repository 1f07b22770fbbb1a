// random_test.c: the streams of random words are what random.h says, bit for bit.
#include "runtime/random.h"
#include "test/harness/harness.h"

#include <math.h>
#include <string.h>

static void expect_philox(const uint32_t counter[4], const uint32_t key[2],
                          const uint32_t wanted[4]) {
  uint32_t out[4];
  mth_philox(counter, key, out);
  for (int i = 0; i < 4; ++i)
    EXPECT_INT(out[i], wanted[i]);
}

// Source  kat_vectors of the authors' Random123 library, rows "philox4x32 10".
TEST(random, philox_gives_its_authors_known_answers) {
  expect_philox((const uint32_t[4]){0}, (const uint32_t[2]){0},
                (const uint32_t[4]){0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  const uint32_t ones[4] = {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
  expect_philox(ones, ones, (const uint32_t[4]){0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  expect_philox((const uint32_t[4]){0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                (const uint32_t[2]){0xa4093822, 0x299f31d0},
                (const uint32_t[4]){0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST(random, words_use_the_counter_and_the_key_as_documented) {
  const uint64_t seed = 0xA4093822299F31D0u, stream = 0x13198A2E03707344u;
  const uint64_t block = 0x123456789ABCDu;
  const uint32_t counter[4] = {0x6789ABCD, 0x12345, 0x03707344, 0x13198A2E};
  const uint32_t key[2] = {0x299F31D0, 0xA4093822};
  uint32_t lanes[4];
  mth_philox(counter, key, lanes);
  for (uint64_t i = 0; i < 4; ++i)
    EXPECT_INT(mth_random_word(seed, stream, block * 4 + i), lanes[i]);
}

TEST(random, elements_take_consecutive_words) {
  double u32[9], u64[9], n32[9], n64[9];
  mth_random_uniform(MTH_F32, 7, 9, 5, 9, u32);
  mth_random_uniform(MTH_F64, 7, 9, 5, 9, u64);
  mth_random_normal(MTH_BF16, 7, 9, 5, 9, n32);
  mth_random_normal(MTH_F64, 7, 9, 5, 9, n64);
  for (uint64_t i = 0; i < 9; ++i) {
    uint64_t w[9];
    const uint64_t e = 5 + i;
    for (uint64_t k = 0; k < 4; ++k)
      w[k] = mth_random_word(7, 9, 4 * e + k);
    EXPECT(u32[i] == (double)(mth_random_word(7, 9, e) >> 8) / 16777216.0);
    const uint64_t low = mth_random_word(7, 9, 2 * e), high = mth_random_word(7, 9, 2 * e + 1);
    EXPECT(u64[i] == (double)((high << 32 | low) >> 11) / 9007199254740992.0);
    const double a = 1 - (double)(low >> 8) / 16777216.0, b = (double)(high >> 8) / 16777216.0;
    EXPECT_NEAR(n32[i], sqrt(-2 * log(a)) * cos(2 * M_PI * b), 1e-14);
    const double c = (double)((w[1] << 32 | w[0]) >> 11) / 9007199254740992.0;
    const double d = (double)((w[3] << 32 | w[2]) >> 11) / 9007199254740992.0;
    EXPECT_NEAR(n64[i], sqrt(-2 * log(1 - c)) * cos(2 * M_PI * d), 1e-14);
  }
}

TEST(random, a_range_does_not_depend_on_where_it_is_cut) {
  double whole[64], parts[64];
  mth_random_normal(MTH_F32, 1, 2, 0, 64, whole);
  for (size_t i = 0; i < 64; i += 7)
    mth_random_normal(MTH_F32, 1, 2, i, 64 - i < 7 ? 64 - i : 7, parts + i);
  EXPECT(memcmp(whole, parts, sizeof whole) == 0);
}

TEST(random, uniforms_and_normals_have_their_moments) {
  enum { count = 1 << 16 };
  const double n = count, tolerance = 5 / sqrt(n); // five standard errors, seed fixed
  double sum = 0, squares = 0;
  static double x[count];
  mth_random_uniform(MTH_F32, 3, 4, 0, count, x);
  for (int i = 0; i < count; ++i) {
    EXPECT(x[i] >= 0 && x[i] < 1);
    sum += x[i];
  }
  EXPECT_NEAR(sum / n, 0.5, tolerance / sqrt(12));
  mth_random_normal(MTH_F32, 3, 4, 0, count, x);
  sum = 0;
  for (int i = 0; i < count; ++i)
    sum += x[i], squares += x[i] * x[i];
  EXPECT_NEAR(sum / n, 0, tolerance);
  EXPECT_NEAR(squares / n, 1, tolerance * sqrt(2));
}

// Source  FNV-1a test vectors, draft-eastlake-fnv.
TEST(random, streams_of_names_are_fnv_1a) {
  EXPECT(mth_random_stream("") == 0xCBF29CE484222325u);
  EXPECT(mth_random_stream("a") == 0xAF63DC4C8601EC8Cu);
  EXPECT(mth_random_stream("foobar") == 0x85944171F73967E8u);
}
