// infer_results_test.c: what is refused before any rule runs, what a rule leaves open, and failing
// allocations. Each op's results are tested in test/ir/ops.
#include "ir/rule.h"
#include "test/ir/failing_heap.h"
#include "test/ir/result_fixture.h"

// Says nothing of its result but what the argument asks for.
static mth_status infer_loose(mth_rule *rule) {
  const mth_arg *rank = mth_rule_arg(rule, "rank"), *dtype = mth_rule_arg(rule, "dtype");
  if (dtype->kind == MTH_ARG_DTYPE) MTH_TRY(mth_rule_state_dtype(rule, 1, dtype->dtype));
  return rank->kind == MTH_ARG_INT ? mth_rule_state_rank(rule, 1, (int32_t)rank->i) : MTH_OK;
}

static const mth_op_key loose_inputs[] = {
    {.name = "input", .kind = MTH_KEY_TENSOR},
    {.name = "rank", .kind = MTH_KEY_ARG, .arg_kind = MTH_ARG_INT},
    {.name = "dtype", .kind = MTH_KEY_ARG, .arg_kind = MTH_ARG_DTYPE}};
static const mth_op_key loose_outputs[] = {{.name = "output", .kind = MTH_KEY_TENSOR}};
static const mth_op loose = {.struct_bytes = sizeof(mth_op),
                             .abi = MTH_OP_ABI,
                             .name = "loose",
                             .inputs = loose_inputs,
                             .input_count = 3,
                             .outputs = loose_outputs,
                             .output_count = 1,
                             .infer = infer_loose};

TEST(infer_results, an_open_dim_is_a_fresh_symbol) {
  result_fixture f;
  open_results(&f);
  EXPECT(mth_registry_add(f.registry, &loose, (mth_location){0}) == MTH_OK);
  EXPECT_INFERS_WITH("loose", "f32[?0]", "f32[?1, ?2]", MTH_ARG_I("rank", 2),
                     MTH_ARG_T("dtype", MTH_F32));
  close_results(&f);
}

// Wants a type of its operand, which has one in a program.
static mth_status infer_picky(mth_rule *rule) {
  MTH_TRY(mth_rule_same_shape(rule, 0, 1));
  MTH_TRY(mth_rule_state_dtype(rule, 0, MTH_I64));
  return mth_rule_same_type(rule, 0, 1);
}

TEST(infer_results, an_operand_has_its_own_type) {
  result_fixture f;
  mth_op picky = loose;
  picky.name = "picky", picky.input_count = 1, picky.infer = infer_picky;
  open_results(&f);
  EXPECT(mth_registry_add(f.registry, &picky, (mth_location){0}) == MTH_OK);
  EXPECT_INFERS("picky", "i64[2]", "i64[2]");
  EXPECT_INFERS("picky", "i32[2]", "picky: 'input' holds i32, wanted i64");
  close_results(&f);
}

TEST(infer_results, refuses_what_does_not_follow) {
  result_fixture f;
  open_results(&f);
  EXPECT(mth_registry_add(f.registry, &loose, (mth_location){0}) == MTH_OK);
  EXPECT_INFERS_WITH("loose", "f32[2]",
                     "loose: the rank of 'output' does not follow from the operands",
                     MTH_ARG_T("dtype", MTH_F32));
  EXPECT_INFERS_WITH("loose", "f32[2]",
                     "loose: the element type of 'output' does not follow from the operands",
                     MTH_ARG_I("rank", 2));
  EXPECT_INFERS_WITH("loose", "f32[2]", "loose: argument 'rank' is of another kind than it takes",
                     MTH_ARG_B("rank", true));
  EXPECT_INFERS("loose", "f32[2] f32[2]", "loose: wanted 1 operands, found 2");
  const mth_op *relu = mth_registry_find(f.registry, "relu");
  const mth_type unknown = {MTH_F32, -1, NULL};
  const mth_arg arg = MTH_ARG_I("axis", 0);
  mth_type result;
  const mth_sink sink = mth_sink_keep_first(&f.seen);
  const mth_location at = {&sink, "here"};
  f.seen.status = MTH_OK;
  EXPECT(mth_infer_results(f.registry, relu, f.dims, 1, &unknown, 0, NULL, at, &result) ==
         MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "relu: the type of 'input' is not inferred yet");
  EXPECT_TEXT(f.seen.where, "here");
  f.seen.status = MTH_OK;
  EXPECT(mth_infer_results(f.registry, relu, f.dims, 1, &unknown, 1, &arg, at, &result) ==
         MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "relu: wanted 0 arguments, found 1");
  EXPECT_TEXT(f.seen.where, "here");
  close_results(&f);
}

TEST(infer_results, every_allocation_may_fail) {
  bool done = false;
  size_t refused = 0;
  for (; !done && refused < 1000; ++refused) {
    failing_heap heap = {0, SIZE_MAX, 0};
    const mth_allocator allocator = failing_allocator(&heap);
    result_fixture f = {0};
    ASSERT(mth_registry_create(&allocator, &f.registry) == MTH_OK);
    ASSERT(mth_dim_table_create(&allocator, &f.dims) == MTH_OK);
    const mth_dim *dims[key_max][rank_max];
    mth_type types[key_max], result = {MTH_DTYPE_NONE, -7, NULL};
    const size_t count = read_types(&f, "f32[B,1,4] f32[T,4]", types, dims);
    const mth_sink sink = mth_sink_keep_first(&f.seen);
    heap.count = 0, heap.refused = refused;
    const mth_status status =
        mth_infer_results(f.registry, mth_registry_find(f.registry, "add"), f.dims, count, types, 0,
                          NULL, (mth_location){&sink, NULL}, &result);
    done = heap.count <= refused;
    EXPECT_INT(status, done ? MTH_OK : MTH_NO_MEMORY);
    EXPECT_INT(result.rank, done ? 3 : -7); // written only on success
    mth_dim_table_destroy(f.dims);
    mth_registry_destroy(f.registry);
    EXPECT_INT(heap.live, 0);
  }
  EXPECT(done && refused > 8);
}
