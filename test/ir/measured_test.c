// measured_test.c: which inputs tell the dims in arguments.
#include "ir/measured.h"

#include "ir/model_core.h"
#include "test/ir/physical_fixture.h"

// reshape(y, sizes) where sizes are dims of x, which nothing reads.
static mth_model *new_reshape(mth_context *context, mth_connection **out_x) {
  mth_model *m = new_model(context), *reshape = NULL;
  EXPECT_INT(mth_model_add_input(m, "other", NULL, out_x), MTH_OK);
  EXPECT_INT(mth_model_add_input(m, "x", NULL, out_x), MTH_OK);
  const mth_dim *d[2];
  mth_shape_dims(*out_x, 2, d);
  const mth_dim *sizes[] = {d[0], mth_dim_multiply(mth_context_dims(context), d[0], d[1])};
  EXPECT_INT(mth_model_create_op(context, "Reshape", &MTH_ARG_DS("shape", 2, sizes), 1, &reshape),
             MTH_OK);
  const mth_wire wires[] = {MTH_WIRE("input", "y"), MTH_WIRE("output", "z")};
  EXPECT_INT(mth_model_add(m, reshape, NULL, wires, 2), MTH_OK);
  return m;
}

TEST(measured, the_first_input_that_has_the_dim) {
  mth_context *context = new_context();
  mth_connection *x = NULL, *again = NULL;
  mth_model *m = new_reshape(context, &x);
  const mth_extent same[] = {MTH_OF(mth_shape_dim(x, 0)), MTH_OF(mth_shape_dim(x, 1))};
  const mth_shape shape = {.extents = same, .rank = 2};
  ASSERT(mth_model_add_input(m, "again", &(mth_facts){.shape = &shape}, &again) == MTH_OK);
  mth_connection *const inputs[] = {key(m, "other"), key(m, "y"), x, again};
  bool is_used[] = {false, true, false, false};
  mth_measuring measuring = {.input_count = 4, .inputs = inputs, .is_used = is_used};
  mth_measure(&measuring, mth_model_child(m, 0));
  EXPECT(!is_used[0] && is_used[1] && is_used[2] && !is_used[3]);
  bool told[] = {false, true, false, true}; // one that is used tells it already
  measuring = (mth_measuring){.input_count = 4, .inputs = inputs, .is_used = told};
  mth_measure(&measuring, mth_model_child(m, 0));
  EXPECT(!told[2]);
  ASSERT(mth_connection_set_shape(x, MTH_SHAPE(MTH_N(2), MTH_N(3))) == MTH_OK);
  bool numbers[] = {false, true, false, false}; // which no tensor must tell
  measuring = (mth_measuring){.input_count = 4, .inputs = inputs, .is_used = numbers};
  mth_measure(&measuring, mth_model_child(m, 0));
  EXPECT(!numbers[2]);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(measured, is_data_of_a_program) {
  mth_context *context = new_context();
  mth_connection *x = NULL;
  mth_model *m = new_reshape(context, &x);
  EXPECT_SET(m, NULL, MTH_KEYS_UNUSED, "other");
  EXPECT_SET(m, NULL, MTH_KEYS_INPUTS, "x y");
  EXPECT_SET(m, OPTIONS(KEY(data, "x")), MTH_KEYS_DATA, "x y");
  ASSERT(mth_connection_set_shape(x, MTH_SHAPE(MTH_N(2), MTH_N(3))) == MTH_OK);
  EXPECT_SET(m, NULL, MTH_KEYS_UNUSED, "other x");
  mth_model_destroy(m);
  mth_context_destroy(context);
}
