// json_reader_make.c: a model from the name of its class and arguments.
#include "frontend/json_defaults.h"
#include "frontend/json_reader.h"
#include "frontend/json_value.h"

#include "ir/model.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

// What a class or an op wants.
typedef struct making {
  mth_json_reading *reading;
  const char *name;
  const mth_class *class_; // or
  const mth_op *op;
  const mth_json_place *args_place;
  mth_arg *args;
  size_t arg_count;
  size_t part_count; // of an op's key that takes several; SIZE_MAX: not said
} making;

// ---- classes ------------------------------------------------------------------------------------

static const mth_op *find_op(const mth_context *context, const char *name) {
  const mth_registry *registry = mth_context_registry((mth_context *)(uintptr_t)context);
  for (size_t i = 0; i < mth_registry_count(registry); i++) {
    const mth_op *op = mth_registry_get(registry, i);
    if (strcasecmp(op->model ? op->model : op->name, name) == 0) return op;
  }
  return mth_registry_find(registry, name);
}

bool mth_json_has_class(const mth_context *context, const char *name) {
  return mth_find_class(context, name) || find_op(context, name);
}

static mth_status refuse_class(mth_json_reading *reading, const char *name,
                               const mth_json_place *place) {
  if (!reading->missing_class[0] && reading->problem.status == MTH_OK)
    snprintf(reading->missing_class, sizeof reading->missing_class, "%s", name);
  return mth_json_fail(reading, MTH_UNSUPPORTED, place, "there is no class '%.200s'", name);
}

// ---- arguments ----------------------------------------------------------------------------------

static bool takes_several(const mth_op_key *key) {
  return key->kind == MTH_KEY_TENSORS || key->kind == MTH_KEY_ARGS;
}

// "input1", "input2", ...: parts of such a key.
static bool is_part(const char *key) {
  size_t digits = 5;
  if (strncmp(key, "input", 5) != 0 || key[5] == '0') return false;
  while (key[digits] >= '0' && key[digits] <= '9')
    digits++;
  return digits > 5 && !key[digits];
}

// The kinds that a key of an op takes. A tensor may be given a number.
static uint32_t kinds_of(const mth_op_key *key) {
  const uint32_t any = ~(MTH_TAKES(MODEL) | MTH_TAKES(OPEN));
  if (key->kind == MTH_KEY_TENSOR || key->kind == MTH_KEY_TENSORS)
    return MTH_TAKES_NUMBER | MTH_TAKES(BOOL);
  if (key->arg_kind == MTH_ARG_NONE) return any | MTH_TAKES(OPEN);
  return (uint32_t)1 << key->arg_kind | MTH_TAKES(NONE) | MTH_TAKES(OPEN);
}

// The kinds that a parameter takes; 0: there is no such parameter. *out_count: it says how many
// parts a key of several has.
static uint32_t find_parameter(const making *m, const char *key, bool *out_count) {
  *out_count = false;
  for (size_t i = 0; m->class_ && i < m->class_->param_count; i++)
    if (strcmp(m->class_->params[i].name, key) == 0) return m->class_->params[i].takes;
  for (size_t i = 0; m->op && i < m->op->input_count; i++) {
    const mth_op_key *input = &m->op->inputs[i];
    *out_count = takes_several(input) && strcmp(key, "n") == 0;
    if (*out_count) return MTH_TAKES(INT);
    if (takes_several(input) ? is_part(key) : strcmp(input->name, key) == 0) return kinds_of(input);
  }
  return 0;
}

static const char *native_name(const making *m, const json_t *args, const char *key) {
  const char *name = mth_json_native_name(m->name, key);
  return json_object_get(args, name) ? key : name;
}

// An object that describes a connection rather than an argument.
static bool is_descriptor(const json_t *value) {
  return json_object_get(value, "shape_template") || json_object_get(value, "tensor") ||
         json_object_get(value, "type") || json_object_get(value, "value");
}

static void add_kinds(uint32_t takes, char *text, size_t text_bytes) {
  static const struct {
    uint32_t bits;
    const char *name;
  } kinds[] = {
      {MTH_TAKES(INT) | MTH_TAKES(DIM), "an integer"},
      {MTH_TAKES(FLOAT), "a number"},
      {MTH_TAKES(BOOL), "a bool"},
      {MTH_TAKES(STRING), "a string"},
      {MTH_TAKES(DTYPE), "an element type"},
      {MTH_TAKES(INTS) | MTH_TAKES(DIMS) | MTH_TAKES(TUPLE), "a list"},
      {MTH_TAKES(SLICE), "a slice"},
      {MTH_TAKES(ELLIPSIS), "\"(Ellipsis,)\""},
      {MTH_TAKES(MODEL), "a model"},
      {MTH_TAKES(NONE), "null"},
  };
  size_t used = 0;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds && used < text_bytes; i++)
    if (takes & kinds[i].bits)
      used += (size_t)snprintf(text + used, text_bytes - used, "%s%s", used ? ", or " : "",
                               kinds[i].name);
}

// Does the model layer make one of these kinds of such a value?
static bool is_taken(uint32_t takes, mth_arg_kind kind) {
  const uint32_t integers = MTH_TAKES(INTS) | MTH_TAKES(DIMS);
  if (takes & (uint32_t)1 << kind) return true;
  if (kind == MTH_ARG_INT) return takes & (integers | MTH_TAKES(FLOAT) | MTH_TAKES(DIM));
  if (kind == MTH_ARG_INTS || kind == MTH_ARG_DIMS) return takes & (integers | MTH_TAKES(TUPLE));
  return kind == MTH_ARG_DIM && (takes & (MTH_TAKES(INT) | MTH_TAKES(DIMS)));
}

static mth_status read_count(making *m, const json_t *value, const mth_json_place *place) {
  if (!json_is_integer(value) || json_integer_value(value) < 0 ||
      json_integer_value(value) > mth_json_most_parts)
    return mth_json_fail(m->reading, MTH_INVALID, place,
                         "wants the number of parts, 0 to %d, found %s", (int)mth_json_most_parts,
                         json_is_integer(value) ? "another" : mth_json_kind(value));
  m->part_count = (size_t)json_integer_value(value);
  return MTH_OK;
}

// Reads what the class takes; what is a key of the model is left for state_keys.
static mth_status read_arg(making *m, const json_t *args, const char *given, const json_t *value) {
  const mth_json_place *place = MTH_JSON_KEY(m->args_place, given);
  const char *key = native_name(m, args, given);
  bool is_count;
  const uint32_t takes = find_parameter(m, key, &is_count);
  if (strcmp(given, "name") == 0 || !takes || is_descriptor(value)) return MTH_OK;
  if (is_count) return read_count(m, value, place);
  mth_arg *arg = &m->args[m->arg_count];
  MTH_TRY(mth_json_read_arg(m->reading, value, place, takes, arg));
  if (!is_taken(takes, arg->kind)) {
    char wanted[128] = "";
    add_kinds(takes, wanted, sizeof wanted);
    return mth_json_fail(m->reading, MTH_INVALID, place, "wants %s; found %s", wanted,
                         mth_json_kind(value));
  }
  arg->key = key;
  m->arg_count += 1;
  return MTH_OK;
}

static bool is_given(const making *m, const char *key) {
  for (size_t i = 0; i < m->arg_count; i++)
    if (strcmp(m->args[i].key, key) == 0) return true;
  return false;
}

static mth_status read_args(making *m, const json_t *args) {
  const char *key;
  json_t *value;
  const size_t most = json_object_size(args) + mth_json_default_count();
  m->args = MTH_NEW_ARRAY(&m->reading->arena, mth_arg, most);
  if (!m->args) return MTH_NO_MEMORY;
  json_object_foreach((json_t *)(uintptr_t)args, key, value) MTH_TRY(read_arg(m, args, key, value));
  for (size_t i = 0; i < mth_json_default_count(); i++) {
    const mth_json_default *row = mth_json_default_get(i);
    if (row->instead_of || strcasecmp(row->class_name, m->name) != 0 || is_given(m, row->arg))
      continue;
    m->args[m->arg_count] = row->value;
    m->args[m->arg_count++].key = row->arg;
  }
  return MTH_OK;
}

// ---- keys of the model among the arguments
// -------------------------------------------------------

static mth_status state_descriptor(making *m, const json_t *value, const mth_json_place *place,
                                   mth_connection *key) {
  static const char *const members[] = {"shape_template", "type", "value",
                                        "differentiable", "name", NULL};
  const json_t *shape, *type = json_object_get(value, "type");
  mth_json_reading *r = m->reading;
  MTH_TRY(mth_json_check_members(r, value, place, members));
  MTH_TRY(mth_json_member(r, value, place, "shape_template", JSON_ARRAY, &shape));
  if (shape) MTH_TRY(mth_json_set_shape(r, shape, MTH_JSON_KEY(place, "shape_template"), key));
  if (type) MTH_TRY(mth_json_set_type(r, type, MTH_JSON_KEY(place, "type"), key));
  const json_t *differentiable = json_object_get(value, "differentiable");
  if (differentiable)
    MTH_TRY(
        mth_json_set_differentiable(r, differentiable, MTH_JSON_KEY(place, "differentiable"), key));
  const json_t *held = json_object_get(value, "value");
  return held ? mth_json_set_value(r, held, MTH_JSON_KEY(place, "value"), key) : MTH_OK;
}

static mth_status state_key(making *m, const json_t *args, const char *given, const json_t *value,
                            const mth_model *model) {
  const mth_json_place *place = MTH_JSON_KEY(m->args_place, given);
  bool is_count;
  const bool is_parameter = find_parameter(m, native_name(m, args, given), &is_count);
  if (strcmp(given, "name") == 0 || (is_parameter && !is_descriptor(value))) return MTH_OK;
  mth_connection *key = mth_model_find(model, mth_json_native_name(m->name, given));
  if (!key || !mth_connection_is_named(key))
    return mth_json_fail(m->reading, MTH_INVALID, place,
                         "'%.80s' is neither an argument nor a key of %s", given, m->name);
  if (is_descriptor(value) && !json_object_get(value, "tensor"))
    return state_descriptor(m, value, place, key);
  return mth_json_set_value(m->reading, value, place, key);
}

// ---- making -------------------------------------------------------------------------------------

static mth_status create(making *m, mth_model **out_model) {
  mth_context *context = m->reading->context;
  if (!m->op)
    return mth_model_create_class(context, m->class_->name, m->args, m->arg_count, out_model);
  const char *name = m->op->model ? m->op->model : m->op->name;
  return m->part_count == SIZE_MAX
             ? mth_model_create_op(context, name, m->args, m->arg_count, out_model)
             : mth_model_create_op_of(context, name, m->part_count, m->args, m->arg_count,
                                      out_model);
}

static mth_status make(making *m, const json_t *args, const mth_json_place *place,
                       mth_model **out_model) {
  mth_model *model = NULL;
  const char *key;
  json_t *value;
  MTH_TRY(read_args(m, args));
  MTH_TRY(mth_json_forward(m->reading, json_object_size(args) ? m->args_place : place,
                           create(m, &model)));
  MTH_TRY(mth_json_keep(m->reading, model));
  json_object_foreach((json_t *)(uintptr_t)args, key, value)
      MTH_TRY(state_key(m, args, key, value, model));
  *out_model = model;
  return MTH_OK;
}

// "tuples" and "enums" only spell out what arguments are; they are checked for what they name.
static mth_status check_spellings(mth_json_reading *reading, const json_t *object,
                                  const json_t *args, const mth_json_place *place) {
  const json_t *tuples, *enums;
  const char *key;
  json_t *value;
  MTH_TRY(mth_json_member(reading, object, place, "tuples", JSON_ARRAY, &tuples));
  MTH_TRY(mth_json_member(reading, object, place, "enums", JSON_OBJECT, &enums));
  for (size_t i = 0; i < json_array_size(tuples); i++)
    if (!json_is_string(json_array_get(tuples, i)))
      return mth_json_fail(reading, MTH_INVALID, MTH_JSON_INDEX(MTH_JSON_KEY(place, "tuples"), i),
                           "wants the name of an argument, found %s",
                           mth_json_kind(json_array_get(tuples, i)));
  json_object_foreach((json_t *)(uintptr_t)enums, key, value) {
    const mth_json_place *at = MTH_JSON_KEY(MTH_JSON_KEY(place, "enums"), key);
    if (!json_is_string(json_object_get(args, key)))
      return mth_json_fail(reading, MTH_INVALID, at, "wants an argument that is a string, found %s",
                           mth_json_kind(json_object_get(args, key)));
    if (!json_is_string(value) || strcmp(json_string_value(value), "PaddingType") != 0)
      return mth_json_fail(reading, MTH_UNSUPPORTED, at, "wants \"PaddingType\", found %s",
                           json_is_string(value) ? json_string_value(value) : mth_json_kind(value));
  }
  return MTH_OK;
}

static mth_status make_composite(mth_json_reading *reading, const json_t *object,
                                 const json_t *args, const mth_json_place *place,
                                 mth_model **out_model) {
  static const char *const members[] = {"name", NULL};
  const json_t *kind;
  mth_model *model = NULL;
  MTH_TRY(mth_json_check_members(reading, args, MTH_JSON_KEY(place, "args"), members));
  MTH_TRY(mth_json_member(reading, object, place, "class", JSON_STRING, &kind));
  MTH_TRY(mth_json_forward(reading, kind ? MTH_JSON_KEY(place, "class") : place,
                           mth_model_create(reading->context, json_string_value(kind), &model)));
  MTH_TRY(mth_json_keep(reading, model));
  *out_model = model;
  return MTH_OK;
}

mth_status mth_json_child_name(mth_json_reading *reading, const json_t *object,
                               const mth_json_place *place, const char **out_name) {
  const json_t *name = json_object_get(json_object_get(object, "args"), "name");
  *out_name = json_string_value(name);
  if (!name || json_is_null(name) || json_is_string(name)) return MTH_OK;
  return mth_json_fail(reading, MTH_INVALID, MTH_JSON_KEY(MTH_JSON_KEY(place, "args"), "name"),
                       "wants a string, found %s", mth_json_kind(name));
}

mth_status mth_json_make(mth_json_reading *reading, const json_t *object,
                         const mth_json_place *place, mth_model **out_model) {
  const bool is_name = json_is_string(object);
  const json_t *name = object, *args = NULL;
  const char *own_name; // of a child; checked here, wherever the model stands
  if (!is_name) MTH_TRY(mth_json_member(reading, object, place, "name", JSON_STRING, &name));
  if (!name)
    return mth_json_fail(reading, MTH_INVALID, place, "a model wants a name, the one of its class");
  if (!is_name) MTH_TRY(mth_json_member(reading, object, place, "args", JSON_OBJECT, &args));
  MTH_TRY(mth_json_child_name(reading, object, place, &own_name));
  MTH_TRY(check_spellings(reading, object, args, place));
  making m = {.reading = reading,
              .name = json_string_value(name),
              .args_place = MTH_JSON_KEY(place, "args"),
              .part_count = SIZE_MAX};
  if (strcasecmp(m.name, "Model") == 0)
    return make_composite(reading, object, args, place, out_model);
  m.class_ = mth_find_class(reading->context, m.name);
  m.op = m.class_ ? NULL : find_op(reading->context, m.name);
  if (!m.class_ && !m.op)
    return refuse_class(reading, m.name, is_name ? place : MTH_JSON_KEY(place, "name"));
  return make(&m, args, place, out_model);
}
