// random_medley_test.c: random programs, compiled for fixed and for symbolic sizes, run on one
// thread and on two, against naive loops; gradients against differences.
//
// Each program has a seed: MTH_SEED=n (which prints it first) or n-m makes those alone, MTH_LONG=1
// many; then each is compiled both ways, else every other one for fixed sizes. Sanitizers watch the
// compiler, which takes them ten times as long: a part of the many does.
#include "test/harness/harness.h"
#include "test/numerics/medley_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifdef SANITIZED
enum { few = 100, many = 200, most_failures = 20 };
#else
enum { few = 100, many = 1000, most_failures = 20 };
#endif

// Before it is compiled, for a compiler that does not come back.
static void print(const medley *m) {
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  medley_write(m, &text);
  puts(mth_text_get(&text));
  fflush(stdout);
  mth_text_deinit(&text);
}

static bool check_seed(uint64_t seed, bool both, bool prints) {
  medley drawn;
  mth_text failure = MTH_TEXT_INIT(mth_default_allocator()), text = failure;
  medley_draw(&drawn, seed);
  if (!both) drawn.forms[seed % 2] = false;
  if (prints) print(&drawn);
  const bool holds = medley_holds(&drawn, &failure);
  if (!holds) {
    medley small = drawn; // its tensors are those of `drawn`
    medley_shrink(&small);
    medley_holds(&small, &failure);
    medley_write(&small, &text);
    harness_check(false, false, __FILE__, __LINE__, "MTH_SEED=%llu\n%s%s", (unsigned long long)seed,
                  mth_text_get(&failure), mth_text_get(&text));
  }
  medley_free(&drawn);
  mth_text_deinit(&failure);
  mth_text_deinit(&text);
  return holds;
}

TEST(random_medley, computes_what_loops_do) {
  uint64_t first = 1, last = getenv("MTH_LONG") ? many : few;
  int failures = 0;
  const char *const seeds = getenv("MTH_SEED");
  if (seeds) {
    char *end;
    first = last = strtoull(seeds, &end, 10);
    if (*end == '-') last = strtoull(end + 1, NULL, 10);
  }
  for (uint64_t seed = first; seed <= last && failures < most_failures; ++seed)
    failures += !check_seed(seed, seeds || getenv("MTH_LONG"), seeds && first == last);
}
