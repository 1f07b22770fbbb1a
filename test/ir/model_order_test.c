// model_order_test.c: children and ops in the order in which they can be computed.
#include "ir/model_order.h"

#include "test/ir/model_fixture.h"

static void add_between(mth_model *m, const char *op, const char *name, const char *input,
                        const char *output) {
  const mth_wire wires[] = {MTH_WIRE("input", input), MTH_WIRE("output", output)};
  EXPECT_INT(mth_model_add(m, new_op(mth_model_context(m), op), name, wires, 2), MTH_OK);
}

static const char *children_of(const mth_model *model, char storage[256]) {
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_model **children = NULL;
  EXPECT_INT(mth_model_order_children(model, &arena, &children), MTH_OK);
  for (size_t i = 0; children && i < mth_model_child_count(model); i++)
    mth_text_add(&text, "%s%s", i ? " " : "", mth_model_name(children[i]));
  snprintf(storage, 256, "%s", mth_text_get(&text));
  mth_text_deinit(&text);
  mth_arena_reset(&arena);
  return storage;
}

TEST(model_order, stays_where_it_is_in_order) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[256];
  add_between(m, "Relu", "a", "x", "p");
  add_between(m, "Relu", "b", "y", "q");
  add_between(m, "Relu", "c", "p", "r");
  EXPECT_TEXT(children_of(m, text), "a b c");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(model_order, who_waits_follows_the_last_it_waited_for) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[256];
  add_between(m, "Relu", "d", "r", "s");
  add_between(m, "Relu", "e", "p", "t");
  add_between(m, "Relu", "c", "p", "r");
  add_between(m, "Relu", "a", "x", "p");
  add_between(m, "Relu", "b", "y", "q");
  EXPECT_TEXT(children_of(m, text), "a e c d b");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(model_order, ops_of_a_nest_wait_one_by_one) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_model **ops = NULL;
  size_t count = 0;
  const mth_wire late = MTH_WIRE("input", "x"), early = MTH_WIRE("output", "x");
  ASSERT(mth_model_add(m, new_linear(context, 2), NULL, &late, 1) == MTH_OK);
  ASSERT(mth_model_add(m, new_op(context, "Relu"), NULL, &early, 1) == MTH_OK);
  EXPECT_INT(mth_model_order_ops(m, &arena, &ops, &count), MTH_OK);
  for (size_t i = 0; i < count; i++)
    mth_text_add(&text, "%s%s", i ? " " : "", mth_model_op(ops[i])->name);
  EXPECT_TEXT(mth_text_get(&text), "transpose relu matmul add");
  mth_text_deinit(&text);
  mth_arena_reset(&arena);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
