// status_test.c: names and values of the statuses.
#include "runtime/status.h"
#include "test/harness/harness.h"

// Objects return these numbers.
TEST(status, values_do_not_move) {
  EXPECT_INT(MTH_OK, 0);
  EXPECT_INT(MTH_INVALID, 1);
  EXPECT_INT(MTH_UNSUPPORTED, 2);
  EXPECT_INT(MTH_NO_MEMORY, 3);
  EXPECT_INT(MTH_INTERNAL, 4);
}

TEST(status, names) {
  EXPECT_TEXT(mth_status_name(MTH_NO_MEMORY), "MTH_NO_MEMORY");
  EXPECT_TEXT(mth_status_name((mth_status)77), "MTH_STATUS_OUT_OF_RANGE");
}

static mth_status twice(mth_status first, int *reached) {
  MTH_TRY(first);
  *reached = 1;
  return MTH_OK;
}

TEST(status, try_leaves_at_the_first_failure) {
  int reached = 0;
  EXPECT_INT(twice(MTH_UNSUPPORTED, &reached), MTH_UNSUPPORTED);
  EXPECT_INT(reached, 0);
  EXPECT_INT(twice(MTH_OK, &reached), MTH_OK);
  EXPECT_INT(reached, 1);
}
