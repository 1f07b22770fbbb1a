// model_cycle_test.c: cycles are refused however they would come about, and looked for cheaply.
#include "test/ir/model_fixture.h"

static mth_status add(mth_model *m, const char *input, const char *output) {
  const mth_wire wires[] = {MTH_WIRE("input", input), MTH_WIRE("output", output)};
  mth_model *relu = new_op(mth_model_context(m), "Relu");
  const mth_status status = mth_model_add(m, relu, NULL, wires, 2);
  if (status != MTH_OK) mth_model_destroy(relu);
  return status;
}

TEST(model_cycle, of_one_child_and_of_several) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  EXPECT_REFUSED(context, m, add(m, "a", "a"), "model 'Model', key 'a'",
                 "a cycle: 'output' of Relu would depend on itself");
  ASSERT(add(m, "b", "c") == MTH_OK);
  ASSERT(add(m, "c", "d") == MTH_OK);
  EXPECT_REFUSED(context, m, add(m, "d", "b"), "model 'Model', key 'b'",
                 "a cycle: 'output' of Relu would depend on itself");
  ASSERT(add(m, "a", "b") == MTH_OK); // made behind what reads it
  EXPECT_REFUSED(context, m, add(m, "d", "a"), "model 'Model', key 'a'",
                 "a cycle: 'output' of Relu would depend on itself");
  ASSERT(add(m, "x", "a") == MTH_OK);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(model_cycle, by_merging) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  ASSERT(add(m, "a", "b") == MTH_OK);
  ASSERT(add(m, "b", "c") == MTH_OK);
  ASSERT(add(m, "p", "q") == MTH_OK);
  mth_connection *itself[] = {key(m, "a"), key(m, "b")}, *round[] = {key(m, "c"), key(m, "a")};
  EXPECT_REFUSED(context, m, mth_model_merge(m, itself, 2, "z"), "model 'Model', key 'a'",
                 "a cycle: 'output' of Relu would depend on itself");
  EXPECT_REFUSED(context, m, mth_model_merge(m, round, 2, "z"), "model 'Model', key 'a'",
                 "a cycle: 'output' of Relu would depend on itself");
  mth_connection *late[] = {key(m, "q"), key(m, "a")}, *back[] = {key(m, "c"), key(m, "p")};
  ASSERT(mth_model_merge(m, late, 2, "q") == MTH_OK);
  EXPECT_REFUSED(context, m, mth_model_merge(m, back, 2, "z"), "model 'Model', key 'p'",
                 "a cycle: 'output' of Relu would depend on itself");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(model_cycle, copies_know_who_is_made_late) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *copy = NULL;
  ASSERT(add(m, "b", "c") == MTH_OK);
  ASSERT(add(m, "a", "b") == MTH_OK);
  ASSERT(mth_model_copy(m, &copy) == MTH_OK);
  EXPECT_REFUSED(context, copy, add(copy, "c", "a"), "model 'Model', key 'a'",
                 "a cycle: 'output' of Relu would depend on itself");
  mth_model_destroy(copy);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
