// model_op.c: ops as models: their keys, arguments and defaults.
#include "ir/given.h"
#include "ir/graph.h"
#include "ir/model_core.h"
#include "ir/parts_core.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const mth_op_key *find_list_key(const mth_op *op) {
  for (size_t i = 0; i < op->input_count; i++)
    if (op->inputs[i].kind == MTH_KEY_TENSORS || op->inputs[i].kind == MTH_KEY_ARGS)
      return &op->inputs[i];
  return NULL;
}

static const mth_arg *find_arg(const mth_arg *args, size_t arg_count, const char *key) {
  for (size_t i = 0; i < arg_count; i++)
    if (args[i].key && strcmp(args[i].key, key) == 0) return &args[i];
  return NULL;
}

// Is it the name of one of the first `count` parts of a list, "input1"?
static bool is_part(const char *key, size_t count) {
  for (size_t i = 1; i <= count; i++) {
    char name[32];
    snprintf(name, sizeof name, "input%zu", i);
    if (strcmp(name, key) == 0) return true;
  }
  return false;
}

static mth_status check_args(const mth_model *model, size_t list_count, const mth_arg *args,
                             size_t arg_count) {
  char where[256];
  MTH_TRY(mth_check_args(mth_model_at(model, where, sizeof where), model->context->dims, args,
                         arg_count));
  for (size_t i = 0; i < arg_count; i++) {
    const char *key = args[i].key ? args[i].key : "";
    bool known = find_list_key(model->op) && !model->is_list_open && is_part(key, list_count);
    for (size_t j = 0; j < model->op->input_count; j++)
      known |= strcmp(model->op->inputs[j].name, key) == 0;
    if (known && find_arg(args, arg_count, key) == &args[i]) continue;
    mth_text keys = MTH_TEXT_INIT(model->context->allocator);
    for (size_t j = 0; j < model->op->input_count; j++)
      mth_text_add(&keys, "%s%s", j ? ", " : "", model->op->inputs[j].name);
    const mth_location at = mth_model_at(model, where, sizeof where);
    const mth_status status =
        known ? mth_fail(MTH_INVALID, at, "the argument '%s' is given twice", key)
              : mth_fail(MTH_INVALID, at, "there is no argument '%s'; it takes %s", key,
                         mth_text_get(&keys));
    mth_text_deinit(&keys);
    return status;
  }
  return MTH_OK;
}

// ---- keys ---------------------------------------------------------------------------------------

static mth_status make_key(mth_model *model, const char *name, mth_family families,
                           mth_key_class class_, mth_connection **out) {
  mth_net *net = NULL;
  const char *origin = mth_names_intern(&model->context->names, name);
  if (!origin) return MTH_NO_MEMORY;
  MTH_TRY(mth_net_make_tensor(model, families, origin, &net));
  MTH_TRY(mth_model_make_connection(model, origin, net, class_, out));
  (*out)->is_produced = class_ == MTH_KEY_OUTPUT;
  if ((*out)->is_produced) net->maker = model;
  return MTH_OK;
}

static mth_status make_argument(mth_model *model, const mth_op_key *key, const mth_arg *given) {
  const bool has_default = !key->required, is_open = given && given->kind == MTH_ARG_OPEN;
  const mth_arg *value = is_open ? NULL : given ? given : has_default ? &key->value : NULL;
  mth_net *net = NULL;
  mth_connection *made = NULL;
  const char *origin = mth_names_intern(&model->context->names, key->name);
  if (!origin) return MTH_NO_MEMORY;
  MTH_TRY(mth_net_make_arg(model, key->arg_kind, origin, &net));
  MTH_TRY(mth_model_make_connection(model, origin, net,
                                    value ? MTH_KEY_LATENT_INPUT : MTH_KEY_INPUT, &made));
  return value ? mth_connection_give(made, value) : MTH_OK;
}

static mth_status make_tensor(mth_model *model, const mth_op_key *key, const mth_arg *given) {
  mth_connection *made = NULL;
  MTH_TRY(make_key(model, key->name, key->families, given ? MTH_KEY_LATENT_INPUT : MTH_KEY_INPUT,
                   &made));
  return given ? mth_connection_give(made, given) : MTH_OK;
}

static mth_status make_list(mth_model *model, const mth_op_key *key, size_t count,
                            const mth_arg *args, size_t arg_count) {
  MTH_TRY(mth_parts_check_count(model, key->name, count));
  for (size_t i = 1; i <= count; i++) {
    char name[32];
    snprintf(name, sizeof name, "input%zu", i);
    const mth_arg *given = find_arg(args, arg_count, name);
    mth_op_key part = *key;
    part.name = name;
    part.required = true;
    MTH_TRY(key->kind == MTH_KEY_ARGS ? make_argument(model, &part, given)
                                      : make_tensor(model, &part, given));
  }
  return MTH_OK;
}

static mth_status make_result(mth_model *model, const mth_op_key *key) {
  mth_connection *made = NULL;
  if (key->kind == MTH_KEY_TENSOR)
    return make_key(model, key->name, key->families, MTH_KEY_OUTPUT, &made);
  mth_net *net = NULL;
  const char *origin = mth_names_intern(&model->context->names, key->name);
  if (!origin) return MTH_NO_MEMORY;
  MTH_TRY(mth_net_make_arg(model, key->arg_kind, origin, &net));
  MTH_TRY(mth_model_make_connection(model, origin, net, MTH_KEY_OUTPUT, &made));
  made->is_produced = true;
  net->maker = model;
  return MTH_OK;
}

static mth_status make_keys(mth_model *model, size_t list_count, const mth_arg *args,
                            size_t arg_count) {
  const mth_op *op = model->op;
  for (size_t i = 0; i < op->input_count; i++) {
    const mth_op_key *key = &op->inputs[i];
    const mth_arg *given = find_arg(args, arg_count, key->name);
    switch (key->kind) {
    case MTH_KEY_TENSOR:
      MTH_TRY(make_tensor(model, key, given));
      break;
    case MTH_KEY_TENSORS:
      if (model->is_list_open) {
        mth_connection *list = NULL;
        MTH_TRY(mth_parts_make(model, key->name, MTH_KEY_INPUT, &list));
        break;
      }
      MTH_TRY(make_list(model, key, list_count, args, arg_count));
      break;
    case MTH_KEY_ARGS:
      MTH_TRY(make_list(model, key, list_count, args, arg_count));
      break;
    case MTH_KEY_ARG:
      MTH_TRY(make_argument(model, key, given));
      break;
    }
  }
  for (size_t i = 0; i < op->output_count; i++)
    MTH_TRY(make_result(model, &op->outputs[i]));
  return MTH_OK;
}

// ---- canonical keys, operands -------------------------------------------------------------------

static mth_status choose_canonical_inputs(mth_model *model) {
  const mth_op *op = model->op;
  mth_journal *journal = &model->context->journal;
  uint32_t chosen = op->canonical_inputs;
  for (size_t i = 0; !chosen && i < op->input_count; i++)
    if (strcmp(op->inputs[i].name, "input") == 0) chosen = (uint32_t)1 << i;
  for (size_t i = 0; !chosen && i < op->input_count; i++)
    if (op->inputs[i].kind == MTH_KEY_TENSOR || op->inputs[i].kind == MTH_KEY_TENSORS)
      chosen = (uint32_t)1 << i;
  for (size_t i = 0; i < op->input_count && i < 32; i++) {
    mth_connection *c = mth_model_find(model, op->inputs[i].name);
    if ((chosen >> i & 1) && c && c->class_ == MTH_KEY_INPUT)
      MTH_TRY(mth_list_push(&model->canonical_inputs, journal, c));
  }
  return MTH_OK;
}

static mth_status choose_canonical_outputs(mth_model *model) {
  for (size_t i = 0; i < model->op->output_count; i++) {
    mth_connection *c = mth_model_find(model, model->op->outputs[i].name);
    MTH_TRY(mth_list_push(&model->canonical_outputs, &model->context->journal, c));
    if (model->op->output_count == 1) model->chain = c;
  }
  return MTH_OK;
}

// Tensors in the order of the op's keys, then results; from now on the solver knows the op.
static mth_status apply_op(mth_model *model) {
  size_t count = 0;
  mth_connection **keys = mth_model_own(model, model->connections.count, sizeof(mth_connection *));
  if (!keys) return MTH_NO_MEMORY;
  for (size_t produced = 0; produced < 2; produced++) {
    for (size_t i = 0; i < model->connections.count; i++) {
      mth_connection *c = model->connections.items[i];
      if (c->is_produced == (produced == 1) && mth_net_of(c)->is_tensor) keys[count++] = c;
    }
    if (!produced) model->operand_count = count;
  }
  model->result_count = count - model->operand_count;
  model->op_keys = keys;
  return mth_net_apply(model);
}

static mth_status build(mth_model *model, size_t list_count, const mth_arg *args,
                        size_t arg_count) {
  MTH_TRY(check_args(model, list_count, args, arg_count));
  MTH_TRY(make_keys(model, model->is_list_open ? 0 : list_count, args, arg_count));
  MTH_TRY(choose_canonical_inputs(model));
  MTH_TRY(choose_canonical_outputs(model));
  return model->is_list_open ? MTH_OK : apply_op(model);
}

static mth_status create(mth_context *context, const char *name, size_t list_count,
                         const mth_arg *args, size_t arg_count, mth_model **out_model) {
  if (!context) return MTH_INVALID; // there is nobody to report to
  const mth_op *op = name ? mth_registry_find_model(context->registry, name) : NULL;
  if (!op && name) op = mth_registry_find(context->registry, name);
  if (!op)
    return mth_fail(MTH_INVALID, (mth_location){&context->sink, name}, "there is no op '%s'",
                    name ? name : "");
  mth_model *model = NULL;
  MTH_TRY(mth_model_make(context, op->model ? op->model : op->name, &model));
  model->op = op;
  model->is_frozen = true;
  model->is_list_open = list_count == SIZE_MAX && find_list_key(op);
  const mth_change change = mth_change_begin(context);
  const mth_status status = mth_change_end(change, build(model, list_count, args, arg_count));
  if (status == MTH_OK)
    *out_model = model;
  else
    mth_model_destroy(model);
  return status;
}

mth_status mth_model_create_op(mth_context *context, const char *op, const mth_arg *args,
                               size_t arg_count, mth_model **out_model) {
  return create(context, op, SIZE_MAX, args, arg_count, out_model);
}

mth_status mth_model_create_op_of(mth_context *context, const char *op, size_t count,
                                  const mth_arg *args, size_t arg_count, mth_model **out_model) {
  return create(context, op, count, args, arg_count, out_model);
}

// ---- lists --------------------------------------------------------------------------------------

const char *mth_op_model_list_key(const mth_model *model) { return find_list_key(model->op)->name; }

mth_status mth_op_model_spread(mth_model *model, size_t count, size_t *out_first) {
  mth_journal *journal = &model->context->journal;
  char where[256];
  if (count == 0 && find_list_key(model->op)->kind == MTH_KEY_TENSORS)
    return mth_fail(MTH_INVALID, mth_model_at(model, where, sizeof where),
                    "'%s' wants at least one tensor", mth_op_model_list_key(model));
  MTH_TRY(mth_journal_save(journal, &model->is_list_open, sizeof model->is_list_open));
  MTH_TRY(mth_journal_save(journal, &model->op_keys, sizeof model->op_keys));
  MTH_TRY(mth_journal_save(journal, &model->operand_count, sizeof model->operand_count));
  MTH_TRY(mth_journal_save(journal, &model->result_count, sizeof model->result_count));
  model->is_list_open = false;
  const size_t first = model->connections.count;
  MTH_TRY(make_list(model, find_list_key(model->op), count, NULL, 0));
  *out_first = first;
  return apply_op(model);
}
