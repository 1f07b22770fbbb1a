// parts.c: lists of tensors: making parts, joining lists, lengths.
#include "ir/parts_core.h"

#include "ir/model_core.h"

#include <stdio.h>

bool mth_connection_is_list(const mth_connection *connection) {
  return mth_net_of(connection)->is_list;
}

bool mth_connection_length(const mth_connection *list, size_t *out_length) {
  const mth_arg *length = mth_connection_is_list(list) ? mth_connection_value(list) : NULL;
  if (!length || length->kind != MTH_ARG_INT || length->i < 0) return false;
  *out_length = (size_t)length->i;
  return true;
}

static mth_status check_is_list(const mth_connection *connection) {
  char where[256];
  if (mth_connection_is_list(connection)) return MTH_OK;
  return mth_fail(MTH_INVALID, mth_connection_at(connection, where, sizeof where),
                  "it is no list, but %s",
                  mth_connection_is_tensor(connection) ? "a tensor" : "an argument");
}

mth_status mth_parts_check_count(const mth_model *model, const char *key, size_t count) {
  char where[256];
  if (count <= mth_parts_max) return MTH_OK;
  return mth_fail(MTH_INVALID, mth_model_at(model, where, sizeof where),
                  "the list '%s' has %d parts at most, %zu were wanted", key, (int)mth_parts_max,
                  count);
}

static mth_connection *root_of(mth_connection *list) {
  while (list->outer)
    list = list->outer;
  return list;
}

static mth_connection *part_of(const mth_connection *list, size_t index) {
  return index < list->parts.count ? list->parts.items[index] : NULL;
}

bool mth_parts_follows(const mth_connection *connection) {
  return connection->whole && connection->whole->outer;
}

// ---- making -------------------------------------------------------------------------------------

mth_status mth_parts_make(mth_model *model, const char *name, mth_key_class class_,
                          mth_connection **out_list) {
  mth_net *net = NULL;
  const char *origin = mth_names_intern(&model->context->names, name);
  if (!origin) return MTH_NO_MEMORY;
  MTH_TRY(mth_net_make_arg(model, MTH_ARG_INT, origin, &net));
  net->is_list = true;
  return mth_model_make_connection(model, origin, net, class_, out_list);
}

mth_status mth_parts_of(mth_connection *length, mth_make_part *make_part) {
  mth_journal *journal = &length->model->context->journal;
  mth_net *net = mth_net_of(length);
  MTH_TRY(mth_journal_save(journal, &net->is_list, sizeof net->is_list));
  net->is_list = true;
  mth_model *model = length->model;
  MTH_TRY(mth_journal_save(journal, &model->make_part, sizeof model->make_part));
  model->make_part = make_part;
  return MTH_OK;
}

mth_status mth_parts_set(mth_connection *list, size_t index, mth_connection *part) {
  mth_journal *journal = &list->model->context->journal;
  while (list->parts.count <= index)
    MTH_TRY(mth_list_push(&list->parts, journal, NULL));
  void **place = &list->parts.items[index];
  MTH_TRY(mth_journal_save(journal, place, sizeof *place));
  *place = part;
  MTH_TRY(mth_journal_save(journal, &part->whole, sizeof part->whole));
  part->whole = list;
  return MTH_OK;
}

// A tensor input that is part `index` of an input of the model; called after the list.
static mth_status make_input(mth_connection *list, size_t index, mth_connection **out_part) {
  mth_model *model = list->model;
  mth_net *net = NULL;
  char name[256];
  snprintf(name, sizeof name, "%s_%zu", list->name ? list->name : mth_net_of(list)->origin, index);
  const char *origin = mth_names_intern(&model->context->names, name);
  if (!origin) return MTH_NO_MEMORY;
  const bool is_free = list->name && !mth_model_find(model, origin);
  MTH_TRY(mth_net_make_tensor(model, MTH_FAMILY_ANY, origin, &net));
  MTH_TRY(mth_model_make_connection(model, is_free ? origin : NULL, net, MTH_KEY_INPUT, out_part));
  return is_free && !list->outer ? mth_net_set_origin(model->context, net, origin) : MTH_OK;
}

static mth_status make(mth_connection *list, size_t index);

static mth_status make_produced(mth_connection *list, size_t index, mth_connection **out_part) {
  mth_connection *made = NULL;
  if (list->model->make_part) return list->model->make_part(list->model, index, out_part);
  MTH_TRY(make(list->producer, index));
  made = part_of(list->producer, index);
  if (made->outer) {
    *out_part = made->outer;
    return MTH_OK;
  }
  MTH_TRY(mth_attach_fresh(list->model, made, NULL, out_part));
  (*out_part)->class_ = list->class_; // new in this change, so nothing is saved
  return MTH_OK;
}

// The list has part `index` from now on; it has no outer list, or that one has the part.
static mth_status make(mth_connection *list, size_t index) {
  char where[256];
  mth_connection *part = NULL;
  if (part_of(list, index)) return MTH_OK;
  if (list->is_produced) {
    MTH_TRY(make_produced(list, index, &part));
    return mth_parts_set(list, index, part);
  }
  if (list->model->op)
    return mth_fail(MTH_INVALID, mth_connection_at(list, where, sizeof where),
                    "it has parts once its length is known");
  MTH_TRY(make_input(list, index, &part));
  MTH_TRY(mth_parts_set(list, index, part));
  if (!list->outer) return MTH_OK;
  MTH_TRY(make(list->outer, index));
  return mth_attach(part_of(list->outer, index), part);
}

mth_status mth_parts_get(mth_connection *list, size_t index, mth_connection **out_part) {
  char where[256];
  size_t length;
  if (mth_connection_length(list, &length) && index >= length)
    return mth_fail(MTH_INVALID, mth_connection_at(list, where, sizeof where),
                    "it has %zu parts, wanted part %zu", length, index);
  MTH_TRY(mth_parts_check_count(list->model, list->key, index == SIZE_MAX ? index : index + 1));
  MTH_TRY(make(root_of(list), index));
  MTH_TRY(make(list, index));
  *out_part = part_of(list, index);
  return MTH_OK;
}

mth_status mth_parts_make_all(mth_connection *list) {
  char where[256];
  size_t length;
  mth_connection *part = NULL;
  if (!mth_connection_length(list, &length))
    return mth_fail(MTH_INVALID, mth_connection_at(list, where, sizeof where),
                    "the length of the list is not known");
  MTH_TRY(mth_parts_check_count(list->model, list->key, length));
  for (size_t i = 0; i < length; i++)
    MTH_TRY(mth_parts_get(list, i, &part));
  return MTH_OK;
}

// ---- joining ------------------------------------------------------------------------------------

mth_status mth_parts_join(mth_connection *outer, mth_connection *inner) {
  char where[256];
  size_t length = SIZE_MAX;
  (void)mth_connection_length(outer, &length);
  for (size_t i = 0; i < outer->parts.count || i < inner->parts.count; i++) {
    mth_connection *known = part_of(outer, i);
    if (!known && !part_of(inner, i)) continue;
    if (i >= length)
      return mth_fail(MTH_INVALID, mth_connection_at(outer, where, sizeof where),
                      "it has %zu parts, part %zu is used", length, i);
    if (!part_of(inner, i) && !inner->is_produced) continue;
    if (!part_of(inner, i)) MTH_TRY(make(inner, i));
    mth_connection *part = part_of(inner, i);
    if (known && part->outer != known) MTH_TRY(mth_attach(known, part));
    if (known) continue;
    known = part->outer;
    if (!known) MTH_TRY(mth_attach_fresh(outer->model, part, NULL, &known));
    MTH_TRY(mth_parts_set(outer, i, known));
  }
  return MTH_OK;
}

// ---- lengths ------------------------------------------------------------------------------------

mth_status mth_parts_give_length(mth_connection *list, size_t length) {
  char where[256];
  for (size_t i = length; i < list->parts.count; i++)
    if (list->parts.items[i])
      return mth_fail(MTH_INVALID, mth_connection_at(list, where, sizeof where),
                      "it has %zu parts, part %zu is used", length, i);
  MTH_TRY(mth_list_remove(&list->model->canonical_inputs, &list->model->context->journal, list));
  return mth_net_set_value(list, &MTH_ARG_I(NULL, (int64_t)length));
}

mth_status mth_parts_wait(mth_model *op) {
  return mth_list_push(&op->context->waiting, &op->context->journal, op);
}

void mth_parts_forget(mth_model *op) {
  mth_list *waiting = &op->context->waiting;
  if (op->is_list_open && mth_list_has(waiting, op)) // outside of a change this does not fail
    (void)mth_list_remove(waiting, &op->context->journal, op);
}

// The parts of an op's list, as many as its length says, lead where those of the outer list do.
static mth_status spread(mth_model *op, mth_connection *list, size_t length) {
  size_t first = 0;
  MTH_TRY(mth_op_model_spread(op, length, &first));
  for (size_t i = 0; i < length; i++) {
    mth_connection *outer = NULL, *part = op->connections.items[first + i];
    MTH_TRY(mth_parts_get(list->outer, i, &outer));
    MTH_TRY(mth_parts_set(list, i, part));
    MTH_TRY(mth_attach(outer, part));
  }
  return MTH_OK;
}

mth_status mth_parts_settle(mth_context *context) {
  for (bool moved = true; moved;) {
    moved = false;
    for (size_t i = 0; i < context->waiting.count && !moved; i++) {
      mth_model *op = context->waiting.items[i];
      mth_connection *list = mth_model_find(op, mth_op_model_list_key(op));
      size_t length;
      if (!mth_connection_length(list, &length)) continue;
      MTH_TRY(mth_list_remove(&context->waiting, &context->journal, op));
      MTH_TRY(spread(op, list, length));
      moved = true;
    }
  }
  return MTH_OK;
}

// ---- public -------------------------------------------------------------------------------------

mth_status mth_connection_part(mth_connection *list, size_t index, mth_connection **out_part) {
  if (!list) return MTH_INVALID; // there is nobody to report to
  MTH_TRY(check_is_list(list));
  const mth_change change = mth_change_begin(list->model->context);
  mth_connection *part = NULL;
  const mth_status status = mth_change_end(change, mth_parts_get(list, index, &part));
  if (status == MTH_OK) *out_part = part;
  return status;
}

static mth_status set_length(mth_connection *list, size_t length) {
  mth_connection *root = root_of(list);
  size_t first;
  MTH_TRY(mth_parts_check_count(list->model, list->key, length));
  if (root->model->op && root->model->is_list_open)
    return mth_parts_close(root->model, length, &first);
  MTH_TRY(mth_parts_give_length(root, length));
  return root->is_produced ? MTH_OK : mth_parts_make_all(root);
}

mth_status mth_connection_set_length(mth_connection *list, size_t length) {
  if (!list) return MTH_INVALID; // there is nobody to report to
  MTH_TRY(check_is_list(list));
  const mth_change change = mth_change_begin(list->model->context);
  return mth_change_end(change, set_length(list, length));
}

static mth_status add_list(mth_model *model, const char *name, mth_connection **out_list) {
  MTH_TRY(mth_model_check_key(model, name, true));
  MTH_TRY(mth_parts_make(model, name, MTH_KEY_INPUT, out_list));
  return mth_net_set_origin(model->context, mth_net_of(*out_list), (*out_list)->name);
}

mth_status mth_model_add_list(mth_model *model, const char *name, mth_connection **out_list) {
  MTH_TRY(mth_model_check_open(model));
  mth_connection *made = NULL;
  const mth_change change = mth_change_begin(model->context);
  const mth_status status = mth_change_end(change, add_list(model, name, &made));
  if (status == MTH_OK) *out_list = made;
  return status;
}
