// two_nets.c: composes two nets in a row and adds what both give; prints what is inferred. Needs no
// compiler: nothing here is run.
#include "frontend/mithril.h"

#include <stdio.h>

// Linear(32), an activation, Linear(16) with its output named "output".
static mth_status make_net(mth_context *context, const char *activation, mth_model **out_net) {
  mth_model *net = NULL, *child = NULL;
  const mth_wire output = MTH_WIRE("output", "output");
  MTH_TRY(mth_model_create(context, "Net", &net));
  MTH_TRY(mth_linear(context, 32, true, &child));
  MTH_TRY(mth_model_append(net, child, NULL, NULL, 0));
  MTH_TRY(mth_model_create_op(context, activation, NULL, 0, &child));
  MTH_TRY(mth_model_append(net, child, NULL, NULL, 0));
  MTH_TRY(mth_linear(context, 16, true, &child));
  MTH_TRY(mth_model_append(net, child, NULL, &output, 1));
  *out_net = net;
  return MTH_OK;
}

static mth_status compose(mth_context *context, mth_model **out_model) {
  mth_model *model = NULL, *child = NULL;
  const mth_wire first[] = {MTH_WIRE("output", "output1")};
  const mth_wire second[] = {MTH_WIRE("output", "output2")};
  const mth_wire sum[] = {MTH_WIRE("left", "output1"), MTH_WIRE("right", "output2"),
                          MTH_WIRE("output", "output")};
  MTH_TRY(mth_model_create(context, NULL, &model));
  MTH_TRY(make_net(context, "Relu", &child));
  MTH_TRY(mth_model_append(model, child, "net1", first, 1));
  MTH_TRY(make_net(context, "LeakyRelu", &child)); // continues from net1's output
  MTH_TRY(mth_model_append(model, child, "net2", second, 1));
  MTH_TRY(mth_model_create_op(context, "Add", NULL, 0, &child));
  MTH_TRY(mth_model_append(model, child, "sum", sum, 3));
  mth_connection *input = NULL;
  MTH_TRY(mth_model_canonical_input(model, &input));
  MTH_TRY(mth_connection_set_shape(input, MTH_SHAPE(MTH_DECLARED("B"), MTH_N(64))));
  *out_model = model;
  return mth_model_freeze(model);
}

int main(void) {
  mth_context *context = NULL;
  mth_model *model = NULL;
  if (mth_context_create(NULL, &context) != MTH_OK) return 1;
  mth_text text = MTH_TEXT_INIT(mth_context_allocator(context));
  const mth_status status = compose(context, &model);
  if (status == MTH_OK) {
    mth_model_tree(model, 2, &text);
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
