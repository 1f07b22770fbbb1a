// expressions_test.c: a formula with an index and a size that is a value, run at sizes that are
// given and at ones that are not; what was begun and not used is not in the program.
#include "test/programs/program_fixture.h"

// x [B, T, D]: the last step plus the mean of relu(x) over time, times w.
static mth_status compose(mth_context *context, mth_model **out_model) {
  mth_connection *x = mth_free_input(context, "input", NULL);
  mth_connection *w = mth_input_beside(x, "w", &(mth_facts){.differentiable = true});
  mth_connection *last =
      mth_index(x, 3, (mth_index_item[]){MTH_ALL, MTH_AT(-1), MTH_SLICE(.step = -1)});
  mth_connection *mean =
      mth_divide(mth_sum(mth_relu(x), 1, (int64_t[]){1}, false), mth_size_along(x, 1));
  EXPECT(mth_reshape_to(mth_exp(x), 1, (int64_t[]){7}) != NULL); // would want 7 elements
  const mth_named_output output = {"output", mth_multiply(mth_add(last, mean), w)};
  return mth_model_from(context, "Formula", &output, 1, out_model);
}

static void check_values(const bound_entry *e, int64_t B, int64_t T, int64_t D) {
  const double *x = data_of(e, "input"), *w = data_of(e, "w"), *y = data_of(e, "output");
  for (int64_t b = 0; b < B; b++)
    for (int64_t d = 0; d < D; d++) {
      double sum = 0;
      for (int64_t t = 0; t < T; t++)
        sum += fmax(x[(b * T + t) * D + d], 0);
      const double last = x[(b * T + T - 1) * D + D - 1 - d];
      EXPECT_NEAR(y[b * D + d], (last + sum / (double)T) * w[d], 1e-13);
    }
}

TEST(expressions, run_at_static_and_at_symbolic_sizes) {
  mth_context *context = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  mth_model *m = NULL;
  ASSERT(check_ok(context, compose(context, &m)));
  const mth_entry_shape still[] = {{"input", MTH_SHAPE(MTH_N(3), MTH_N(5), MTH_N(4))},
                                   {"w", MTH_SHAPE(MTH_N(4))}};
  const mth_entry_shape open[] = {
      {"input", MTH_SHAPE(MTH_DECLARED("B"), MTH_DECLARED("B"), MTH_N(4))},
      {"w", MTH_SHAPE(MTH_N(4))}};
  const mth_entry_request entries[] = {
      {.name = "evaluate", .shapes = still, .shape_count = 2},
      {.name = "gradients", .kind = MTH_ENTRY_GRADIENTS, .shapes = still, .shape_count = 2},
      {.name = "open", .shapes = open, .shape_count = 2}};
  mth_program *program = compile_f64(context, m, 3, entries);
  bound_entry e;
  ASSERT(bind_all(&e, program, "evaluate", 0));
  fill_inputs(&e, 6);
  ASSERT(mth_call_run(e.call) == MTH_OK);
  check_values(&e, 3, 5, 4);
  unbind_all(&e);
  for (int64_t batch = 1; batch < 6; batch += 4) {
    ASSERT(bind_all(&e, program, "open", batch));
    fill_inputs(&e, 6);
    ASSERT(mth_call_run(e.call) == MTH_OK);
    check_values(&e, batch, batch, 4); // B steps of B rows
    unbind_all(&e);
  }
  check_gradients(program, "output", 4);
  mth_program_destroy(program);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
