// language_model.c: composing the network. Nothing here has a size that the user did not give:
// batch and length stay open until the program is compiled.
#include "examples/char_lm/language_model.h"

// Adds a child that was just made; destroys it if it does not fit.
static mth_status add(mth_model *parent, mth_status made, mth_model *child, const char *name,
                      const mth_wire *wires, size_t wire_count) {
  MTH_TRY(made);
  const mth_status status = mth_model_add(parent, child, name, wires, wire_count);
  if (status != MTH_OK) mth_model_destroy(child);
  return status;
}

#define ADD(make, name, ...)                                                                       \
  do {                                                                                             \
    mth_model *child = NULL;                                                                       \
    const mth_status made = (make);                                                                \
    const mth_wire wires[] = {__VA_ARGS__};                                                        \
    MTH_TRY(add(model, made, child, name, wires, sizeof wires / sizeof wires[0]));                 \
  } while (0)

// x = token[ids] + position[0..T-1]
static mth_status embed(mth_context *context, mth_model *model,
                        const language_model_options *options) {
  ADD(mth_embedding(context, options->vocabulary, options->dim, 0.02, &child), "token",
      MTH_WIRE("input", "ids"), MTH_WIRE("output", "token_vectors"));
  mth_connection *ids;
  MTH_TRY(mth_model_get(model, "ids", &ids));
  const mth_dim *length; // T, whatever it will be
  MTH_TRY(mth_connection_set_shape(ids, MTH_SHAPE(MTH_ANY, MTH_ANY)));
  MTH_TRY(mth_connection_dim(ids, 1, &length));
  const mth_arg count[] = {MTH_ARG_DS("shape", 1, &length), MTH_ARG_I("axis", 0),
                           MTH_ARG_T("dtype", MTH_I64)};
  ADD(mth_model_create_op(context, "Iota", count, 3, &child), "positions",
      MTH_WIRE("output", "place"));
  ADD(mth_embedding(context, options->context, options->dim, 0.02, &child), "position",
      MTH_WIRE("input", "place"), MTH_WIRE("output", "position_vectors"));
  ADD(mth_model_create_op(context, "Add", NULL, 0, &child), NULL, MTH_WIRE("left", "token_vectors"),
      MTH_WIRE("right", "position_vectors"), MTH_WIRE("output", "embedded"));
  return MTH_OK;
}

static mth_status compose(mth_context *context, mth_model *model,
                          const language_model_options *options) {
  const mth_attention_options block = {
      .struct_bytes = sizeof block, .dim = options->dim, .heads = options->heads};
  MTH_TRY(embed(context, model, options));
  ADD(mth_transformer_block(context, &block, &child), "block", MTH_WIRE("input", "embedded"),
      MTH_WIRE("output", "features"));
  ADD(mth_layer_norm(context, 1e-5, &child), "norm", MTH_WIRE("input", "features"),
      MTH_WIRE("output", "normed"));
  ADD(mth_linear(context, options->vocabulary, true, &child), "head", MTH_WIRE("input", "normed"),
      MTH_WIRE("output", "logits"));
  const mth_facts class_ids = {.families = MTH_FAMILY_INT};
  const mth_arg last[] = {MTH_ARG_I("axis", -1)};
  ADD(mth_model_create_op(context, "cross_entropy", last, 1, &child), "entropy",
      MTH_WIRE("input", "logits"),
      {.key = "target", .kind = MTH_WIRE_NAME, .name = "targets", .facts = &class_ids},
      MTH_WIRE("output", "losses"));
  ADD(mth_model_create_op(context, "Mean", NULL, 0, &child), "mean", MTH_WIRE("input", "losses"),
      MTH_WIRE("output", "loss"));
  const char *const outputs[] = {"logits", "loss"};
  for (size_t i = 0; i < sizeof outputs / sizeof outputs[0]; ++i) {
    mth_connection *output;
    MTH_TRY(mth_model_get(model, outputs[i], &output));
    MTH_TRY(mth_model_expose(model, output, NULL));
  }
  return mth_model_freeze(model);
}

mth_status language_model_create(mth_context *context, const language_model_options *options,
                                 mth_model **out_model) {
  mth_model *model;
  MTH_TRY(mth_model_create(context, "LanguageModel", &model));
  const mth_status status = compose(context, model, options);
  if (status != MTH_OK)
    mth_model_destroy(model);
  else
    *out_model = model;
  return status;
}
