// physical_model_test.c: making physical models, and asking them.
#include "ir/physical_model.h"

#include "test/ir/failing_heap.h"
#include "test/ir/physical_fixture.h"

TEST(physical_model, of_what_can_not_be_compiled) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *inner = new_model(context);
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  const mth_physical_model *p = NULL;
  const mth_physical_options wrong = {.struct_bytes = 0};
  EXPECT_ERROR(context, mth_physical_model_create(m, NULL, &arena, &p), "model 'Model'",
               "Models with no output keys can not be compiled.");
  add_op(inner, "Relu", "x", NULL, "y");
  ASSERT(mth_model_add(m, inner, "inner", NULL, 0) == MTH_OK);
  EXPECT_ERROR(context, mth_physical_model_create(inner, NULL, &arena, &p), "model 'inner'",
               "a child can not be compiled; copy it");
  char text[128];
  snprintf(text, sizeof text, "wants mth_physical_options of %zu bytes", sizeof wrong);
  EXPECT_ERROR(context, mth_physical_model_create(m, &wrong, &arena, &p), "model 'Model'", text);
  EXPECT_INT(mth_physical_model_create(NULL, NULL, &arena, &p), MTH_INVALID);
  EXPECT(p == NULL);
  mth_arena_reset(&arena);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model, outputs_are_the_exposed_ones_or_the_canonical_ones) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Relu", "x", NULL, "a");
  add_op(m, "Relu", "a", NULL, "b");
  add_op(m, "Tanh", "a", NULL, "c");
  EXPECT_SET(m, NULL, MTH_KEYS_OUTPUTS, "b c");
  expose(m, "a");
  expose(m, "c");
  EXPECT_SET(m, NULL, MTH_KEYS_OUTPUTS, "a c");
  mth_model *copy = NULL;
  ASSERT(mth_model_freeze(m) == MTH_OK);
  EXPECT_SET(m, NULL, MTH_KEYS_OUTPUTS, "a c");
  ASSERT(mth_model_copy(m, &copy) == MTH_OK);
  EXPECT_SET(copy, NULL, MTH_KEYS_OUTPUTS, "a c");
  mth_model_destroy(copy);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model, keys_by_connection) {
  mth_context *context = new_context();
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  const mth_physical_model *p = NULL;
  mth_model *m = new_model(context), *other = new_linear(context, 2);
  ASSERT(mth_model_append(m, new_linear(context, 4), NULL, NULL, 0) == MTH_OK);
  ASSERT(mth_physical_model_create(m, NULL, &arena, &p) == MTH_OK);
  const mth_model *linear = mth_model_child(m, 0), *transpose = mth_model_child(linear, 0);
  const mth_physical_key *weight = mth_physical_find(p, "weight");
  EXPECT(mth_physical_key_of(p, key(linear, "weight")) == weight);
  EXPECT(mth_physical_key_of(p, key(transpose, "input")) == weight);
  EXPECT(weight->connection == mth_model_connection(m, 0));
  const mth_physical_key *axes = mth_physical_key_of(p, key(transpose, "axes"));
  EXPECT_TEXT(axes->name, "axes");
  EXPECT_TEXT(axes->path, "Linear_Transpose_axes");
  EXPECT(!axes->is_tensor && axes->role == MTH_ROLE_CONSTANT && !axes->is_input);
  EXPECT(mth_physical_key_of(p, key(other, "weight")) == NULL);
  EXPECT(mth_physical_key_of(p, NULL) == NULL);
  EXPECT(mth_physical_key_at(p, mth_physical_key_count(p)) == NULL);
  const mth_physical_key *found = NULL;
  EXPECT_INT(mth_physical_get(p, MTH_REF("weight"), &found), MTH_OK);
  EXPECT(found == weight);
  mth_arena_reset(&arena);
  mth_model_destroy(m);
  mth_model_destroy(other);
  mth_context_destroy(context);
}

// An argument without a value is an input; what it takes is fixed like a tensor.
TEST(physical_model, arguments_are_keys_too) {
  mth_context *context = new_context();
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  const mth_physical_model *p = NULL;
  mth_model *m = new_op(context, "Reshape");
  const int64_t sizes[] = {2, 3};
  const mth_arg value = MTH_ARG_IS("shape", 2, sizes);
  const mth_key_constant shape = {MTH_REF("shape"), NULL, &value};
  EXPECT_KEYS(m, NULL, "input shape output");
  EXPECT_SET(m, NULL, MTH_KEYS_DATA, "input shape");
  ASSERT(mth_physical_model_create(m, OPTIONS(.constants = &shape, .constant_count = 1), &arena,
                                   &p) == MTH_OK);
  EXPECT_INT(mth_physical_find(p, "output")->extents[1], 3);
  EXPECT_INT(mth_physical_find(p, "shape")->role, MTH_ROLE_CONSTANT);
  mth_arena_reset(&arena);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model, without_memory) {
  failing_heap heap = {.refused = SIZE_MAX};
  const mth_allocator allocator = failing_allocator(&heap);
  const mth_context_options context_options = {.struct_bytes = sizeof context_options,
                                               .allocator = &allocator};
  mth_context *context = NULL;
  ASSERT(mth_context_create(&context_options, &context) == MTH_OK);
  mth_model *m = new_model(context);
  ASSERT(mth_model_append(m, new_linear(context, 4), NULL, NULL, 0) == MTH_OK);
  ASSERT(mth_model_append(m, new_op(context, "Mean"), NULL, NULL, 0) == MTH_OK);
  const mth_key_shape shape = {MTH_REF("input"), MTH_SHAPE(MTH_N(2), MTH_N(3))};
  const mth_physical_options *options =
      OPTIONS(.shapes = &shape, .shape_count = 1, KEY(data, "bias"), KEY(trainable, "input"));
  char *before = dump(m);
  mth_status status = MTH_NO_MEMORY;
  for (size_t refused = 0; status != MTH_OK && refused < 5000; refused++) {
    mth_arena arena = MTH_ARENA_INIT(&allocator);
    const mth_physical_model *p = NULL;
    heap.count = 0;
    heap.refused = refused;
    status = mth_physical_model_create(m, options, &arena, &p);
    EXPECT(status == MTH_OK || status == MTH_NO_MEMORY);
    heap.refused = SIZE_MAX;
    char *after = dump(m);
    EXPECT_TEXT(after, before);
    mth_release(mth_default_allocator(), after);
    mth_arena_reset(&arena);
  }
  EXPECT_INT(status, MTH_OK);
  mth_release(mth_default_allocator(), before);
  mth_model_destroy(m);
  mth_context_destroy(context);
  EXPECT_INT(heap.live, 0);
}
