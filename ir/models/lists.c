// lists.c: models whose output is a list, as classes: Split, ToList.
//
//   Split(input): parts of `split_size` along `axis`, the last of which may be smaller, or
//                 `sections` equal ones (rule R5). Their number may become known late.
//   ToList(n):    the tensors input1, ..., inputn.
//
// A part is made by a child of its own when it is asked for: `output_0`, ...
#include "ir/model_core.h"
#include "ir/models/class_tables.h"
#include "ir/parts_core.h"

#include <stdio.h>

// `output` is a list, the only one that the model puts out; freezes it.
static mth_status finish(mth_model *model, mth_connection *output, mth_make_part *make_part) {
  MTH_TRY(mth_parts_of(output, make_part));
  return mth_model_freeze_inside(model);
}

// The new key `output_<index>` is no canonical output beside the list.
static mth_status take_part(mth_model *model, const char *name, mth_connection **out_part) {
  mth_connection *part = mth_model_find(model, name);
  part->class_ = MTH_KEY_OUTPUT; // new in this change, so nothing is saved
  *out_part = part;
  return mth_list_remove(&model->canonical_outputs, &model->context->journal, part);
}

// ---- Split --------------------------------------------------------------------------------------

static mth_status make_split_part(mth_model *model, size_t index, mth_connection **out_part) {
  char name[32], output[32];
  snprintf(name, sizeof name, "part_%zu", index);
  snprintf(output, sizeof output, "output_%zu", index);
  const mth_arg args[] = {MTH_ARG_I("index", (int64_t)index), MTH_ARG_OPEN_AS_INPUT("split_size"),
                          MTH_ARG_OPEN_AS_INPUT("sections"), MTH_ARG_OPEN_AS_INPUT("axis")};
  const mth_wire wires[] = {MTH_WIRE("input", "input"), MTH_WIRE("split_size", "split_size"),
                            MTH_WIRE("sections", "sections"), MTH_WIRE("axis", "axis"),
                            MTH_WIRE("output", output)};
  mth_model *child = NULL;
  MTH_TRY(mth_model_add_op(model, "SplitPart", args, 4, name, wires, 5, &child));
  return take_part(model, output, out_part);
}

static mth_status fill_split(mth_model *model, const mth_arg *args) {
  static const char *const keys[] = {"split_size", "sections", "axis"};
  const mth_wire wires[] = {MTH_WIRE("input", "input"), MTH_WIRE("split_size", "split_size"),
                            MTH_WIRE("sections", "sections"), MTH_WIRE("axis", "axis"),
                            MTH_WIRE("output", "output")};
  mth_arg given[3];
  mth_model *length = NULL;
  for (size_t i = 0; i < 3; i++) {
    given[i] = args[i];
    given[i].key = keys[i];
  }
  MTH_TRY(mth_model_create_op(model->context, "SplitLength", given, 3, &length));
  const mth_status status = mth_model_add(model, length, "length", wires, 5);
  if (status != MTH_OK) mth_model_destroy(length);
  MTH_TRY(status);
  const mth_change change = mth_change_begin(model->context);
  return mth_change_end(change, finish(model, mth_model_find(model, "output"), make_split_part));
}

static mth_status make_split(mth_context *context, const mth_arg *args, mth_model **out_model) {
  mth_model *model = NULL;
  MTH_TRY(mth_model_create(context, "Split", &model));
  const mth_status status = fill_split(model, args);
  if (status == MTH_OK)
    *out_model = model;
  else
    mth_model_destroy(model);
  return status;
}

// ---- ToList -------------------------------------------------------------------------------------

static mth_status make_listed_part(mth_model *model, size_t index, mth_connection **out_part) {
  char name[32], input[32], output[32];
  snprintf(name, sizeof name, "part_%zu", index);
  snprintf(input, sizeof input, "input%zu", index + 1);
  snprintf(output, sizeof output, "output_%zu", index);
  const mth_wire wires[] = {MTH_WIRE("input", input), MTH_WIRE("output", output)};
  mth_model *child = NULL;
  MTH_TRY(mth_model_add_op(model, "Buffer", NULL, 0, name, wires, 2, &child));
  return take_part(model, output, out_part);
}

static mth_status add_list(mth_model *model, int64_t count) {
  mth_connection *list = NULL;
  MTH_TRY(mth_parts_make(model, "output", MTH_KEY_LATENT_OUTPUT, &list));
  list->is_produced = true; // new in this change, so nothing is saved
  MTH_TRY(mth_net_set_value(list, &MTH_ARG_I(NULL, count)));
  MTH_TRY(mth_list_push(&model->canonical_outputs, &model->context->journal, list));
  MTH_TRY(mth_journal_save(&model->context->journal, &model->chain, sizeof model->chain));
  model->chain = list;
  return finish(model, list, make_listed_part);
}

static mth_status fill_list(mth_model *model, int64_t count) {
  for (int64_t i = 1; i <= count; i++) {
    char name[32];
    mth_connection *input = NULL;
    snprintf(name, sizeof name, "input%lld", (long long)i);
    MTH_TRY(mth_model_add_input(model, name, NULL, &input));
  }
  const mth_change change = mth_change_begin(model->context);
  return mth_change_end(change, add_list(model, count));
}

static mth_status make_list(mth_context *context, const mth_arg *args, mth_model **out_model) {
  enum { most_parts = 65536 };
  mth_model *model = NULL;
  if (args[0].i < 1 || args[0].i > most_parts)
    return mth_fail(MTH_INVALID, (mth_location){mth_context_sink(context), "ToList"},
                    "'n' wants a number from 1 to %d, found %lld", (int)most_parts,
                    (long long)args[0].i);
  MTH_TRY(mth_model_create(context, "ToList", &model));
  const mth_status status = fill_list(model, args[0].i);
  if (status == MTH_OK)
    *out_model = model;
  else
    mth_model_destroy(model);
  return status;
}

// ---- the table ----------------------------------------------------------------------------------

#define TAKES_SIZE (MTH_TAKES_INTEGER | MTH_TAKES(NONE) | MTH_TAKES(OPEN))

static const mth_class_param split[] = {
    MTH_PARAM_OR("split_size", TAKES_SIZE, {.kind = MTH_ARG_NONE}),
    MTH_PARAM_OR("sections", TAKES_SIZE, {.kind = MTH_ARG_NONE}),
    MTH_PARAM_OR("axis", MTH_TAKES_INTEGER | MTH_TAKES(OPEN), {.kind = MTH_ARG_INT, .i = 0})};
static const mth_class_param to_list[] = {MTH_PARAM("n", MTH_TAKES(INT))};

static const mth_class classes[] = {
    MTH_CLASS("Split", split, make_split),
    MTH_CLASS("ToList", to_list, make_list),
};

mth_class_table mth_lists_classes(void) {
  return (mth_class_table){classes, sizeof classes / sizeof *classes};
}
