// harness_main.cpp: GoogleTest's side of the C harness.
#include "test/harness/harness.h"
#undef TEST
#undef EXPECT_NEAR
#include <cstdarg>
#include <gtest/gtest.h>
#include <string>

static harness_test *first; // a plain pointer: safe before any C++ constructor has run

extern "C" void harness_register(harness_test *test) { test->next = first, first = test; }

extern "C" bool harness_check(bool ok, bool fatal, const char *file, int line, const char *format,
                              ...) {
  if (ok) return true;
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  std::string message(static_cast<size_t>(vsnprintf(nullptr, 0, format, args)), '\0');
  vsnprintf(message.data(), message.size() + 1, format, again);
  va_end(again);
  va_end(args);
  if (fatal)
    GTEST_MESSAGE_AT_(file, line, message.c_str(), testing::TestPartResult::kFatalFailure);
  else
    ADD_FAILURE_AT(file, line) << message;
  return false;
}

struct Fixture : testing::Test {
  harness_test *test;
  explicit Fixture(harness_test *test) : test(test) {}
  void TestBody() override { test->run(); }
};

int main(int argc, char **argv) {
  testing::InitGoogleTest(&argc, argv);
  for (harness_test *test = first; test; test = test->next)
    testing::RegisterTest(test->suite, test->name, nullptr, nullptr, test->file, test->line,
                          [test]() -> testing::Test * { return new Fixture(test); });
  return RUN_ALL_TESTS();
}
