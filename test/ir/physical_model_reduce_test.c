// physical_model_reduce_test.c: what is known at compile time, what repeats, what is
// differentiable.
#include "test/ir/physical_fixture.h"

TEST(physical_model_reduce, a_constant_goes_as_far_as_it_is_alone) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Relu", "x", NULL, "a");
  add_op(m, "Relu", "a", NULL, "b");
  add_op(m, "Tanh", "b", NULL, "c");
  add_op(m, "Relu", "b", NULL, "d");
  add_op(m, "Add", "c", "d", "known");
  expose(m, "known");
  add_op(m, "Relu", "y", NULL, "open");
  expose(m, "open");
  EXPECT_SET(m, NULL, MTH_KEYS_STATIC, "x y");
  EXPECT_SET(m, OPTIONS(FIXED("x")), MTH_KEYS_STATIC, "known y");
  EXPECT_SET(m, OPTIONS(FIXED("x")), MTH_KEYS_CONSTANTS, "known");
  EXPECT_SET(m, OPTIONS(FIXED("x")), MTH_KEYS_DATA, "y");
  EXPECT_SET(m, OPTIONS(FIXED("x")), MTH_KEYS_UNUSED, "a b c d x");
  EXPECT_SET(m, OPTIONS(FIXED("x")), MTH_KEYS_OUTPUTS, "known open");
  EXPECT_SET(m, OPTIONS(FIXED("x")), MTH_KEYS_INPUTS, "y");
  EXPECT_SET(m, OPTIONS(FIXED2("x", "y")), MTH_KEYS_STATIC, "known open");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_reduce, a_constant_that_operators_still_read_stays) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Add", "a", "b", "ab");
  add_op(m, "Add", "b", "c", "bc");
  EXPECT_SET(m, OPTIONS(FIXED2("a", "b")), MTH_KEYS_STATIC, "ab b c");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_reduce, a_constant_that_only_hanging_operators_read_goes) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Add", "a", "b", "ab");
  add_op(m, "Add", "ab", "ab", "hanging");
  add_op(m, "Multiply", "a", "a", "square");
  expose(m, "square");
  add_op(m, "Add", "b", "c", "bc");
  add_op(m, "Relu", "bc", NULL, "known");
  expose(m, "known");
  EXPECT_SET(m, OPTIONS(FIXED2("b", "c")), MTH_KEYS_STATIC, "a known");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_reduce, equal_operators_are_one_and_names_lead_to_it) {
  mth_context *context = new_context();
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  const mth_physical_model *p = NULL;
  mth_model *m = new_model(context);
  add_op(m, "Relu", "x", NULL, "a");
  add_op(m, "Relu", "x", NULL, "b");
  add_op(m, "Tanh", "a", NULL, "c");
  add_op(m, "Tanh", "b", NULL, "d");
  ASSERT(mth_physical_model_create(m, NULL, &arena, &p) == MTH_OK);
  EXPECT_INT(mth_physical_op_count(p), 2);
  const mth_physical_key *b = mth_physical_find(p, "b"), *d = mth_physical_find(p, "d");
  EXPECT(b->same_as == mth_physical_find(p, "a"));
  EXPECT(d->same_as == mth_physical_find(p, "c"));
  EXPECT(d->is_output && !b->is_output);
  EXPECT_TEXT(mth_physical_op_at(p, 1)->sources[0]->name, "a");
  EXPECT_TEXT(mth_physical_op_at(p, 1)->results[0]->name, "c");
  EXPECT_TEXT(mth_physical_op_at(p, 1)->path, "Tanh_0");
  EXPECT(mth_physical_op_at(p, 2) == NULL);
  mth_arena_reset(&arena);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_reduce, a_buffer_is_another_name) {
  mth_context *context = new_context();
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  const mth_physical_model *p = NULL;
  mth_model *m = new_model(context);
  add_op(m, "Relu", "x", NULL, "a");
  add_op(m, "Buffer", "a", NULL, "b");
  add_op(m, "Buffer", "b", NULL, "c");
  add_op(m, "Tanh", "c", NULL, "d");
  add_op(m, "Buffer", "x", NULL, "e");
  expose(m, "c");
  expose(m, "d");
  expose(m, "e");
  ASSERT(mth_physical_model_create(m, NULL, &arena, &p) == MTH_OK);
  EXPECT_INT(mth_physical_op_count(p), 2);
  EXPECT(mth_physical_find(p, "c")->same_as == mth_physical_find(p, "a"));
  EXPECT(mth_physical_find(p, "e")->same_as == mth_physical_find(p, "x"));
  EXPECT_INT(mth_physical_find(p, "x")->role, MTH_ROLE_DATA);
  EXPECT_TEXT(mth_physical_op_at(p, 1)->sources[0]->name, "a");
  mth_arena_reset(&arena);
  EXPECT_SET(m, OPTIONS(KEYS(discard, "d", "e")), MTH_KEYS_DISCARDED, "d e");
  EXPECT_SET(m, OPTIONS(FIXED("x")), MTH_KEYS_STATIC, "a d x");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

static size_t op_count(const mth_model *m) {
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  const mth_physical_model *p = NULL;
  EXPECT_INT(mth_physical_model_create(m, NULL, &arena, &p), MTH_OK);
  const size_t count = p ? mth_physical_op_count(p) : 0;
  mth_arena_reset(&arena);
  return count;
}

// The reference left keys out of its comparison whose names contain "cache".
TEST(physical_model_reduce, other_sources_make_another_operator) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Relu", "k_cache", NULL, "k");
  add_op(m, "Relu", "v_cache", NULL, "v");
  add_op(m, "Subtract", "k", "v", "a");
  add_op(m, "Subtract", "v", "k", "b");
  EXPECT_INT(op_count(m), 4);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_reduce, equal_values_make_equal_operators) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  static const double numbers[] = {2, 2, 3};
  static const int64_t axes[] = {0, 0, 1};
  for (size_t i = 0; i < 3; i++) {
    const mth_wire scaled[] = {MTH_WIRE("left", "x"), MTH_WIRE_F("right", numbers[i])};
    const mth_wire folded[] = {MTH_WIRE("input", "x")};
    const mth_arg axis = MTH_ARG_IS("axis", 1, &axes[i]);
    mth_model *sum = NULL;
    ASSERT(mth_model_create_op(context, "Sum", &axis, 1, &sum) == MTH_OK);
    ASSERT(mth_model_add(m, new_op(context, "Multiply"), NULL, scaled, 2) == MTH_OK);
    ASSERT(mth_model_add(m, sum, NULL, folded, 1) == MTH_OK);
  }
  EXPECT_INT(op_count(m), 4);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

// Values that follow from shapes are known with them; what only gave its shape is not needed.
TEST(physical_model_reduce, shapes_lead_to_constants) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Shape", "x", NULL, "sizes");
  add_op(m, "Reshape", "y", "sizes", "z");
  expose(m, "z");
  const mth_key_shape shape = {MTH_REF("x"), MTH_SHAPE(MTH_N(2), MTH_N(3))};
  const mth_physical_options *known = OPTIONS(.shapes = &shape, .shape_count = 1);
  EXPECT_SET(m, NULL, MTH_KEYS_DATA, "x y");
  EXPECT_SET(m, known, MTH_KEYS_DATA, "y");
  EXPECT_SET(m, known, MTH_KEYS_STATIC, "sizes y");
  EXPECT_SET(m, known, MTH_KEYS_UNUSED, "x");
  EXPECT_SET(m, OPTIONS(KEY(data, "x"), .shapes = &shape, .shape_count = 1), MTH_KEYS_DATA,
             "the data key 'x' is not used by any output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_reduce, lists_of_values_are_read_in_order) {
  mth_context *context = new_context();
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  const mth_physical_model *p = NULL;
  mth_model *m = new_model(context), *tuple = NULL, *length = new_op(context, "Length");
  ASSERT(mth_model_create_op_of(context, "to_tuple", 2, NULL, 0, &tuple) == MTH_OK);
  const mth_wire of = MTH_WIRE("input", "x");
  ASSERT(mth_model_add(m, length, NULL, &of, 1) == MTH_OK);
  const mth_wire parts[] = {MTH_WIRE_I("input1", 7), MTH_WIRE_TO("input2", key(length, "output")),
                            MTH_WIRE("output", "sizes")};
  ASSERT(mth_model_add(m, tuple, NULL, parts, 3) == MTH_OK);
  add_op(m, "Reshape", "y", "sizes", "z");
  ASSERT(mth_physical_model_create(m, NULL, &arena, &p) == MTH_OK);
  EXPECT_INT(mth_physical_op_count(p), 3);
  const mth_physical_op *op = mth_physical_op_at(p, 1);
  EXPECT_INT(op->source_count, 2);
  EXPECT_TEXT(op->sources[0]->name, "input1");
  EXPECT(op->sources[1] == mth_physical_op_at(p, 0)->results[0]);
  mth_arena_reset(&arena);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

// ---- differentiability --------------------------------------------------------------------------

TEST(physical_model_reduce, what_a_parameter_reaches_is_differentiable) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  const mth_wire input = MTH_WIRE("input", "x");
  ASSERT(mth_model_append(m, new_linear(context, 4), NULL, &input, 1) == MTH_OK);
  const mth_wire hidden =
      MTH_WIRE_TO("input", mth_model_connection(m, mth_model_connection_count(m) - 1));
  ASSERT(mth_model_add(m, new_op(context, "Relu"), NULL,
                       (mth_wire[]){hidden, MTH_WIRE("output", "y")}, 2) == MTH_OK);
  add_op(m, "Greater", "y", "limit", "mask");
  add_op(m, "StopGradient", "y", NULL, "frozen");
  add_op(m, "Relu", "x", NULL, "plain");
  add_op(m, "Floor", "y", NULL, "steps");
  add_op(m, "ElementCount", "y", NULL, "count");
  const char *const outputs[] = {"y", "mask", "frozen", "plain", "steps", "count"};
  for (size_t i = 0; i < 6; i++)
    expose(m, outputs[i]);
  EXPECT_SET(m, NULL, MTH_KEYS_TRAINABLE, "bias weight");
  EXPECT_SET(m, NULL, MTH_KEYS_COTANGENTS, "frozen y");
  EXPECT_SET(m, OPTIONS(.inference = true), MTH_KEYS_COTANGENTS, "");
  EXPECT_SET(m, OPTIONS(KEYS(data, "weight", "bias")), MTH_KEYS_TRAINABLE, "");
  EXPECT_SET(m, OPTIONS(KEYS(data, "weight", "bias")), MTH_KEYS_COTANGENTS, "");
  EXPECT_SET(m, OPTIONS(KEYS(data, "weight", "bias")), MTH_KEYS_DATA, "bias limit weight x");
  EXPECT_SET(m, OPTIONS(KEY(trainable, "x")), MTH_KEYS_TRAINABLE, "bias weight x");
  EXPECT_SET(m, OPTIONS(KEY(trainable, "x")), MTH_KEYS_COTANGENTS, "frozen plain y");
  EXPECT_SET(m, OPTIONS(FIXED2("weight", "bias")), MTH_KEYS_TRAINABLE, "");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_reduce, the_cost_is_the_only_cotangent) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Relu", "x", NULL, "y");
  expose(m, "y");
  add_op(m, "Mean", "y", NULL, "final_cost");
  expose(m, "final_cost");
  EXPECT_SET(m, OPTIONS(KEY(trainable, "x")), MTH_KEYS_COTANGENTS, "final_cost");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_reduce, shapes_are_those_that_the_options_lead_to) {
  mth_context *context = new_context();
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  const mth_physical_model *p = NULL;
  mth_model *m = new_linear(context, 4);
  const mth_key_shape shape = {MTH_REF("input"), MTH_SHAPE(MTH_N(2), MTH_ANY, MTH_N(3))};
  ASSERT(mth_physical_model_create(m, OPTIONS(.shapes = &shape, .shape_count = 1), &arena, &p) ==
         MTH_OK);
  const mth_physical_key *weight = mth_physical_find(p, "weight");
  const mth_physical_key *output = mth_physical_find(p, "output");
  EXPECT_INT(weight->rank, 2);
  EXPECT_INT(weight->extents[0], 4);
  EXPECT_INT(weight->extents[1], 3);
  EXPECT_INT(output->rank, 3);
  EXPECT_INT(output->extents[1], -1);
  EXPECT_INT(output->extents[2], 4);
  EXPECT_INT(weight->families, MTH_FAMILY_FLOAT);
  ASSERT(mth_physical_model_create(m, NULL, &arena, &p) == MTH_OK);
  EXPECT_INT(mth_physical_find(p, "weight")->extents[1], -1);
  EXPECT_INT(mth_physical_find(p, "input")->rank, -1);
  EXPECT_INT(mth_physical_find(p, "axes")->rank, -1);
  mth_arena_reset(&arena);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
