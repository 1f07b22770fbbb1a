// train_model.c: a model and what it is trained for, as tables and as a document that reads back.
// Prints what holds; nothing here is run.
#include "frontend/mithril.h"

#include <stdio.h>
#include <string.h>

#define WIRES(...) (mth_wire[]){__VA_ARGS__}, sizeof((mth_wire[]){__VA_ARGS__}) / sizeof(mth_wire)

static mth_model *make(mth_context *context, const char *name) {
  mth_model *model = NULL;
  return mth_model_create_class(context, name, NULL, 0, &model) == MTH_OK ? model : NULL;
}

// The mean of the squared error, the size of the weight, and how far off a guess is.
static mth_status add_terms(mth_context *context, mth_train_model *train) {
  mth_model *const largest[] = {make(context, "Max")};
  const mth_metric_options worst = {
      .struct_bytes = sizeof worst, .steps = largest, .step_count = 1, .key_name = "worst"};
  const mth_wire input = MTH_WIRE("input", "output"), target = MTH_WIRE("target", "target");
  MTH_TRY(
      mth_train_model_add_loss(train, make(context, "SquaredError"), WIRES(input, target), NULL));
  MTH_TRY(mth_train_model_add_regularization(train, make(context, "L2"), MTH_COEF(0.1),
                                             WIRES(MTH_WIRE("input", "weight")), NULL));
  return mth_train_model_add_metric(train, make(context, "AbsoluteError"), WIRES(input, target),
                                    &worst);
}

static mth_status show(mth_context *context, mth_train_model *train, mth_text *text) {
  mth_train_model *again = NULL;
  mth_model *model = NULL, *other = NULL;
  bool is_equal = false;
  MTH_TRY(mth_train_model_finalize(train, &model));
  mth_train_model_summary(train, NULL, text);
  mth_text document = MTH_TEXT_INIT(mth_context_allocator(context));
  mth_status status = mth_write_json_train(train, &document);
  if (status == MTH_OK)
    status = mth_read_json_train(context, mth_text_get(&document), strlen(mth_text_get(&document)),
                                 &again);
  if (status == MTH_OK) status = mth_train_model_finalize(again, &other);
  if (status == MTH_OK) status = mth_model_equal(model, other, &is_equal, text);
  if (status == MTH_OK)
    mth_text_add(text, "read from its JSON: %s\n", is_equal ? "equal" : "another");
  mth_train_model_destroy(again);
  mth_text_deinit(&document);
  return status;
}

static mth_status run(mth_context *context, mth_text *text) {
  mth_model *linear = NULL;
  mth_train_model *train = NULL;
  MTH_TRY(mth_linear(context, 1, true, &linear));
  MTH_TRY(mth_train_model_create(context, linear, &train));
  mth_status status = add_terms(context, train);
  if (status == MTH_OK) status = show(context, train, text);
  mth_train_model_destroy(train);
  return status;
}

int main(void) {
  mth_context *context = NULL;
  if (mth_context_create(NULL, &context) != MTH_OK) return 1;
  mth_text text = MTH_TEXT_INIT(mth_context_allocator(context));
  const mth_status status = run(context, &text);
  printf("%s", mth_text_get(&text));
  if (status != MTH_OK) fprintf(stderr, "%s\n", mth_context_diagnostic(context)->message);
  mth_text_deinit(&text);
  mth_context_destroy(context);
  return status == MTH_OK ? 0 : 1;
}
