// index_plan_test.c: what is read of each axis, and in which order the result has its dims.
#include "ir/index_plan.h"
#include "test/harness/harness.h"

#include <string.h>

typedef struct fixture {
  mth_dim_table *dims;
  const mth_dim *extents[3], *start[4], *stop[4];
  int64_t step[4];
  mth_index_plan plan;
} fixture;

static bool begin(fixture *f) {
  *f = (fixture){.step = {1, 1, 1, 1}};
  if (mth_dim_table_create(mth_default_allocator(), &f->dims) != MTH_OK) return false;
  for (size_t i = 0; i < 4; ++i)
    f->start[i] = f->stop[i] = mth_dim_constant(f->dims, 0);
  for (int64_t i = 0; i < 3; ++i)
    f->extents[i] = mth_dim_constant(f->dims, 5 + i);
  return true;
}

static mth_status plan(fixture *f, const char *letters) {
  const mth_index_items items = {letters, strlen(letters), f->start, f->stop, f->step};
  return mth_index_plan_make(f->dims, &items, 3, f->extents, &f->plan);
}

#define EXPECT_DIM(f, dim, wanted) EXPECT_TEXT(mth_dim_text((f)->dims, (dim)), wanted)

TEST(index_plan, bounds_count_from_the_end_and_are_clamped) {
  fixture f;
  ASSERT(begin(&f));
  f.start[0] = mth_dim_constant(f.dims, -2);
  f.stop[1] = mth_dim_constant(f.dims, 99);
  f.start[2] = mth_dim_constant(f.dims, 5), f.stop[2] = mth_dim_constant(f.dims, 2);
  f.step[2] = -2;
  ASSERT(plan(&f, "abr") == MTH_OK);
  EXPECT_DIM(&f, f.plan.axes[0].start, "3");
  EXPECT_DIM(&f, f.plan.axes[0].size, "2");
  EXPECT_DIM(&f, f.plan.axes[1].size, "6");
  EXPECT(f.plan.axes[2].is_reversed); // 5, 3: from 3 on, every second
  EXPECT_DIM(&f, f.plan.axes[2].start, "3");
  EXPECT_DIM(&f, f.plan.axes[2].size, "2");
  EXPECT_INT(f.plan.axes[2].step, 2);
  mth_dim_table_destroy(f.dims);
}

TEST(index_plan, lengths_of_symbols_are_seen_not_to_be_negative) {
  fixture f;
  ASSERT(begin(&f));
  f.extents[0] = mth_dim_symbol(f.dims, "T");
  f.start[0] = mth_dim_constant(f.dims, 2);
  ASSERT(plan(&f, "a") == MTH_OK);
  EXPECT_DIM(&f, f.plan.axes[0].start, "min(T, 2)");
  EXPECT_DIM(&f, f.plan.axes[0].size, "max(T - 2, 0)");
  f.step[0] = -1;
  ASSERT(plan(&f, "a") == MTH_OK);
  EXPECT_DIM(&f, f.plan.axes[0].size, "min(T, 3)");
  ASSERT(plan(&f, "i") == MTH_OK); // clamped: nothing is known of T
  EXPECT_DIM(&f, f.plan.axes[0].start, "max(min(T - 1, 2), 0)");
  mth_dim_table_destroy(f.dims);
}

TEST(index_plan, index_tensors_stand_in_front_when_they_are_apart) {
  fixture f;
  ASSERT(begin(&f));
  ASSERT(plan(&f, "snit") == MTH_OK);
  const int32_t together[] = {0, MTH_PART_NEW, MTH_PART_TENSORS};
  EXPECT_INT((int)f.plan.part_count, 3);
  EXPECT(memcmp(f.plan.parts, together, sizeof together) == 0);
  ASSERT(plan(&f, "tet") == MTH_OK);
  const int32_t apart[] = {MTH_PART_TENSORS, 1};
  EXPECT_INT((int)f.plan.part_count, 2);
  EXPECT(memcmp(f.plan.parts, apart, sizeof apart) == 0);
  EXPECT_INT(f.plan.axes[0].tensor, 0);
  EXPECT_INT(f.plan.axes[2].tensor, 1);
  mth_dim_table_destroy(f.dims);
}

TEST(index_plan, says_what_is_wrong) {
  fixture f;
  ASSERT(begin(&f));
  EXPECT_INT(plan(&f, "ssss"), MTH_INVALID);
  EXPECT_TEXT(f.plan.problem, "4 axes are indexed, the rank is 3");
  EXPECT_INT(plan(&f, "ese"), MTH_INVALID);
  EXPECT_TEXT(f.plan.problem, "'...' stands twice, at item 2");
  f.start[1] = mth_dim_constant(f.dims, 6);
  EXPECT_INT(plan(&f, "si"), MTH_INVALID);
  EXPECT_TEXT(f.plan.problem, "index 6 is outside axis 1 of extent 6");
  f.step[0] = 0;
  EXPECT_INT(plan(&f, "s"), MTH_INVALID);
  EXPECT_TEXT(f.plan.problem, "item 0 is a slice with step 0");
  f.step[0] = INT64_MIN;
  EXPECT_INT(plan(&f, "s"), MTH_INVALID);
  EXPECT_TEXT(f.plan.problem, "item 0 is a slice whose step does not fit");
  f.step[0] = INT64_MAX;
  EXPECT_INT(plan(&f, "s"), MTH_NO_MEMORY); // a dim that does not fit
  f.step[0] = 1;
  const mth_index_items many = {"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn", 33, NULL, NULL, NULL};
  EXPECT_INT(mth_index_plan_make(f.dims, &many, 0, NULL, &f.plan), MTH_INVALID);
  EXPECT_TEXT(f.plan.problem, "wanted rank and items up to 32, found rank 0 and 33 items");
  mth_dim_table_destroy(f.dims);
}
