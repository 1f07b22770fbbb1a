// build_test.c: what the makers ask of the compiler behind them.
#include "ir/build.h"
#include "test/harness/harness.h"

#include <string.h>

// A compiler that knows types as they are given, and remembers the last op.
typedef struct recorder {
  mth_builder base;
  int ops;
  char name[32];
  size_t arg_count, axis_count;
  int64_t axes[8];
  mth_status answer;
} recorder;

// A value of the recorder is the address of its type.
static mth_value value_of(const mth_type *type) { return (mth_value){type}; }

static mth_status record_op(mth_builder *builder, const char *name, size_t operand_count,
                            const mth_value *operands, size_t arg_count, const mth_arg *args,
                            size_t result_count, mth_value *out_results) {
  recorder *seen = (recorder *)builder;
  if (seen->answer != MTH_OK) return seen->answer;
  seen->ops++;
  strncpy(seen->name, name, sizeof seen->name - 1);
  seen->arg_count = arg_count;
  for (size_t i = 0; i < arg_count; ++i)
    if (args[i].kind == MTH_ARG_INTS) {
      seen->axis_count = args[i].count;
      memcpy(seen->axes, args[i].ints, args[i].count * sizeof *seen->axes);
    }
  for (size_t i = 0; i < result_count; ++i)
    out_results[i] = operands[operand_count - 1];
  return MTH_OK;
}

static mth_status record_constant(mth_builder *builder, mth_dtype dtype, double value,
                                  mth_value *out_result) {
  static const mth_type scalar = {MTH_F32, 0, NULL};
  (void)builder, (void)dtype, (void)value;
  *out_result = value_of(&scalar);
  return MTH_OK;
}

static const mth_type *type_of(mth_builder *builder, mth_value value) {
  (void)builder;
  return value.handle;
}

static recorder setup(void) {
  static const mth_builder_vtable vtable = {record_op, record_constant, type_of};
  recorder seen = {.base = {.vtable = &vtable}};
  EXPECT(mth_dim_table_create(mth_default_allocator(), &seen.base.dims) == MTH_OK);
  return seen;
}

TEST(Build, AfterAFailureNothingIsBuilt) {
  recorder seen = setup();
  const mth_type type = {MTH_F32, 0, NULL};
  seen.answer = MTH_INVALID;
  EXPECT(!mth_build_negate(&seen.base, value_of(&type)).handle);
  EXPECT_INT(seen.base.status, MTH_INVALID);
  seen.answer = MTH_OK;
  EXPECT(!mth_build_add(&seen.base, value_of(&type), value_of(&type)).handle);
  EXPECT(!mth_build_constant(&seen.base, MTH_F32, 1).handle);
  EXPECT_INT(seen.ops, 0);
  mth_dim_table_destroy(seen.base.dims);
}

TEST(Build, ASizeThatDoesNotFitIsReported) {
  recorder seen = setup();
  const mth_type type = {MTH_F32, 0, NULL};
  mth_diagnostic why = {0};
  const mth_sink sink = mth_sink_keep_first(&why);
  seen.base.at = (mth_location){&sink, "here"};
  const mth_dim *none = NULL;
  const mth_arg shape = MTH_ARG_DS("shape", 1, &none);
  const mth_value x = value_of(&type);
  EXPECT(!mth_build(&seen.base, "reshape", 1, &x, 1, &shape).handle);
  EXPECT_INT(seen.base.status, MTH_UNSUPPORTED);
  EXPECT_TEXT(why.message, "a size in 'reshape' leaves 63 bits");
  EXPECT_TEXT(why.where, "here");
  mth_dim_table_destroy(seen.base.dims);
}

TEST(Build, ANullOperandIsPassedOn) {
  recorder seen = setup();
  const mth_type type = {MTH_F32, 0, NULL};
  EXPECT(!mth_build_add(&seen.base, value_of(&type), (mth_value){NULL}).handle);
  EXPECT_INT(seen.ops, 0);
  EXPECT_INT(seen.base.status, MTH_OK);
  mth_dim_table_destroy(seen.base.dims);
}

TEST(Build, SumToFoldsWhatBroadcastingAddedAndStretched) {
  recorder seen = setup();
  const mth_dim *one = mth_dim_constant(seen.base.dims, 1),
                *two = mth_dim_constant(seen.base.dims, 2),
                *t = mth_dim_symbol(seen.base.dims, "T");
  const mth_dim *large[] = {t, two, t, two}, *small[] = {two, one, two};
  const mth_type x = {MTH_F32, 4, large}, like = {MTH_F32, 3, small};
  mth_build_sum_to(&seen.base, value_of(&x), value_of(&like));
  EXPECT_INT((long long)seen.axis_count, 2);
  EXPECT_INT(seen.axes[0], 0);
  EXPECT_INT(seen.axes[1], 2);
  mth_dim_table_destroy(seen.base.dims);
}

TEST(Build, WhatChangesNothingIsNotBuilt) {
  recorder seen = setup();
  const mth_dim *t = mth_dim_symbol(seen.base.dims, "T");
  const mth_type x = {MTH_F32, 1, &t}, y = {MTH_F32, 1, &t};
  EXPECT(mth_build_sum_to(&seen.base, value_of(&x), value_of(&y)).handle == &x);
  EXPECT(mth_build_reshape_like(&seen.base, value_of(&x), value_of(&y)).handle == &x);
  EXPECT(mth_build_broadcast_like(&seen.base, value_of(&x), value_of(&y)).handle == &x);
  EXPECT(mth_build_cast(&seen.base, value_of(&x), MTH_F32).handle == &x);
  EXPECT_INT(seen.ops, 0);
  mth_build_cast(&seen.base, value_of(&x), MTH_F64);
  EXPECT_TEXT(seen.name, "cast");
  mth_dim_table_destroy(seen.base.dims);
}
