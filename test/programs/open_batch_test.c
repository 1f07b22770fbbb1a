// open_batch_test.c: a batch size that is not given is a symbol: one compile, every size.
#include "test/programs/program_fixture.h"

TEST(open_batch, one_compile_runs_every_batch) {
  mth_context *context = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  mth_model *m = NULL;
  const char *const activations[] = {"Relu", NULL};
  const int64_t sizes[] = {16, 10};
  ASSERT(mth_mlp(context, 2, activations, sizes, &m) == MTH_OK);
  const mth_entry_shape shape = {"input", MTH_SHAPE(MTH_ANY, MTH_N(784))}; // [None, 784]
  const mth_entry_request entry = {.name = "evaluate", .shapes = &shape, .shape_count = 1};
  mth_program *program = compile_f64(context, m, 1, &entry);
  const int64_t batches[] = {1, 7, 64};
  for (size_t i = 0; i < 3; i++) {
    bound_entry e;
    ASSERT(bind_all(&e, program, "evaluate", batches[i]));
    EXPECT(e.desc->run != NULL); // not made at a first run
    fill_inputs(&e, 5);
    ASSERT(mth_call_run(e.call) == MTH_OK);
    const double *x = data_of(&e, "input"), *w0 = data_of(&e, "weight0"),
                 *b0 = data_of(&e, "bias0");
    const double *w1 = data_of(&e, "weight1"), *b1 = data_of(&e, "bias1");
    for (int64_t row = 0; row < batches[i]; row++)
      for (int o = 0; o < 10; o++) {
        double sum = b1[o];
        for (int h = 0; h < 16; h++) {
          double hidden = b0[h];
          for (int k = 0; k < 784; k++)
            hidden += x[row * 784 + k] * w0[h * 784 + k];
          sum += (hidden > 0 ? hidden : 0) * w1[o * 16 + h];
        }
        EXPECT_NEAR(data_of(&e, "output")[row * 10 + o], sum, 1e-9);
      }
    unbind_all(&e);
  }
  mth_program_destroy(program);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
