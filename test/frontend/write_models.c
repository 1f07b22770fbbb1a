// write_models.c: prints the module of a model that the lit tests name: `write-models mlp`.
#include "frontend/mithril.h"
#include "frontend/mlir_writer.h"
#include "ir/models/layers.h"
#include "ir/models/optimizers.h"
#include "ir/models/transformer.h"

#include <stdio.h>
#include <string.h>

// x -> Linear 16, relu -> Linear 4 -> squared error against y -> mean
static mth_status make_mlp(mth_context *context, mth_model **out_model) {
  mth_model *m = NULL, *mlp = NULL, *error = NULL, *mean = NULL;
  MTH_TRY(mth_model_create(context, NULL, &m));
  MTH_TRY(mth_mlp(context, 2, (const char *[]){"relu", NULL}, (int64_t[]){16, 4}, &mlp));
  MTH_TRY(mth_model_append(
      m, mlp, NULL, (mth_wire[]){MTH_WIRE("input", "x"), MTH_WIRE("output", "prediction")}, 2));
  MTH_TRY(mth_model_create_op(context, "squared_error", NULL, 0, &error));
  MTH_TRY(mth_model_append(
      m, error, NULL, (mth_wire[]){MTH_WIRE("input", "prediction"), MTH_WIRE("target", "y")}, 2));
  MTH_TRY(mth_model_create_op(context, "mean", NULL, 0, &mean));
  MTH_TRY(mth_model_append(m, mean, NULL, (mth_wire[]){MTH_WIRE("output", "loss")}, 1));
  MTH_TRY(mth_model_expose(m, mth_model_find(m, "loss"), NULL));
  MTH_TRY(mth_model_expose(m, mth_model_find(m, "prediction"), NULL));
  *out_model = m;
  return MTH_OK;
}

static mth_status write_mlp(mth_context *context, mth_text *text) {
  mth_model *m = NULL, *adam = NULL;
  MTH_TRY(make_mlp(context, &m));
  const mth_adam_options options = {.struct_bytes = sizeof options, .learning_rate_input = true};
  MTH_TRY(mth_adam(context, &options, &adam));
  const mth_entry_shape fixed[] = {{"x", MTH_SHAPE(MTH_N(32), MTH_N(8))},
                                   {"y", MTH_SHAPE(MTH_N(32), MTH_N(4))}};
  const mth_entry_shape symbolic[] = {{"x", MTH_SHAPE(MTH_DECLARED("B"), MTH_N(8))}};
  const mth_entry_shape anonymous[] = {{"x", MTH_SHAPE(MTH_ANY, MTH_N(8))}};
  const char *prediction = "prediction";
  const mth_entry_request entries[] = {{.name = "evaluate",
                                        .outputs = &prediction,
                                        .output_count = 1,
                                        .shapes = symbolic,
                                        .shape_count = 1},
                                       {.name = "predict",
                                        .outputs = &prediction,
                                        .output_count = 1,
                                        .shapes = anonymous,
                                        .shape_count = 1},
                                       {.name = "gradients",
                                        .kind = MTH_ENTRY_GRADIENTS,
                                        .loss = "loss",
                                        .shapes = fixed,
                                        .shape_count = 2},
                                       {.name = "step",
                                        .kind = MTH_ENTRY_STEP,
                                        .loss = "loss",
                                        .optimizer = adam,
                                        .shapes = fixed,
                                        .shape_count = 2}};
  const mth_write_options write = {
      .struct_bytes = sizeof write, .name = "mlp", .entries = entries, .entry_count = 4};
  const mth_status status = mth_write_module(m, &write, text);
  mth_model_destroy(m);
  mth_model_destroy(adam);
  return status;
}

// A small GPT: tokens -> embeddings + positions -> 2 blocks -> norm -> logits, cross entropy.
static mth_status make_gpt(mth_context *context, mth_model **out_model) {
  const mth_attention_options options = {.struct_bytes = sizeof options, .dim = 32, .heads = 4};
  mth_model *m = NULL, *child = NULL;
  MTH_TRY(mth_model_create(context, "GPT", &m));
  MTH_TRY(mth_embedding(context, 65, 32, 0.02, &child));
  MTH_TRY(mth_model_append(m, child, "tokens", (mth_wire[]){MTH_WIRE("input", "input")}, 1));
  for (int i = 0; i < 2; i++) {
    char name[16];
    snprintf(name, sizeof name, "block%d", i);
    MTH_TRY(mth_transformer_block(context, &options, &child));
    MTH_TRY(mth_model_append(m, child, name, NULL, 0));
  }
  MTH_TRY(mth_layer_norm(context, 1e-5, &child));
  MTH_TRY(mth_model_append(m, child, "norm", NULL, 0));
  MTH_TRY(mth_linear(context, 65, false, &child));
  MTH_TRY(mth_model_append(m, child, "head", (mth_wire[]){MTH_WIRE("output", "logits")}, 1));
  MTH_TRY(
      mth_model_create_op(context, "cross_entropy", (mth_arg[]){MTH_ARG_I("axis", -1)}, 1, &child));
  const mth_facts ids = {.families = MTH_FAMILY_INT};
  mth_wire target = MTH_WIRE("target", "target");
  target.facts = &ids;
  MTH_TRY(mth_model_append(m, child, NULL, &target, 1));
  MTH_TRY(mth_model_create_op(context, "mean", NULL, 0, &child));
  MTH_TRY(mth_model_append(m, child, NULL, (mth_wire[]){MTH_WIRE("output", "loss")}, 1));
  MTH_TRY(mth_model_expose(m, mth_model_find(m, "loss"), NULL));
  MTH_TRY(mth_model_expose(m, mth_model_find(m, "logits"), NULL));
  *out_model = m;
  return MTH_OK;
}

static mth_status write_gpt(mth_context *context, mth_text *text) {
  mth_model *m = NULL, *sgd = NULL;
  MTH_TRY(make_gpt(context, &m));
  const mth_sgd_options options = {
      .struct_bytes = sizeof options, .learning_rate = 0.1, .momentum = 0.9};
  MTH_TRY(mth_sgd(context, &options, &sgd));
  const mth_entry_shape fixed[] = {{"input", MTH_SHAPE(MTH_N(4), MTH_N(16))},
                                   {"target", MTH_SHAPE(MTH_N(4), MTH_N(16))}};
  const mth_entry_shape symbolic[] = {{"input", MTH_SHAPE(MTH_N(1), MTH_DECLARED("T"))}};
  const char *logits = "logits";
  const mth_entry_request entries[] = {{.name = "step",
                                        .kind = MTH_ENTRY_STEP,
                                        .loss = "loss",
                                        .optimizer = sgd,
                                        .shapes = fixed,
                                        .shape_count = 2},
                                       {.name = "sample",
                                        .outputs = &logits,
                                        .output_count = 1,
                                        .shapes = symbolic,
                                        .shape_count = 1}};
  const mth_write_options write = {
      .struct_bytes = sizeof write, .name = "gpt", .entries = entries, .entry_count = 2};
  const mth_status status = mth_write_module(m, &write, text);
  mth_model_destroy(m);
  mth_model_destroy(sgd);
  return status;
}

int main(int argc, char **argv) {
  mth_context *context = NULL;
  if (argc != 2 || mth_context_create(NULL, &context) != MTH_OK) return 2;
  mth_text text = MTH_TEXT_INIT(mth_context_allocator(context));
  const mth_status status =
      strcmp(argv[1], "gpt") == 0 ? write_gpt(context, &text) : write_mlp(context, &text);
  if (status == MTH_OK) {
    fputs(mth_text_get(&text), stdout);
  } else {
    const mth_diagnostic *d = mth_context_diagnostic(context);
    fprintf(stderr, "%s: %s\n", d->where, d->message);
  }
  mth_text_deinit(&text);
  mth_context_destroy(context);
  return status == MTH_OK ? 0 : 1;
}
