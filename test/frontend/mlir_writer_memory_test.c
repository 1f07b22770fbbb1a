// mlir_writer_memory_test.c: each allocation of writing fails once; the writer says so and the
// model stays as it was.
#include "frontend/mlir_writer.h"
#include "ir/models/optimizers.h"
#include "ir/state_keys.h"
#include "test/ir/model_fixture.h"

#include <stdlib.h>

typedef struct failing {
  size_t count, fail_at; // allocations so far; the one that fails, counted from 1; 0: none
} failing;

static void *allocate(void *user, size_t bytes, size_t alignment) {
  failing *f = user;
  void *memory = NULL;
  if (++f->count == f->fail_at || posix_memalign(&memory, alignment, bytes) != 0) return NULL;
  return memory;
}

static void release(void *user, void *memory) {
  (void)user;
  free(memory);
}

static mth_status make(mth_context *context, mth_model **out_model, mth_model **out_optimizer) {
  mth_model *m = NULL, *child = NULL;
  const mth_sgd_options options = {.struct_bytes = sizeof options, .learning_rate = 0.1};
  MTH_TRY(mth_model_create(context, NULL, &m));
  MTH_TRY(mth_linear(context, 4, true, &child));
  MTH_TRY(mth_model_append(m, child, NULL, (mth_wire[]){MTH_WIRE("input", "x")}, 1));
  MTH_TRY(mth_model_create_op(context, "mean", NULL, 0, &child));
  MTH_TRY(mth_model_append(m, child, NULL, (mth_wire[]){MTH_WIRE("output", "loss")}, 1));
  MTH_TRY(mth_model_expose(m, mth_model_find(m, "loss"), NULL));
  MTH_TRY(mth_model_create_op(context, "add", NULL, 0, &child));
  const mth_wire sum[] = {MTH_WIRE("left", "total"), MTH_WIRE("right", "loss"),
                          MTH_WIRE("output", "new_total")};
  MTH_TRY(mth_model_add(m, child, NULL, sum, 3));
  mth_connection *total = mth_model_find(m, "total");
  MTH_TRY(mth_connection_set_shape(total, MTH_SCALAR_SHAPE));
  MTH_TRY(mth_model_bind_state(m, total, mth_model_find(m, "new_total"), NULL));
  MTH_TRY(mth_model_freeze(m));
  *out_model = m;
  return mth_sgd(context, &options, out_optimizer);
}

TEST(mlir_writer_memory, every_allocation_may_fail) {
  failing f = {0};
  const mth_allocator allocator = {allocate, release, &f};
  const mth_context_options options = {.struct_bytes = sizeof options, .allocator = &allocator};
  mth_context *context = NULL;
  mth_model *m = NULL, *sgd = NULL;
  ASSERT(mth_context_create(&options, &context) == MTH_OK);
  ASSERT(make(context, &m, &sgd) == MTH_OK);
  const mth_entry_shape shape = {"x", MTH_SHAPE(MTH_N(2), MTH_N(8))};
  const mth_entry_request entry = {.name = "step",
                                   .kind = MTH_ENTRY_STEP,
                                   .loss = "loss",
                                   .optimizer = sgd,
                                   .shapes = &shape,
                                   .shape_count = 1};
  static const int64_t extents[] = {4};
  static const double numbers[] = {1, 2, 3, 4};
  const mth_constant bias = {.dtype = MTH_F64, .rank = 1, .extents = extents, .data = numbers};
  const mth_key_constant constant = {MTH_REF("bias"), &bias, NULL};
  const mth_key_ref data = MTH_REF("x");
  const mth_physical_options physical = {.struct_bytes = sizeof physical,
                                         .constants = &constant,
                                         .constant_count = 1,
                                         .data_keys = &data,
                                         .data_count = 1};
  const mth_write_options write = {
      .struct_bytes = sizeof write, .entries = &entry, .entry_count = 1, .physical = &physical};
  char *before = dump(m);
  mth_status status = MTH_NO_MEMORY;
  size_t swept = 0;
  for (; status != MTH_OK && swept < 20000; swept++) {
    mth_text text = MTH_TEXT_INIT(&allocator);
    f = (failing){.fail_at = swept + 1};
    status = mth_write_module(m, &write, &text);
    f = (failing){0};
    if (status != MTH_OK) EXPECT_INT(status, MTH_NO_MEMORY);
    mth_text_deinit(&text);
  }
  char *after = dump(m);
  EXPECT_INT(status, MTH_OK);
  EXPECT(swept > 5);
  EXPECT_TEXT(after, before);
  mth_release(mth_default_allocator(), before);
  mth_release(mth_default_allocator(), after);
  mth_model_destroy(m);
  mth_model_destroy(sgd);
  mth_context_destroy(context);
}
