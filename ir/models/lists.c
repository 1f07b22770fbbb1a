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

static mth_status set_item(mth_journal *journal, mth_list *list, size_t at, void *item) {
  MTH_TRY(mth_journal_save(journal, &list->items[at], sizeof list->items[at]));
  list->items[at] = item;
  return MTH_OK;
}

// The last item comes to stand at `to`.
static mth_status move_last(mth_journal *journal, mth_list *list, size_t to) {
  void *last = list->items[list->count - 1];
  for (size_t i = list->count - 1; i > to; i--)
    MTH_TRY(set_item(journal, list, i, list->items[i - 1]));
  return set_item(journal, list, to, last);
}

// The part that was asked for before and comes behind part `index`; NULL: none.
static const mth_connection *find_next_part(const mth_model *model, size_t index) {
  const mth_connection *list = mth_model_find(model, "output");
  for (size_t i = index + 1; i < list->parts.count; i++)
    if (list->parts.items[i]) return list->parts.items[i];
  return NULL;
}

static size_t position_of(const mth_list *list, const void *item) {
  size_t at = 0;
  while (list->items[at] != item)
    at++;
  return at;
}

// Parts stand in the order of the list, in whatever order they are asked for: the last child and
// the `key_count` last keys move in front of those of the part that follows.
static mth_status put_in_order(mth_model *model, size_t index, size_t key_count) {
  mth_journal *journal = &model->context->journal;
  const mth_connection *next = find_next_part(model, index);
  if (!next) return MTH_OK;
  mth_model *follower = next->producer->model;
  const size_t first = position_of(&model->children, follower);
  const size_t key = position_of(&model->connections, next) + 1 - key_count;
  MTH_TRY(move_last(journal, &model->children, first));
  for (size_t i = first; i < model->children.count; i++) {
    mth_model *child = model->children.items[i];
    MTH_TRY(mth_journal_save(journal, &child->position, sizeof child->position));
    child->position = i;
  }
  for (size_t i = 0; i < key_count; i++)
    MTH_TRY(move_last(journal, &model->connections, key));
  return MTH_OK;
}

// The new key `output_<index>` is no canonical output beside the list. There were `known` keys
// before.
static mth_status take_part(mth_model *model, size_t index, const char *name, size_t known,
                            mth_connection **out_part) {
  mth_connection *part = mth_model_find(model, name);
  part->class_ = MTH_KEY_OUTPUT; // new in this change, so nothing is saved
  *out_part = part;
  MTH_TRY(put_in_order(model, index, model->connections.count - known));
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
  const size_t known = model->connections.count;
  mth_model *child = NULL;
  MTH_TRY(mth_model_add_op(model, "SplitPart", args, 4, name, wires, 5, &child));
  return take_part(model, index, output, known, out_part);
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
  const size_t known = model->connections.count;
  mth_model *child = NULL;
  MTH_TRY(mth_model_add_op(model, "Buffer", NULL, 0, name, wires, 2, &child));
  return take_part(model, index, output, known, out_part);
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
  mth_model *model = NULL;
  if (args[0].i < 1 || args[0].i > mth_parts_max)
    return mth_fail(MTH_INVALID, (mth_location){mth_context_sink(context), "ToList"},
                    "'n' wants a number from 1 to %d, found %lld", (int)mth_parts_max,
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
