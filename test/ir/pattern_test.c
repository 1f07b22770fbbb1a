// pattern_test.c: Python's regular expressions, looked for in names.
#include "ir/pattern.h"
#include "test/harness/harness.h"

#include <string.h>

static char message[256];

// 'y' or 'n' for each name; the message if there is no such pattern.
static const char *look(const char *text, const char *const *names, size_t count) {
  static char found[16];
  mth_diagnostic seen = {0};
  const mth_sink sink = mth_sink_keep_first(&seen);
  mth_pattern *pattern = NULL;
  if (mth_pattern_create(mth_default_allocator(), text, (mth_location){&sink, "here"}, &pattern) !=
      MTH_OK) {
    EXPECT_TEXT(seen.where, "here");
    strcpy(message, seen.message);
    return message;
  }
  for (size_t i = 0; i < count; i++)
    found[i] = mth_pattern_is_in(pattern, names[i]) ? 'y' : 'n';
  found[count] = 0;
  mth_pattern_destroy(pattern);
  return found;
}

static const char *const names[] = {"w0", "b0", "weight_12", "w", "", "x-]y"};
#define EXPECT_LOOK(text, wanted) EXPECT_TEXT(look(text, names, 6), wanted)

TEST(pattern, is_searched_for_not_matched_in_full) {
  EXPECT_LOOK("w", "ynyynn");
  EXPECT_LOOK("^w$", "nnnynn");
  EXPECT_LOOK("\\Aw\\Z", "nnnynn");
  EXPECT_LOOK("", "yyyyyy");
  EXPECT_LOOK("w|b", "yyyynn");
}

TEST(pattern, knows_the_classes_of_python) {
  EXPECT_LOOK("w\\d", "ynnnnn");
  EXPECT_LOOK("_[\\d]+$", "nnynnn");
  EXPECT_LOOK("^\\w+$", "yyyynn");
  EXPECT_LOOK("\\W", "nnnnny");
  EXPECT_LOOK("[^\\w]", "nnnnny");
  EXPECT_LOOK("^\\D*$", "nnnyyy");
  EXPECT_LOOK("\\s|\\S\\S\\S\\S", "nnynny");
  EXPECT_LOOK("[a-c]\\d", "nynnnn");
}

TEST(pattern, sets_hold_their_own_marks) {
  EXPECT_LOOK("[]]", "nnnnny");
  EXPECT_LOOK("[x\\]]y", "nnnnny");
  EXPECT_LOOK("x[\\-]\\]", "nnnnny");
  EXPECT_LOOK("[[\\\\]", "nnnnnn");
}

TEST(pattern, repeats) {
  EXPECT_LOOK("^(?:w|b)0$", "yynnnn");
  EXPECT_LOOK("\\d{2}", "nnynnn");
  EXPECT_LOOK("^w\\d{,1}$", "ynnynn");
  EXPECT_LOOK("w.{8,}", "nnynnn");
  EXPECT_LOOK("\\d{1,2}$", "yyynnn");
  EXPECT_LOOK("^w.*?2$", "nnynnn");
  EXPECT_LOOK("w{x}", "nnnnnn");
  EXPECT_LOOK("\\.|\\(|\\-", "nnnnny");
}

TEST(pattern, what_it_does_not_know_it_refuses) {
  char longest[300];
  memset(longest, 'a', sizeof longest);
  longest[257] = 0;
  EXPECT_LOOK("(?=w)", "a pattern has no '(?='");
  EXPECT_LOOK("(w)\\1", "a pattern has no escape '\\1'");
  EXPECT_LOOK("[\\D]", "a pattern has no escape '\\D'");
  EXPECT_LOOK("w\\", "a pattern ends in a single '\\'");
  EXPECT_LOOK("[w", "a pattern has a '[' without its ']'");
  EXPECT_LOOK("[w\\", "a pattern ends in a single '\\'");
  EXPECT_LOOK("((w{50}){50})", "the repeats of a pattern multiply to 2500, at most 1000 go");
  EXPECT_LOOK("(w", "'(w' is no pattern: Unmatched ( or \\(");
  EXPECT_LOOK(longest, "a pattern has at most 256 characters, found 257");
}
