// logical_model.c: the rules of docs/logical-model.md at work: chains, descriptions, dims,
// refusals. Prints what holds; nothing here is run.
#include "frontend/mithril.h"

#include <stdio.h>

#define WIRES(...) (mth_wire[]){__VA_ARGS__}, sizeof((mth_wire[]){__VA_ARGS__}) / sizeof(mth_wire)

static mth_model *make(mth_context *context, const char *name, size_t count, const mth_arg *args) {
  mth_model *model = NULL;
  return mth_model_create_class(context, name, args, count, &model) == MTH_OK ? model : NULL;
}

// Linear, Relu, Linear, and a second head on the hidden layer.
static mth_status compose(mth_context *context, mth_model **out_model) {
  const mth_arg eight = MTH_ARG_I("dimension", 8), two = MTH_ARG_I("dimension", 2);
  mth_model *m = NULL;
  MTH_TRY(mth_model_create(context, "Net", &m));
  *out_model = m;
  MTH_TRY(mth_model_append(m, make(context, "Linear", 1, &eight), "first",
                           WIRES(MTH_WIRE("input", "x"), MTH_WIRE("weight", "w"))));
  MTH_TRY(mth_model_append(m, make(context, "Relu", 0, NULL), NULL,
                           WIRES(MTH_WIRE("output", "hidden"))));
  MTH_TRY(mth_model_append(m, make(context, "Linear", 1, &two), "head",
                           WIRES(MTH_WIRE_OUT("output", "logits"))));
  return mth_model_add(m, make(context, "Sigmoid", 0, NULL), NULL,
                       WIRES(MTH_WIRE("input", "hidden"), MTH_WIRE_OUT("output", "gate")));
}

// Everything that is known of a key is said where it is wired.
static mth_status describe(mth_context *context, mth_model *m) {
  const mth_shape shape = MTH_SHAPE(MTH_DECLARED("B"), MTH_N(3));
  const mth_initializer half = {MTH_INIT_CONSTANT, 0.5, 0, NULL};
  return mth_model_add(
      m, make(context, "Multiply", 0, NULL), "scale",
      WIRES(MTH_WIRE_AS("left", .name = "features", .shape = &shape),
            MTH_WIRE_AS("right", .name = "gain", .differentiable = true, .initializer = &half),
            MTH_WIRE_OUT("output", "scaled")));
}

// reshape(x, (B, C / 2, 2)): dims are integers that may become known later.
static mth_status pair_up(mth_context *context, mth_model **out_model) {
  mth_dim_table *dims = mth_context_dims(context);
  mth_connection *x = mth_free_input(context, "input", NULL);
  const mth_dim *shape[2], *two = mth_dim_constant(dims, 2);
  mth_shape_dims(x, 2, shape);
  const mth_dim *pairs[] = {shape[0], mth_dim_floordiv(dims, shape[1], two), two};
  const mth_named_output output = {"output", mth_reshape(x, 3, pairs)};
  return mth_model_from(context, "PairUp", &output, 1, out_model);
}

// A refused call says why and leaves the model as it was.
static mth_status refuse(mth_context *context, mth_model *m, mth_text *text) {
  const mth_arg two = MTH_ARG_I("dimension", 2);
  mth_model *late = make(context, "Linear", 1, &two);
  const mth_wire wires[] = {MTH_WIRE("input", "features"), MTH_WIRE("output", "x"),
                            MTH_WIRE_I("input_size", 4)};
  if (mth_model_add(m, late, NULL, wires, 3) == MTH_OK) return MTH_INTERNAL;
  const mth_diagnostic *why = mth_context_diagnostic(context);
  mth_text_add(text, "%s: %s\n", why->where, why->message);
  return mth_model_add(m, late, NULL, wires, 2); // the child is still ours
}

static void add_shape(mth_model *m, const char *key, mth_text *text) {
  mth_text_add(text, "%s ", key);
  mth_connection_shape_text(mth_model_find(m, key), text);
  mth_text_add(text, "\n");
}

static mth_status run(mth_context *context, mth_text *text) {
  mth_model *m = NULL, *pairs = NULL;
  mth_status status = compose(context, &m);
  if (status == MTH_OK) status = describe(context, m);
  if (status == MTH_OK) status = refuse(context, m, text);
  if (status == MTH_OK) status = pair_up(context, &pairs);
  if (status == MTH_OK)
    status = mth_connection_set_shape(mth_model_find(pairs, "input"), MTH_SHAPE(MTH_ANY, MTH_N(6)));
  if (status == MTH_OK) status = mth_model_freeze(m);
  if (status == MTH_OK) {
    add_shape(m, "logits", text);
    add_shape(m, "gate", text);
    add_shape(m, "scaled", text);
    add_shape(pairs, "output", text);
  }
  mth_model_destroy(pairs);
  mth_model_destroy(m);
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
