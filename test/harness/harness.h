// harness.h: unit tests written in C, run by GoogleTest (filters, XML, sharding).
#ifndef MTH_TEST_HARNESS_H
#define MTH_TEST_HARNESS_H
#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif

typedef struct harness_test {
  const char *suite, *name, *file;
  int line;
  void (*run)(void);
  struct harness_test *next;
} harness_test;

void harness_register(harness_test *test);
// Reports a failure of the running test unless `ok`; returns `ok`.
bool harness_check(bool ok, bool fatal, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
#ifdef __cplusplus
}
#endif

// TEST(suite, name) { ... }: the constructor only links a static node into a list.
#define TEST(s, n)                                                                                 \
  static void s##_##n(void);                                                                       \
  __attribute__((constructor)) static void s##_##n##_register(void) {                              \
    static harness_test test = {#s, #n, __FILE__, __LINE__, s##_##n, 0};                           \
    harness_register(&test);                                                                       \
  }                                                                                                \
  static void s##_##n(void)

#define EXPECT(x) ((void)harness_check((x), false, __FILE__, __LINE__, "%s", #x))
#define ASSERT(x)                                                                                  \
  do {                                                                                             \
    if (!harness_check((x), true, __FILE__, __LINE__, "%s", #x)) return;                           \
  } while (0)
#define EXPECT_INT(actual, wanted)                                                                 \
  do {                                                                                             \
    const long long actual_ = (long long)(actual), wanted_ = (long long)(wanted);                  \
    harness_check(actual_ == wanted_, false, __FILE__, __LINE__, "%s is %lld, wanted %s = %lld",   \
                  #actual, actual_, #wanted, wanted_);                                             \
  } while (0)
#define EXPECT_TEXT(actual, wanted)                                                                \
  do {                                                                                             \
    const char *actual_ = (actual), *wanted_ = (wanted);                                           \
    harness_check(actual_ && wanted_ && !__builtin_strcmp(actual_, wanted_), false, __FILE__,      \
                  __LINE__, "%s is\n  \"%s\", wanted\n  \"%s\"", #actual,                          \
                  actual_ ? actual_ : "(null)", wanted_ ? wanted_ : "(null)");                     \
  } while (0)
#define EXPECT_NEAR(actual, wanted, tolerance)                                                     \
  do {                                                                                             \
    const double actual_ = (actual), wanted_ = (wanted), tolerance_ = (tolerance);                 \
    harness_check(__builtin_fabs(actual_ - wanted_) <= tolerance_, false, __FILE__, __LINE__,      \
                  "%s is %.17g, wanted %.17g within %g", #actual, actual_, wanted_, tolerance_);   \
  } while (0)
#endif
