// class.c: models by the name of their class.
#include "ir/class.h"

#include "ir/arg_copy.h"
#include "ir/given.h"
#include "ir/graph.h"
#include "ir/model_core.h"
#include "ir/models/class_tables.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const kind_names[] = {
    [MTH_ARG_NONE] = "None",      [MTH_ARG_INT] = "an integer",  [MTH_ARG_BOOL] = "a bool",
    [MTH_ARG_FLOAT] = "a number", [MTH_ARG_STRING] = "a string", [MTH_ARG_DTYPE] = "a dtype",
    [MTH_ARG_INTS] = "integers",  [MTH_ARG_DIMS] = "dims",       [MTH_ARG_DIM] = "a dim",
    [MTH_ARG_TUPLE] = "a tuple",  [MTH_ARG_SLICE] = "a slice",   [MTH_ARG_ELLIPSIS] = "'...'",
    [MTH_ARG_MODEL] = "a model",
};
enum { kind_count = sizeof kind_names / sizeof *kind_names };

// ---- finding ------------------------------------------------------------------------------------

#define ADD_TABLE(file) mth_##file##_classes,
static mth_class_table (*const tables[])(void) = {MTH_CLASS_TABLES(ADD_TABLE)};
#undef ADD_TABLE
enum { table_count = sizeof tables / sizeof *tables };

static size_t builtin_count(void) {
  size_t count = 0;
  for (size_t i = 0; i < table_count; i++)
    count += tables[i]().count;
  return count;
}

size_t mth_class_count(const mth_context *context) {
  return builtin_count() + context->classes.count;
}

const mth_class *mth_class_get(const mth_context *context, size_t index) {
  for (size_t i = 0; i < table_count; i++) {
    const mth_class_table table = tables[i]();
    if (index < table.count) return &table.classes[index];
    index -= table.count;
  }
  return context->classes.items[index];
}

const mth_class *mth_find_class(const mth_context *context, const char *name) {
  const size_t count = mth_class_count(context);
  for (size_t i = 0; name && i < count; i++) {
    const mth_class *class_ = mth_class_get(context, i);
    if (strcasecmp(class_->name, name) == 0) return class_;
  }
  return NULL;
}

static const mth_op *find_op(const mth_context *context, const char *name) {
  const mth_registry *registry = context->registry;
  const mth_op *op = mth_registry_find_model(registry, name);
  for (size_t i = 0; !op && i < mth_registry_count(registry); i++) {
    const mth_op *candidate = mth_registry_get(registry, i);
    if (strcasecmp(candidate->model ? candidate->model : candidate->name, name) == 0)
      op = candidate;
  }
  return op ? op : mth_registry_find(registry, name);
}

mth_status mth_register_class(mth_context *context, const mth_class *class_) {
  if (!context) return MTH_INVALID; // there is nobody to report to
  const mth_location at = {&context->sink, class_ ? class_->name : NULL};
  if (!class_ || class_->struct_bytes != sizeof *class_ || class_->abi != MTH_CLASS_ABI)
    return mth_fail(MTH_INVALID, at, "wanted a class of %zu bytes and abi %d, found %zu and %d",
                    sizeof *class_, MTH_CLASS_ABI, class_ ? class_->struct_bytes : 0,
                    class_ ? (int)class_->abi : 0);
  if (!class_->name || !mth_is_name(class_->name) || !class_->create)
    return mth_fail(MTH_INVALID, at, "a class wants a name of letters and digits, and 'create'");
  if (mth_find_class(context, class_->name) || find_op(context, class_->name))
    return mth_fail(MTH_INVALID, at, "there is a class '%s' already", class_->name);
  return mth_list_push(&context->classes, &context->journal, (void *)(uintptr_t)class_);
}

// ---- arguments ----------------------------------------------------------------------------------

// One use of a class: what `create` is given, and what must be destroyed after it.
typedef struct making {
  mth_context *context;
  const mth_class *class_;
  mth_location at;
  mth_arena arena;
  mth_list models; // made from strings
  mth_arg *args;
} making;

static mth_status refuse_kind(const making *m, const mth_class_param *param, const mth_arg *given) {
  char wanted[256] = "";
  size_t used = 0;
  for (size_t kind = 0; kind < kind_count; kind++) {
    if (!(param->takes >> kind & 1) || used + 32 > sizeof wanted) continue;
    used += (size_t)snprintf(wanted + used, sizeof wanted - used, "%s%s", used ? " or " : "",
                             kind_names[kind]);
  }
  return mth_fail(MTH_INVALID, m->at, "the argument '%s' takes %s, found %s", param->name, wanted,
                  (size_t)given->kind < kind_count ? kind_names[given->kind] : "no value");
}

static mth_status make_named(making *m, const char *name, mth_arg *out) {
  mth_model *model = NULL;
  MTH_TRY(mth_model_create_class(m->context, name, NULL, 0, &model));
  const mth_status status = mth_list_push(&m->models, &m->context->journal, model);
  if (status != MTH_OK) mth_model_destroy(model);
  *out = MTH_ARG_M(out->key, model);
  return status;
}

static mth_status name_models(making *m, mth_arg *tuple) {
  mth_arg *items = MTH_NEW_ARRAY(&m->arena, mth_arg, tuple->count);
  if (!items) return MTH_NO_MEMORY;
  for (size_t i = 0; i < tuple->count; i++) {
    items[i] = tuple->items[i];
    const mth_arg_kind kind = items[i].kind;
    if (kind == MTH_ARG_STRING)
      MTH_TRY(make_named(m, items[i].s, &items[i]));
    else if (kind != MTH_ARG_MODEL && kind != MTH_ARG_NONE)
      return mth_fail(MTH_INVALID, m->at, "the argument '%s' takes models, element %zu is %s",
                      tuple->key, i, (size_t)kind < kind_count ? kind_names[kind] : "no value");
  }
  tuple->items = items;
  return MTH_OK;
}

static mth_status list_integers(making *m, mth_arg *value) {
  const bool is_one = value->kind == MTH_ARG_INT;
  const size_t count = is_one ? 1 : value->count;
  int64_t *ints = MTH_NEW_ARRAY(&m->arena, int64_t, count);
  if (!ints) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    ints[i] = is_one ? value->i : value->items[i].i;
  *value = MTH_ARG_IS(value->key, count, ints);
  return MTH_OK;
}

static mth_status list_items(making *m, mth_arg *value) {
  mth_arg *items = MTH_NEW_ARRAY(&m->arena, mth_arg, value->count);
  if (!items) return MTH_NO_MEMORY;
  for (size_t i = 0; i < value->count; i++)
    items[i] = MTH_ARG_I(NULL, value->ints[i]);
  *value = MTH_ARG_TUPLE_OF(value->key, value->count, items);
  return MTH_OK;
}

static bool is_integers(const mth_arg *value) {
  if (value->kind == MTH_ARG_INT) return true;
  if (value->kind != MTH_ARG_TUPLE) return false;
  for (size_t i = 0; i < value->count; i++)
    if (value->items[i].kind != MTH_ARG_INT) return false;
  return true;
}

// The value as a kind that the parameter takes: an integer stands for a number and for a list of
// one, a tuple of integers for integers and the other way, a string for a model.
static mth_status convert(making *m, const mth_class_param *param, mth_arg *value) {
  const bool takes_it = param->takes >> value->kind & 1;
  const bool takes_models = param->takes & MTH_TAKES(MODEL);
  if (value->kind == MTH_ARG_TUPLE && takes_it && takes_models) return name_models(m, value);
  if (takes_it) return MTH_OK;
  if (value->kind == MTH_ARG_STRING && takes_models) return make_named(m, value->s, value);
  if (value->kind == MTH_ARG_INT && (param->takes & MTH_TAKES(FLOAT))) {
    *value = MTH_ARG_F(value->key, (double)value->i);
    return MTH_OK;
  }
  if (is_integers(value) && (param->takes & MTH_TAKES(INTS))) return list_integers(m, value);
  if (value->kind == MTH_ARG_INTS && (param->takes & MTH_TAKES(TUPLE)) && !takes_models)
    return list_items(m, value);
  return refuse_kind(m, param, value);
}

static mth_status check_names(const making *m, const mth_arg *args, size_t arg_count) {
  for (size_t i = 0; i < arg_count; i++) {
    const char *key = args[i].key ? args[i].key : "";
    bool known = false;
    for (size_t j = 0; j < m->class_->param_count; j++)
      known |= strcmp(m->class_->params[j].name, key) == 0;
    for (size_t j = 0; known && j < i; j++)
      if (strcmp(args[j].key, key) == 0)
        return mth_fail(MTH_INVALID, m->at, "the argument '%s' is given twice", key);
    if (known) continue;
    mth_text names = MTH_TEXT_INIT(m->context->allocator);
    for (size_t j = 0; j < m->class_->param_count; j++)
      mth_text_add(&names, "%s%s", j ? ", " : "", m->class_->params[j].name);
    const mth_status status = mth_fail(MTH_INVALID, m->at, "there is no argument '%s'; it takes %s",
                                       key, m->class_->param_count ? mth_text_get(&names) : "none");
    mth_text_deinit(&names);
    return status;
  }
  return MTH_OK;
}

static mth_status fill_args(making *m, const mth_arg *args, size_t arg_count) {
  MTH_TRY(check_names(m, args, arg_count));
  m->args = MTH_NEW_ARRAY(&m->arena, mth_arg, m->class_->param_count);
  if (!m->args) return MTH_NO_MEMORY;
  for (size_t i = 0; i < m->class_->param_count; i++) {
    const mth_class_param *param = &m->class_->params[i];
    const mth_arg *given = NULL;
    for (size_t j = 0; j < arg_count; j++)
      if (strcmp(args[j].key, param->name) == 0) given = &args[j];
    if (!given && param->is_required)
      return mth_fail(MTH_INVALID, m->at, "the argument '%s' is missing", param->name);
    m->args[i] = given ? *given : param->value;
    m->args[i].key = param->name;
    if (given) MTH_TRY(convert(m, param, &m->args[i]));
  }
  return MTH_OK;
}

// ---- making -------------------------------------------------------------------------------------

mth_status mth_model_record_class(mth_model *model, const mth_class *class_, const mth_arg *args,
                                  mth_dim_copy_fn *copy_dim, void *user) {
  mth_arg *copies = mth_model_own(model, class_->param_count, sizeof *copies);
  if (!copies) return MTH_NO_MEMORY;
  for (size_t i = 0; i < class_->param_count; i++) {
    const mth_status status = mth_arg_copy(model, &args[i], copy_dim, user, &copies[i]);
    if (status == MTH_OK) continue;
    for (size_t j = 0; j < i; j++)
      mth_arg_drop(&copies[j]);
    return status;
  }
  model->class_ = class_;
  model->class_args = copies;
  return MTH_OK;
}

void mth_model_drop_class(const mth_model *model) {
  for (size_t i = 0; model->class_ && i < model->class_->param_count; i++)
    mth_arg_drop(&model->class_args[i]);
}

static mth_status create(making *m, const mth_arg *args, size_t arg_count, mth_model **out_model) {
  mth_model *model = NULL;
  MTH_TRY(fill_args(m, args, arg_count));
  MTH_TRY(m->class_->create(m->context, m->args, &model));
  const mth_status status = mth_model_record_class(model, m->class_, m->args, NULL, NULL);
  if (status == MTH_OK)
    *out_model = model;
  else
    mth_model_destroy(model);
  return status;
}

mth_status mth_model_create_class(mth_context *context, const char *name, const mth_arg *args,
                                  size_t arg_count, mth_model **out_model) {
  if (!context || !out_model) return MTH_INVALID; // there is nobody to report to
  const mth_class *class_ = mth_find_class(context, name);
  const mth_op *op = class_ || !name ? NULL : find_op(context, name);
  if (op) return mth_model_create_op(context, op->name, args, arg_count, out_model);
  if (!class_)
    return mth_fail(MTH_INVALID, (mth_location){&context->sink, name}, "there is no class '%s'",
                    name ? name : "");
  MTH_TRY(
      mth_check_args((mth_location){&context->sink, class_->name}, context->dims, args, arg_count));
  making m = {.context = context,
              .class_ = class_,
              .at = {&context->sink, class_->name},
              .arena = MTH_ARENA_INIT(context->allocator)};
  const mth_status status = create(&m, args, arg_count, out_model);
  for (size_t i = 0; i < m.models.count; i++)
    mth_model_destroy(m.models.items[i]);
  mth_release(context->allocator, m.models.items);
  mth_arena_reset(&m.arena);
  return status;
}

const mth_class *mth_model_class(const mth_model *model) { return model->class_; }
const mth_arg *mth_model_class_args(const mth_model *model) { return model->class_args; }
