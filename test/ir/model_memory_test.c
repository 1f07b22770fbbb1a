// model_memory_test.c: every allocation fails once; each call then says so, changes nothing, and
// leaves nothing behind. Cost: composing is linear in the number of layers.
#include "ir/graph.h"
#include "test/ir/model_fixture.h"

#include <stdlib.h>

typedef struct counting {
  size_t count, fail_at; // allocations so far; the one that fails, counted from 1
  size_t live;
} counting;

static void *allocate(void *user, size_t bytes, size_t alignment) {
  counting *c = user;
  void *memory = NULL;
  if (++c->count == c->fail_at || posix_memalign(&memory, alignment, bytes) != 0) return NULL;
  c->live++;
  return memory;
}

static void release(void *user, void *memory) {
  if (memory) ((counting *)user)->live--;
  free(memory);
}

// Adds an op; on failure it is destroyed.
static mth_status add_op(mth_model *m, const char *op, const mth_wire *wires, size_t wire_count) {
  mth_model *child = NULL;
  MTH_TRY(mth_model_create_op(mth_model_context(m), op, NULL, 0, &child));
  const mth_status status = mth_model_add(m, child, NULL, wires, wire_count);
  if (status != MTH_OK) mth_model_destroy(child);
  return status;
}

// Values, one of which becomes a tensor.
static mth_status compose_values(mth_model *m) {
  const mth_wire parts[] = {MTH_WIRE(NULL, "n"), MTH_WIRE_I(NULL, 2)};
  const mth_wire length[] = {MTH_WIRE("input", "x"), MTH_WIRE("output", "n")};
  const mth_wire tuple[] = {MTH_WIRE_PARTS("inputs", 2, parts), MTH_WIRE("output", "t")};
  const mth_wire sum[] = {MTH_WIRE("left", "t"), MTH_WIRE("right", "n")};
  MTH_TRY(add_op(m, "Length", length, 2));
  MTH_TRY(add_op(m, "ToTuple", tuple, 2));
  return add_op(m, "Add", sum, 2);
}

// A list that is wired to a list before its length is known.
static mth_status compose_lists(mth_model *m) {
  const mth_wire ends[] = {MTH_WIRE("input", "x"), MTH_WIRE("output", "parts")};
  mth_model *split = NULL;
  mth_connection *part = NULL;
  MTH_TRY(mth_model_create_class(mth_model_context(m), "Split", &MTH_ARG_I("split_size", 1), 1,
                                 &split));
  const mth_status status = mth_model_add(m, split, NULL, ends, 2);
  if (status != MTH_OK) mth_model_destroy(split);
  MTH_TRY(status);
  MTH_TRY(add_op(m, "Concat", &MTH_WIRE("inputs", "parts"), 1));
  return mth_connection_part(mth_model_find(m, "parts"), 1, &part);
}

// Composes, freezes and copies a small nest. Each refused call must leave its model as it was.
static mth_status compose(mth_context *context, mth_model *m) {
  mth_model *linear = NULL, *relu = NULL, *copy = NULL;
  MTH_TRY(mth_linear(context, 4, true, &linear));
  char *before = dump(m);
  const mth_wire wires[] = {MTH_WIRE("input", "x"), MTH_WIRE("weight", "w")};
  mth_status status = mth_model_append(m, linear, "first", wires, 2);
  if (status != MTH_OK) {
    char *after = dump(m);
    EXPECT_TEXT(after, before);
    mth_release(mth_default_allocator(), after);
    mth_model_destroy(linear);
  }
  mth_release(mth_default_allocator(), before);
  MTH_TRY(status);
  MTH_TRY(mth_model_create_op(context, "Relu", NULL, 0, &relu));
  status = mth_model_append(m, relu, NULL, NULL, 0);
  if (status != MTH_OK) mth_model_destroy(relu);
  MTH_TRY(status);
  MTH_TRY(compose_values(m));
  MTH_TRY(compose_lists(m));
  mth_connection *chain = NULL;
  MTH_TRY(mth_model_canonical_output(m, &chain));
  mth_connection *y = mth_multiply_number(mth_add(chain, chain), 2);
  if (!mth_exp(y)) return mth_model_take_failure(m); // stays unused
  MTH_TRY(mth_model_expose(m, y, "y"));
  MTH_TRY(mth_connection_set_shape(mth_model_find(m, "x"), MTH_SHAPE(MTH_N(2), MTH_N(3))));
  MTH_TRY(mth_model_freeze(m));
  MTH_TRY(mth_model_copy(m, &copy));
  mth_model_destroy(copy);
  return MTH_OK;
}

static mth_status run(counting *counting) {
  const mth_allocator allocator = {allocate, release, counting};
  const mth_context_options options = {.struct_bytes = sizeof options, .allocator = &allocator};
  mth_context *context = NULL;
  mth_model *m = NULL;
  MTH_TRY(mth_context_create(&options, &context));
  mth_status status = mth_model_create(context, NULL, &m);
  if (status == MTH_OK) status = compose(context, m);
  mth_model_destroy(m);
  mth_context_destroy(context);
  return status;
}

TEST(model_memory, every_allocation_may_fail) {
  mth_status status = MTH_NO_MEMORY;
  size_t n = 1;
  for (; status != MTH_OK && n < 20000; n++) {
    counting counting = {.fail_at = n};
    status = run(&counting);
    if (status != MTH_OK) EXPECT_INT(status, MTH_NO_MEMORY);
    if (!harness_check(counting.live == 0, false, __FILE__, __LINE__,
                       "%zu blocks left after allocation %zu failed", counting.live, n))
      return;
  }
  EXPECT_INT(status, MTH_OK);
  EXPECT(n > 50); // the sweep swept something
}

TEST(model_memory, a_refused_allocation_is_reported) {
  counting counting = {.fail_at = SIZE_MAX};
  const mth_allocator allocator = {allocate, release, &counting};
  const mth_context_options options = {.struct_bytes = sizeof options, .allocator = &allocator};
  mth_context *context = NULL;
  ASSERT(mth_context_create(&options, &context) == MTH_OK);
  mth_model *m = new_model(context), *relu = new_op(context, "Relu");
  counting.fail_at = counting.count + 1;
  EXPECT_INT(mth_model_add(m, relu, NULL, NULL, 0), MTH_NO_MEMORY);
  EXPECT_INT(mth_context_diagnostic(context)->status, MTH_NO_MEMORY);
  EXPECT_TEXT(mth_context_diagnostic(context)->message, "memory ran out");
  EXPECT_TEXT(mth_context_diagnostic(context)->where, "");
  mth_model_destroy(relu);
  mth_model_destroy(m);
  mth_context_destroy(context);
  EXPECT_INT((int)counting.live, 0);
}

static uint64_t steps_of(size_t layers) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  for (size_t i = 0; i < layers; i++) {
    EXPECT_INT(mth_model_append(m, new_linear(context, 8), NULL, NULL, 0), MTH_OK);
    EXPECT_INT(mth_model_append(m, new_op(context, "Relu"), NULL, NULL, 0), MTH_OK);
  }
  EXPECT_INT(mth_model_freeze(m), MTH_OK);
  const uint64_t steps = mth_solver_run_count(context->solver);
  mth_model_destroy(m);
  mth_context_destroy(context);
  return steps;
}

TEST(model_memory, composing_is_linear_in_layers) {
  const uint64_t few = steps_of(50), many = steps_of(500);
  EXPECT(few > 0);
  harness_check(many < 12 * few, false, __FILE__, __LINE__, "%llu steps for 50, %llu for 500",
                (unsigned long long)few, (unsigned long long)many);
}
