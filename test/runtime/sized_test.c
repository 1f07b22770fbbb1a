// sized_test.c: structs that grew.
#include "runtime/sized.h"
#include "test/harness/harness.h"

typedef struct first {
  size_t struct_bytes;
  int a;
} first;

typedef struct second {
  size_t struct_bytes;
  int a, unused, b;
} second;

TEST(sized, an_older_struct_keeps_the_defaults_of_newer_fields) {
  const first given = {sizeof given, 1};
  second out = {.a = 7, .b = 8};
  EXPECT(mth_sized_read(&given, &out, sizeof out) == MTH_OK);
  EXPECT_INT(out.a, 1);
  EXPECT_INT(out.b, 8);
}

TEST(sized, nothing_given_means_all_defaults) {
  second out = {.a = 7};
  EXPECT(mth_sized_read(NULL, &out, sizeof out) == MTH_OK);
  EXPECT_INT(out.a, 7);
}

TEST(sized, unknown_fields_and_missing_sizes_are_refused) {
  const second given = {sizeof given, 1, 2, 3}, unset = {0, 1, 2, 3};
  first out = {.a = 7};
  second all = {.a = 7};
  EXPECT(mth_sized_read(&given, &out, sizeof out) == MTH_INVALID);
  EXPECT(mth_sized_read(&unset, &all, sizeof all) == MTH_INVALID);
  EXPECT_INT(out.a, 7);
  EXPECT_INT(all.a, 7);
}
