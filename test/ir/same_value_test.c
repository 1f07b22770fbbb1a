// same_value_test.c: values of each kind are the same as themselves and as nothing else.
#include "ir/same_value.h"

#include "test/harness/harness.h"

TEST(same_value, arguments_of_all_kinds_differ) {
  static const int64_t one_two[] = {1, 2}, one_three[] = {1, 3};
  mth_arg items[] = {MTH_ARG_I("a", 1), MTH_ARG_B("b", true)};
  mth_arg other_items[] = {MTH_ARG_I("a", 1), MTH_ARG_B("b", false)};
  const mth_arg slice[] = {MTH_ARG_I("", 1), {.kind = MTH_ARG_NONE}, MTH_ARG_I("", 2)};
  const mth_arg values[] = {
      {.kind = MTH_ARG_NONE},
      {.kind = MTH_ARG_ELLIPSIS},
      MTH_ARG_I("k", 1),
      MTH_ARG_I("k", 2),
      MTH_ARG_F("k", 1),
      MTH_ARG_F("k", -0.0),
      MTH_ARG_F("k", 0.0),
      MTH_ARG_B("k", true),
      MTH_ARG_B("k", false),
      MTH_ARG_S("k", "ab"),
      MTH_ARG_S("k", "a"),
      MTH_ARG_T("k", MTH_F32),
      MTH_ARG_T("k", MTH_F64),
      MTH_ARG_IS("k", 2, one_two),
      MTH_ARG_IS("k", 2, one_three),
      MTH_ARG_IS("k", 1, one_two),
      MTH_ARG_TUPLE_OF("k", 2, items),
      MTH_ARG_TUPLE_OF("k", 2, other_items),
      MTH_ARG_TUPLE_OF("k", 1, items),
      {.kind = MTH_ARG_SLICE, .items = slice},
  };
  const size_t count = sizeof values / sizeof *values;
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < count; j++) {
      mth_arg other = values[j];
      other.key = "other";
      EXPECT_INT(mth_args_are_same(&values[i], &other), i == j);
      EXPECT_INT(mth_hash_arg(1, &values[i]) == mth_hash_arg(1, &other), i == j);
    }
}

TEST(same_value, equal_texts_need_not_be_one) {
  char text[] = "ab";
  const mth_arg a = MTH_ARG_S("k", text), b = MTH_ARG_S("k", "ab");
  EXPECT(mth_args_are_same(&a, &b));
  EXPECT(mth_hash_arg(1, &a) == mth_hash_arg(1, &b));
}

TEST(same_value, constants_by_type_extents_and_bits) {
  static const double a[] = {1, 2}, b[] = {1, 3};
  static const int64_t two[] = {2}, one_two[] = {1, 2}, none[] = {0};
  const mth_constant values[] = {
      {MTH_F64, 1, two, a, MTH_NOT_NAMED},     {MTH_F64, 1, two, b, MTH_NOT_NAMED},
      {MTH_F64, 2, one_two, a, MTH_NOT_NAMED}, {MTH_I64, 1, two, a, MTH_NOT_NAMED},
      {MTH_F64, 1, none, a, MTH_NOT_NAMED},    {MTH_F64, 0, NULL, a, MTH_NOT_NAMED},
      {MTH_F64, 0, NULL, a, MTH_EPSILON},
  };
  const size_t count = sizeof values / sizeof *values;
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < count; j++) {
      EXPECT_INT(mth_constants_are_same(&values[i], &values[j]), i == j);
      EXPECT_INT(mth_hash_constant(1, &values[i]) == mth_hash_constant(1, &values[j]), i == j);
    }
}

TEST(same_value, a_symbol_is_not_known) {
  mth_dim_table *dims = NULL;
  ASSERT(mth_dim_table_create(mth_default_allocator(), &dims) == MTH_OK);
  const mth_dim *const both[] = {mth_dim_constant(dims, 3), mth_dim_fresh(dims)};
  const mth_arg number = MTH_ARG_D("k", both[0]), symbol = MTH_ARG_D("k", both[1]);
  const mth_arg tuple[] = {number, symbol};
  EXPECT(mth_arg_is_known(&number) && !mth_arg_is_known(&symbol));
  EXPECT(mth_arg_is_known(&MTH_ARG_DS("k", 1, both)) &&
         !mth_arg_is_known(&MTH_ARG_DS("k", 2, both)));
  EXPECT(mth_arg_is_known(&MTH_ARG_TUPLE_OF("k", 1, tuple)));
  EXPECT(!mth_arg_is_known(&MTH_ARG_TUPLE_OF("k", 2, tuple)));
  EXPECT(mth_arg_is_known(&MTH_ARG_F("k", 1)));
  mth_dim_table_destroy(dims);
}
