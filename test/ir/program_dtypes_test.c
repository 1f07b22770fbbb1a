// program_dtypes_test.c: the element types in which a program computes ops.
#include "ir/program_dtypes.h"

#include "test/harness/failing_allocator.h"
#include "test/harness/harness.h"

#include <string.h>

enum { most = 3 };

typedef struct site {
  const char *op;
  mth_dtype operands[most], result, wanted_operands[most], wanted_result;
  const mth_arg *args[most];
} site;

static const mth_arg none = {.kind = MTH_ARG_NONE}, yes = {.kind = MTH_ARG_BOOL, .b = true};
static const mth_arg to_f64 = {.kind = MTH_ARG_DTYPE, .dtype = MTH_F64};

static void check(const site *s) {
  mth_registry *registry = NULL;
  mth_dim_table *dims = NULL;
  mth_dtype operands[most], result;
  size_t count = 0;
  while (count < most && s->operands[count])
    count++;
  ASSERT(mth_registry_create(mth_default_allocator(), &registry) == MTH_OK);
  ASSERT(mth_dim_table_create(mth_default_allocator(), &dims) == MTH_OK);
  const mth_dtype_site asked = {mth_registry_find(registry, s->op), count, s->operands, &s->result,
                                s->args};
  EXPECT_INT(mth_program_dtypes(registry, dims, &asked, operands, &result), MTH_OK);
  for (size_t i = 0; i < count; i++)
    EXPECT_INT(operands[i], s->wanted_operands[i]);
  EXPECT_INT(result, s->wanted_result);
  mth_dim_table_destroy(dims);
  mth_registry_destroy(registry);
}

#define CHECK(...) check(&(site){__VA_ARGS__})

TEST(program_dtypes, operands_follow_the_result) {
  CHECK("add", {MTH_BOOL, MTH_F32}, MTH_F32, {MTH_F32, MTH_F32}, MTH_F32, {NULL});
  CHECK("divide", {MTH_I64, MTH_I64}, MTH_F64, {MTH_F64, MTH_F64}, MTH_F64, {NULL});
  CHECK("softmax", {MTH_I32}, MTH_F32, {MTH_F32}, MTH_F32, {NULL});
  CHECK("sum", {MTH_BOOL}, MTH_I64, {MTH_I64}, MTH_I64, {&none, NULL});
  CHECK("where", {MTH_BOOL, MTH_I64, MTH_F32}, MTH_F32, {MTH_BOOL, MTH_F32, MTH_F32}, MTH_F32,
        {NULL});
}

TEST(program_dtypes, operands_that_agree_with_no_result_have_the_widest_among_them) {
  CHECK("less", {MTH_I32, MTH_F32}, MTH_BOOL, {MTH_F32, MTH_F32}, MTH_BOOL, {NULL});
  CHECK("less", {MTH_I64, MTH_BOOL}, MTH_BOOL, {MTH_I64, MTH_I64}, MTH_BOOL, {NULL});
}

TEST(program_dtypes, what_a_rule_says_nothing_of_stays) {
  CHECK("cross_entropy", {MTH_I64, MTH_I64}, MTH_F32, {MTH_F32, MTH_I64}, MTH_F32, {NULL});
  CHECK("along_axis", {MTH_I64, MTH_F32}, MTH_I64, {MTH_I64, MTH_F32}, MTH_I64, {NULL});
  CHECK("gather", {MTH_BOOL, MTH_I32}, MTH_BOOL, {MTH_BOOL, MTH_I32}, MTH_BOOL, {NULL});
}

TEST(program_dtypes, what_a_rule_fixes_holds_of_operands_and_results) {
  CHECK("arg_max", {MTH_F32}, MTH_I32, {MTH_F32}, MTH_I64, {NULL});
  CHECK("cast", {MTH_I64}, MTH_F32, {MTH_I64}, MTH_F64, {&to_f64});
  CHECK("random_normal", {MTH_I32}, MTH_F32, {MTH_I64}, MTH_F32, {NULL});
}

TEST(program_dtypes, arguments_count) {
  CHECK("power", {MTH_I64, MTH_I64}, MTH_F32, {MTH_F32, MTH_F32}, MTH_F32, {&yes, &none});
  CHECK("power", {MTH_BOOL, MTH_BOOL}, MTH_I64, {MTH_I64, MTH_I64}, MTH_I64, {&none, &none});
}

// The program's own check says so.
TEST(program_dtypes, a_contradiction_leaves_all_as_it_is) {
  CHECK("matmul", {MTH_BOOL, MTH_BOOL}, MTH_BOOL, {MTH_BOOL, MTH_BOOL}, MTH_BOOL, {NULL});
  CHECK("logical_and", {MTH_F32, MTH_BOOL}, MTH_BOOL, {MTH_BOOL, MTH_BOOL}, MTH_BOOL, {NULL});
}

TEST(program_dtypes, every_failing_allocation_is_a_status) {
  mth_registry *registry = NULL;
  const mth_dtype operands[] = {MTH_I64, MTH_F32};
  const mth_dtype wanted = MTH_BOOL;
  const mth_arg *const no_args[1] = {NULL};
  mth_status status = MTH_NO_MEMORY;
  for (long fail_at = 0; status == MTH_NO_MEMORY; fail_at++) {
    failing_allocator counting = {.fail_at = -1};
    const mth_allocator hook = failing_allocator_hook(&counting);
    mth_dim_table *dims = NULL;
    mth_dtype out[2], result;
    ASSERT(mth_registry_create(&hook, &registry) == MTH_OK);
    ASSERT(mth_dim_table_create(mth_default_allocator(), &dims) == MTH_OK);
    const long live = counting.live;
    counting.fail_at = counting.count + fail_at;
    const mth_dtype_site site = {mth_registry_find(registry, "less"), 2, operands, &wanted,
                                 no_args};
    status = mth_program_dtypes(registry, dims, &site, out, &result);
    EXPECT_INT(counting.live, live);
    if (status != MTH_OK) EXPECT_INT(status, MTH_NO_MEMORY);
    mth_dim_table_destroy(dims);
    mth_registry_destroy(registry);
  }
  EXPECT_INT(status, MTH_OK);
}
