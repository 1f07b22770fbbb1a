// diagnostic_test.c: reporting.
#include "runtime/diagnostic.h"
#include "test/harness/harness.h"

#include <string.h>

TEST(diagnostic, the_first_report_is_kept_until_it_is_cleared) {
  mth_diagnostic kept = {0};
  const mth_sink sink = mth_sink_keep_first(&kept);
  const mth_location at = {&sink, "argument 'x'"};
  EXPECT_INT(mth_fail(MTH_INVALID, at, "rank %d", 2), MTH_INVALID);
  EXPECT_INT(mth_fail(MTH_NO_MEMORY, at, "second"), MTH_NO_MEMORY);
  EXPECT_INT(kept.status, MTH_INVALID);
  EXPECT_TEXT(kept.where, "argument 'x'");
  EXPECT_TEXT(kept.message, "rank 2");
  kept.status = MTH_OK;
  EXPECT_INT(mth_fail(MTH_NO_MEMORY, (mth_location){&sink, NULL}, "third"), MTH_NO_MEMORY);
  EXPECT_TEXT(kept.where, "");
  EXPECT_TEXT(kept.message, "third");
}

TEST(diagnostic, without_a_sink_the_status_stays) {
  EXPECT_INT(mth_fail(MTH_UNSUPPORTED, (mth_location){0}, "unheard"), MTH_UNSUPPORTED);
}

TEST(diagnostic, long_texts_are_cut) {
  char text[3000];
  memset(text, 'a', sizeof text - 1);
  text[sizeof text - 1] = 0;
  mth_diagnostic kept = {0};
  const mth_sink sink = mth_sink_keep_first(&kept);
  EXPECT_INT(mth_fail(MTH_INVALID, (mth_location){&sink, text}, "%s", text), MTH_INVALID);
  EXPECT_INT(strlen(kept.where), sizeof kept.where - 1);
  EXPECT_INT(strlen(kept.message), sizeof kept.message - 1);
}
