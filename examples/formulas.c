// formulas.c: a model written as a formula: expressions on connections, models applied to them, an
// index, sizes that are not known yet. Prints what is inferred; nothing here is run.
#include "frontend/mithril.h"

#include <stdio.h>

// A sequence in three parts side by side: its last step, its mean, and the mean of values that a
// score weighs.
//
//   input [B, T, D] -> output [B, 2 D + 16]
static mth_status make_pooling(mth_context *context, mth_model **out_model) {
  const mth_shape shape = MTH_SHAPE(MTH_ANY, MTH_ANY, MTH_ANY);
  mth_connection *x = mth_free_input(context, "input", &(mth_facts){.shape = &shape});
  mth_connection *steps = mth_size_along(x, 1); // T, a value that may become known later
  mth_model *score = NULL, *value = NULL;
  MTH_TRY(mth_linear(context, 1, true, &score));
  mth_connection *weights = mth_exp(mth_apply_to(score, x)); // [B, T, 1]
  weights = mth_divide(weights, mth_sum(weights, 1, (int64_t[]){1}, true));
  MTH_TRY(mth_linear(context, 16, true, &value));
  mth_connection *values = mth_multiply(weights, mth_tanh(mth_apply_to(value, x)));
  mth_connection *parts[] = {mth_index(x, 2, (mth_index_item[]){MTH_ALL, MTH_AT(-1)}), // [B, D]
                             mth_divide(mth_sum(x, 1, (int64_t[]){1}, false), steps),  // [B, D]
                             mth_sum(values, 1, (int64_t[]){1}, false)};               // [B, 16]
  const mth_arg axis = MTH_ARG_I("axis", 1);
  const mth_named_output output = {"output", mth_express(NULL, "concat", 3, parts, 1, &axis)};
  return mth_model_from(context, "Pooling", &output, 1, out_model);
}

static mth_status show(mth_context *context, mth_model **out_model, mth_text *text) {
  MTH_TRY(make_pooling(context, out_model));
  mth_connection *input = NULL, *output = NULL;
  MTH_TRY(mth_model_get(*out_model, "input", &input));
  MTH_TRY(mth_model_get(*out_model, "output", &output));
  mth_connection_shape_text(output, text);
  mth_text_add(text, "\n");
  MTH_TRY(mth_connection_set_shape(input, MTH_SHAPE(MTH_DECLARED("B"), MTH_ANY, MTH_N(8))));
  mth_connection_shape_text(output, text);
  mth_text_add(text, "\n");
  mth_model_tree(*out_model, 1, text);
  return MTH_OK;
}

int main(void) {
  mth_context *context = NULL;
  mth_model *model = NULL;
  if (mth_context_create(NULL, &context) != MTH_OK) return 1;
  mth_text text = MTH_TEXT_INIT(mth_context_allocator(context));
  const mth_status status = show(context, &model, &text);
  if (status == MTH_OK) {
    printf("%s", mth_text_get(&text));
  } else {
    const mth_diagnostic *d = mth_context_diagnostic(context);
    fprintf(stderr, "%s: %s\n", d->where, d->message);
  }
  mth_text_deinit(&text);
  mth_model_destroy(model);
  mth_context_destroy(context);
  return status == MTH_OK ? 0 : 1;
}
