// mlir_writer_body.c: logical models as `mithril.model` functions.
//
// A value of the function being written is found through its net: `epoch` tells that the net has a
// value in this function, `value_index` and `result_index` which. Composites inside are written
// before, so one body at a time is open.
#include "frontend/mlir_writer_body.h"

#include "frontend/mlir_writer_args.h"
#include "frontend/mlir_writer_needs.h"
#include "frontend/mlir_writer_text.h"
#include "frontend/mlir_writer_types.h"
#include "frontend/mlir_writer_value.h"
#include "ir/model_core.h"

#include <inttypes.h>
#include <string.h>

// ---- types and values ---------------------------------------------------------------------------

// Is a symbol without a name the dim of an input whose shape is stated?
static bool is_shaped(const mth_mlir_writer *writer, const mth_dim *symbol) {
  for (size_t i = 0; i < writer->shaped_count; i++)
    for (int32_t axis = 0; axis < mth_connection_rank(writer->shaped[i]); axis++) {
      const mth_dim *dim = NULL;
      if (mth_net_dim(writer->shaped[i], axis, &dim) == MTH_OK && dim == symbol) return true;
    }
  return false;
}

bool mth_mlir_is_decided(const mth_mlir_writer *writer, const mth_dim *dim) {
  if (mth_dim_is_symbol(dim)) return mth_dim_name(dim)[0] != '?' || is_shaped(writer, dim);
  for (size_t i = 0; i < mth_dim_operand_count(dim); i++)
    if (!mth_mlir_is_decided(writer, mth_dim_operand(dim, i))) return false;
  return true;
}

// The type for an outline: unknown altogether (rank -1) if one dim is.
static mth_status type_so_far(mth_mlir_writer *writer, const mth_connection *connection,
                              mth_type *type, mth_type *out_type) {
  const mth_dim **dims = NULL;
  if (type->rank >= 0) {
    dims = MTH_NEW_ARRAY(writer->arena, const mth_dim *, (size_t)type->rank);
    if (!dims) return MTH_NO_MEMORY;
  }
  for (int32_t i = 0; i < type->rank; i++) {
    MTH_TRY(mth_net_dim(connection, i, &dims[i]));
    if (!mth_mlir_is_decided(writer, dims[i])) type->rank = -1;
  }
  if (type->rank < 0 || type->dtype == MTH_DTYPE_NONE) writer->outline->is_late = true;
  type->dims = dims;
  *out_type = *type;
  return MTH_OK;
}

// The type of a value as a tensor.
static mth_status type_of_value(mth_mlir_writer *writer, const mth_connection *connection,
                                mth_type *out_type) {
  const mth_arg *value = mth_connection_value(connection);
  char where[256];
  if (value && mth_mlir_is_tensor(writer, value))
    return mth_mlir_value_type(writer, value, out_type);
  if (!writer->outline)
    return mth_fail(MTH_INVALID, mth_connection_at(connection, where, sizeof where),
                    "its value can not be a tensor: it is not known, or holds no numbers");
  writer->outline->is_late = true;
  *out_type = (mth_type){MTH_DTYPE_NONE, -1, NULL};
  return MTH_OK;
}

mth_status mth_mlir_type_of(mth_mlir_writer *writer, const mth_connection *connection,
                            mth_type *out_type) {
  char where[256];
  const mth_location at = mth_connection_at(connection, where, sizeof where);
  if (!mth_net_of(connection)->is_tensor) return type_of_value(writer, connection, out_type);
  const mth_family families = mth_connection_families(connection);
  mth_type type = {.rank = mth_connection_rank(connection)};
  if (families == MTH_FAMILY_FLOAT) type.dtype = writer->float_dtype;
  if (families == MTH_FAMILY_INT) type.dtype = writer->int_dtype;
  if (families == MTH_FAMILY_BOOL) type.dtype = MTH_BOOL;
  if (writer->outline) return type_so_far(writer, connection, &type, out_type);
  if (type.dtype == MTH_DTYPE_NONE)
    return mth_fail(MTH_INTERNAL, at, "its element type is not decided");
  if (type.rank < 0) {
    mth_text shape = MTH_TEXT_INIT(writer->context->allocator);
    mth_connection_shape_text(connection, &shape);
    const mth_status status =
        mth_fail(MTH_INVALID, at, "its shape is not known: %s; give shapes of the inputs",
                 mth_text_get(&shape));
    mth_text_deinit(&shape);
    return status;
  }
  const mth_dim **dims = MTH_NEW_ARRAY(writer->arena, const mth_dim *, (size_t)type.rank);
  if (!dims) return MTH_NO_MEMORY;
  for (int32_t i = 0; i < type.rank; i++) {
    MTH_TRY(mth_net_dim(connection, i, &dims[i]));
    if (!mth_mlir_is_decided(writer, dims[i]))
      return mth_fail(MTH_INVALID, at,
                      "its dim %" PRId32 " is not known; give shapes of the inputs", i);
  }
  type.dims = dims;
  *out_type = type;
  return MTH_OK;
}

void mth_mlir_add_type(mth_mlir_writer *writer, const mth_type *type) {
  mth_mlir_type(writer->text, mth_context_dims(writer->context), type);
}

typedef struct body {
  mth_mlir_writer *writer;
  const char *symbol, *path;
  size_t epoch, value_count;
} body;

static void bind(const body *body, mth_net *net, size_t value_index, size_t result_index) {
  net->epoch = body->epoch;
  net->value_index = value_index;
  net->result_index = result_index;
}

static void add_value(const body *body, const mth_net *net) {
  mth_text_add(body->writer->text, "%%%zu", net->value_index);
  if (net->result_index) mth_text_add(body->writer->text, "#%zu", net->result_index - 1);
}

static void add_elements(mth_text *text, mth_dtype dtype, const mth_constant *constant, size_t axis,
                         size_t *index) {
  if (axis < constant->rank) {
    mth_text_add(text, "[");
    for (int64_t i = 0; i < constant->extents[axis]; i++) {
      if (i) mth_text_add(text, ", ");
      add_elements(text, dtype, constant, axis + 1, index);
    }
    mth_text_add(text, "]");
    return;
  }
  const size_t i = (*index)++;
  if (constant->named)
    mth_mlir_number(text, dtype, mth_named_number_value(constant->named, dtype));
  else if (constant->dtype == MTH_F64)
    mth_mlir_number(text, dtype, ((const double *)constant->data)[i]);
  else if (constant->dtype == MTH_BOOL)
    mth_mlir_number(text, dtype, ((const unsigned char *)constant->data)[i]);
  else if (dtype == MTH_F16 || dtype == MTH_BF16 || dtype == MTH_F32 || dtype == MTH_F64)
    mth_mlir_number(text, dtype, (double)((const int64_t *)constant->data)[i]);
  else
    mth_text_add(text, "%" PRId64, ((const int64_t *)constant->data)[i]);
}

static bool is_empty(const mth_constant *constant) {
  for (size_t i = 0; i < constant->rank; i++)
    if (constant->extents[i] == 0) return true;
  return false;
}

static void add_location(const body *body, const char *name) {
  mth_text *text = body->writer->text;
  mth_text_add(text, " loc(\"%s%s%s\")\n", body->path, name ? "." : "", name ? name : "");
}

// Writes `value`, which is what the net of `made` holds.
static mth_status write_value(body *body, const mth_connection *made, const mth_connection *from) {
  const mth_arg *value = mth_connection_value(from);
  mth_net *net = mth_net_of(made);
  char where[256];
  mth_type type;
  MTH_TRY(mth_mlir_type_of(body->writer, made, &type));
  bind(body, net, body->value_count++, 0);
  if (!value || !mth_mlir_is_tensor(body->writer, value)) {
    if (body->writer->outline) {
      body->writer->outline->is_late = true;
      return MTH_OK;
    }
    return mth_fail(MTH_INVALID, mth_connection_at(from, where, sizeof where),
                    "its value can not be a tensor: it is not known, or holds no numbers");
  }
  mth_text_add(body->writer->text, "    %%%zu = ", net->value_index);
  MTH_TRY(mth_mlir_add_value(body->writer, value, &type));
  add_location(body, made->model->name);
  return MTH_OK;
}

// Makes sure that the net of an operand has a value: a constant is written where it is first used.
static mth_status need(body *body, const mth_connection *operand) {
  mth_net *net = mth_net_of(operand);
  if (net->epoch == body->epoch) return MTH_OK;
  if (!net->is_tensor) return write_value(body, operand, operand);
  char where[256];
  if (!net->constant)
    return mth_fail(MTH_INTERNAL, mth_connection_at(operand, where, sizeof where),
                    "it has no value in '%s'", body->symbol);
  mth_type type;
  MTH_TRY(mth_mlir_type_of(body->writer, operand, &type));
  mth_text *text = body->writer->text;
  size_t index = 0;
  bind(body, net, body->value_count++, 0);
  mth_text_add(text, "    %%%zu = mithril.constant dense<", net->value_index);
  if (!is_empty(net->constant)) add_elements(text, type.dtype, net->constant, 0, &index);
  mth_text_add(text, "> : ");
  mth_mlir_add_type(body->writer, &type);
  add_location(body, operand->model->name);
  return MTH_OK;
}

// ---- casts --------------------------------------------------------------------------------------

// An operand or a result as its op takes or gives it.
typedef struct port {
  size_t value_index, result_index;
  mth_type type;
} port;

typedef struct ports {
  port *operands, *results;
} ports;

static mth_status find_ports(const body *body, const mth_model *model, ports *out) {
  const size_t count = model->operand_count + model->result_count;
  mth_type *types = MTH_NEW_ARRAY(body->writer->arena, mth_type, count);
  port *all = MTH_NEW_ARRAY(body->writer->arena, port, count);
  if (!types || !all) return MTH_NO_MEMORY;
  MTH_TRY(mth_mlir_find_types(body->writer, model, types));
  for (size_t i = 0; i < count; i++)
    all[i].type = types[i];
  *out = (ports){all, all + model->operand_count};
  return MTH_OK;
}

// Writes "%n = mithril.cast <value> ..." and gives n.
static size_t write_cast(body *body, const port *from, mth_dtype wanted, const char *name) {
  mth_text *text = body->writer->text;
  mth_type type = from->type;
  mth_text_add(text, "    %%%zu = mithril.cast %%%zu", body->value_count, from->value_index);
  if (from->result_index) mth_text_add(text, "#%zu", from->result_index - 1);
  mth_text_add(text, " {dtype = %s} : (", mth_dtype_get(wanted)->mlir);
  mth_mlir_add_type(body->writer, &type);
  mth_text_add(text, ") -> ");
  type.dtype = wanted;
  mth_mlir_add_type(body->writer, &type);
  add_location(body, name);
  return body->value_count++;
}

// The value of an operand as its op takes it.
static mth_status prepare_operand(body *body, const mth_model *model, size_t index, port *port) {
  const mth_connection *key = model->op_keys[index];
  mth_type type;
  MTH_TRY(need(body, key));
  MTH_TRY(mth_mlir_type_of(body->writer, key, &type));
  const mth_dtype wanted = port->type.dtype;
  port->value_index = mth_net_of(key)->value_index;
  port->result_index = mth_net_of(key)->result_index;
  if (wanted == type.dtype) return MTH_OK;
  port->type.dtype = type.dtype;
  port->value_index = write_cast(body, port, wanted, model->name);
  port->result_index = 0;
  port->type.dtype = wanted;
  return MTH_OK;
}

// The result of an op as the model has it.
static mth_status finish_result(body *body, const mth_model *model, size_t index, port *port) {
  mth_net *net = mth_net_of(model->op_keys[model->operand_count + index]);
  mth_type type;
  MTH_TRY(mth_mlir_type_of(body->writer, model->op_keys[model->operand_count + index], &type));
  port->value_index = net->value_index;
  port->result_index = net->result_index;
  if (type.dtype != port->type.dtype)
    bind(body, net, write_cast(body, port, type.dtype, model->name), 0);
  return MTH_OK;
}

// ---- lists --------------------------------------------------------------------------------------

// "(%0, %3#1)"
static void add_operands(const body *body, mth_connection *const *operands, size_t count) {
  mth_text_add(body->writer->text, "(");
  for (size_t i = 0; i < count; i++) {
    if (i) mth_text_add(body->writer->text, ", ");
    add_value(body, mth_net_of(operands[i]));
  }
  mth_text_add(body->writer->text, ")");
}

static mth_status add_types(const body *body, mth_connection *const *connections, size_t count) {
  for (size_t i = 0; i < count; i++) {
    mth_type type;
    if (i) mth_text_add(body->writer->text, ", ");
    MTH_TRY(mth_mlir_type_of(body->writer, connections[i], &type));
    mth_mlir_add_type(body->writer, &type);
  }
  return MTH_OK;
}

// " : (types) -> types"
static mth_status add_function_type(const body *body, mth_connection *const *operands,
                                    size_t operand_count, mth_connection *const *results,
                                    size_t result_count) {
  mth_text *text = body->writer->text;
  mth_text_add(text, " : (");
  MTH_TRY(add_types(body, operands, operand_count));
  mth_text_add(text, result_count == 1 ? ") -> " : ") -> (");
  MTH_TRY(add_types(body, results, result_count));
  if (result_count != 1) mth_text_add(text, ")");
  return MTH_OK;
}

// "    %4 = " or "    %4:2 = "; the results have values from now on.
static void add_results(body *body, mth_connection *const *results, size_t count) {
  const size_t index = body->value_count++;
  mth_text_add(body->writer->text, "    %%%zu", index);
  if (count > 1) mth_text_add(body->writer->text, ":%zu", count);
  mth_text_add(body->writer->text, " = ");
  for (size_t i = 0; i < count; i++)
    bind(body, mth_net_of(results[i]), index, count > 1 ? i + 1 : 0);
}

// ---- ops ----------------------------------------------------------------------------------------

// An op of values: its results are what the solver knows, and as a tensor its first argument.
static mth_status write_value_op(body *body, const mth_model *model) {
  const mth_connection *first = NULL;
  for (size_t i = 0; i < model->connections.count && !first; i++)
    if (!mth_net_of(model->connections.items[i])->is_tensor) first = model->connections.items[i];
  for (size_t i = 0; i < model->result_count; i++)
    MTH_TRY(write_value(body, model->op_keys[model->operand_count + i], first));
  return MTH_OK;
}

// An op whose list has no length yet; in an outline it waits.
static mth_status refuse_open(body *body, const mth_model *model) {
  char where[256];
  mth_connection *result = model->connections.items[0];
  for (size_t i = 0; i < model->connections.count; i++) {
    mth_connection *key = model->connections.items[i];
    if (key->is_produced) result = key;
    if (mth_net_of(key)->is_list && !body->writer->outline)
      return mth_fail(MTH_INVALID, mth_connection_at(key, where, sizeof where),
                      "the length of the list is not known");
  }
  body->writer->outline->is_late = true;
  add_results(body, &result, 1);
  return MTH_OK;
}

static mth_status write_op(body *body, const mth_model *model) {
  mth_text *text = body->writer->text;
  mth_connection *const *results = model->op_keys + model->operand_count;
  const size_t result_count = model->result_count;
  if (model->is_list_open) return refuse_open(body, model);
  if (model->op->category == MTH_CATEGORY_VALUE) return write_value_op(body, model);
  const bool builtin = mth_registry_is_builtin(body->writer->context->registry, model->op);
  ports ports;
  MTH_TRY(find_ports(body, model, &ports));
  for (size_t i = 0; i < model->operand_count; i++)
    MTH_TRY(prepare_operand(body, model, i, &ports.operands[i]));
  add_results(body, results, result_count);
  if (builtin)
    mth_text_add(text, "mithril.%s ", model->op->name);
  else
    mth_text_add(text, "mithril.custom \"%s\" (", model->op->name);
  for (size_t i = 0; i < model->operand_count; i++) {
    mth_text_add(text, "%s%%%zu", i ? ", " : "", ports.operands[i].value_index);
    if (ports.operands[i].result_index)
      mth_text_add(text, "#%zu", ports.operands[i].result_index - 1);
  }
  if (!builtin) mth_text_add(text, ")");
  MTH_TRY(mth_mlir_add_arguments(body->writer, model));
  mth_text_add(text, " : (");
  for (size_t i = 0; i < model->operand_count; i++) {
    if (i) mth_text_add(text, ", ");
    mth_mlir_add_type(body->writer, &ports.operands[i].type);
  }
  mth_text_add(text, result_count == 1 ? ") -> " : ") -> (");
  for (size_t i = 0; i < result_count; i++) {
    if (i) mth_text_add(text, ", ");
    mth_mlir_add_type(body->writer, &ports.results[i].type);
  }
  if (result_count != 1) mth_text_add(text, ")");
  add_location(body, model->name);
  for (size_t i = 0; i < result_count; i++)
    MTH_TRY(finish_result(body, model, i, &ports.results[i]));
  return MTH_OK;
}

// ---- what is open -------------------------------------------------------------------------------

// Rules of the needed ops, in the order of children; without `rules` only counts.
static size_t collect_rules(const mth_model *model, size_t epoch, mth_rule_id *rules) {
  size_t count = 0;
  if (model->epoch != epoch) return 0;
  if (model->is_list_open) return 0;
  if (model->op) {
    if (rules) rules[0] = model->rule;
    return 1;
  }
  for (size_t i = 0; i < model->children.count; i++)
    count += collect_rules(model->children.items[i], epoch, rules ? rules + count : NULL);
  return count;
}

// A needed op that takes several tensors and was given none, so that it is not known how many.
static const mth_model *find_open_list(const mth_model *model, size_t epoch) {
  if (model->epoch != epoch) return NULL;
  if (model->op) return model->is_list_open ? model : NULL;
  for (size_t i = 0; i < model->children.count; i++) {
    const mth_model *found = find_open_list(model->children.items[i], epoch);
    if (found) return found;
  }
  return NULL;
}

static mth_status decide(mth_mlir_writer *writer, const mth_model *model, size_t epoch) {
  char where[256];
  const mth_model *open = find_open_list(model, epoch);
  if (open)
    return mth_fail(MTH_INVALID, mth_model_at(open, where, sizeof where),
                    "it is not known how many tensors '%s' takes", mth_op_model_list_key(open));
  const size_t count = collect_rules(model, epoch, NULL);
  mth_rule_id *rules = MTH_NEW_ARRAY(writer->arena, mth_rule_id, count);
  if (!rules) return MTH_NO_MEMORY;
  collect_rules(model, epoch, rules);
  MTH_TRY(mth_solver_decide(writer->context->solver, count, rules,
                            mth_model_at(model, where, sizeof where)));
  return mth_mlir_decide_bits(writer, model, epoch);
}

static bool is_argument(const mth_connection *c, size_t epoch) {
  const mth_net *net = mth_net_of(c);
  return !c->is_produced && net->is_tensor && !net->constant && net->needed_epoch == epoch;
}

static bool is_result(const mth_connection *c, size_t epoch) {
  const mth_net *net = mth_net_of(c);
  return c->is_produced && c->outer && net->is_tensor && net->needed_epoch == epoch;
}

// Does the program get a tensor from it? Of some models it needs values alone.
static bool gives_tensors(const mth_model *child, size_t epoch) {
  for (size_t i = 0; i < child->connections.count; i++)
    if (is_result(child->connections.items[i], epoch)) return true;
  return false;
}

static mth_status make_signature(mth_mlir_writer *writer, const mth_model *model, size_t epoch,
                                 mth_mlir_signature *out) {
  const size_t count = model->connections.count;
  *out = (mth_mlir_signature){.arguments = MTH_NEW_ARRAY(writer->arena, mth_connection *, count),
                              .results = MTH_NEW_ARRAY(writer->arena, mth_connection *, count)};
  if (!out->arguments || !out->results) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; i++) {
    mth_connection *c = model->connections.items[i];
    if (is_argument(c, epoch)) out->arguments[out->argument_count++] = c;
    if (is_result(c, epoch)) out->results[out->result_count++] = c;
  }
  return MTH_OK;
}

// ---- functions ----------------------------------------------------------------------------------

static mth_status write_function(body *body, const mth_model *model,
                                 const mth_mlir_signature *signature, size_t needed);

static mth_status write_composites(mth_mlir_writer *writer, const mth_model *model,
                                   const char *symbol, const char *path, size_t needed) {
  for (size_t i = 0; i < model->children.count; i++) {
    const mth_model *child = model->children.items[i];
    if (child->op || child->epoch != needed || !gives_tensors(child, needed)) continue;
    body inner = {.writer = writer,
                  .symbol = mth_arena_format(writer->arena, "%s.%s", symbol, child->name),
                  .path = mth_arena_format(writer->arena, "%s.%s", path, child->name)};
    mth_mlir_signature signature;
    if (!inner.symbol || !inner.path) return MTH_NO_MEMORY;
    MTH_TRY(make_signature(writer, child, needed, &signature));
    MTH_TRY(write_function(&inner, child, &signature, needed));
  }
  return MTH_OK;
}

static mth_status write_instance(body *body, const mth_model *child, size_t needed) {
  mth_text *text = body->writer->text;
  mth_mlir_signature signature;
  MTH_TRY(make_signature(body->writer, child, needed, &signature));
  add_results(body, signature.results, signature.result_count);
  mth_text_add(text, "mithril.instance @%s.%s \"%s\" ", body->symbol, child->name, child->name);
  add_operands(body, signature.arguments, signature.argument_count);
  MTH_TRY(add_function_type(body, signature.arguments, signature.argument_count, signature.results,
                            signature.result_count));
  add_location(body, child->name);
  return MTH_OK;
}

static bool is_ready(const body *body, const mth_model *child, size_t needed) {
  for (size_t i = 0; i < child->connections.count; i++) {
    const mth_connection *c = child->connections.items[i];
    if (is_argument(c, needed) && mth_net_of(c)->epoch != body->epoch) return false;
  }
  return true;
}

// Children in their order; one whose operands are made by a later one waits for it.
static mth_status write_children(body *body, const mth_model *model, size_t needed) {
  const size_t done = ++body->writer->context->epoch;
  for (bool waiting = true, moved = true; waiting;) {
    if (!moved) return MTH_INTERNAL; // a cycle, which composing refuses
    waiting = moved = false;
    for (size_t i = 0; i < model->children.count; i++) {
      mth_model *child = model->children.items[i];
      if (child->epoch != needed) continue;
      if (!is_ready(body, child, needed)) {
        waiting = true;
        continue;
      }
      if (child->op)
        MTH_TRY(write_op(body, child));
      else if (gives_tensors(child, needed))
        MTH_TRY(write_instance(body, child, needed));
      child->epoch = done;
      moved = true;
    }
  }
  return MTH_OK;
}

// An output that is also a new state is a result twice.
static bool is_repeated(const mth_mlir_signature *signature, size_t result) {
  for (size_t i = 0; i < result; i++)
    if (signature->results[i] == signature->results[result]) return true;
  return false;
}

static mth_status write_function(body *body, const mth_model *model,
                                 const mth_mlir_signature *signature, size_t needed) {
  mth_mlir_writer *writer = body->writer;
  mth_text *text = writer->text;
  MTH_TRY(write_composites(writer, model, body->symbol, body->path, needed));
  body->epoch = ++writer->context->epoch;
  mth_text_add(text, "  mithril.model @%s(", body->symbol);
  for (size_t i = 0; i < signature->argument_count; i++) {
    bind(body, mth_net_of(signature->arguments[i]), body->value_count++, 0);
    mth_text_add(text, "%s%%%zu: ", i ? ", " : "", i);
    MTH_TRY(add_types(body, &signature->arguments[i], 1));
    mth_text_add(text, " {mithril.port = \"%s\"}", signature->arguments[i]->key);
  }
  mth_text_add(text, ") -> (");
  for (size_t i = 0; i < signature->result_count; i++) {
    if (i) mth_text_add(text, ", ");
    MTH_TRY(add_types(body, &signature->results[i], 1));
    mth_text_add(text, " {mithril.port = \"%s%s\"}", signature->results[i]->key,
                 is_repeated(signature, i) ? ".state" : "");
  }
  mth_text_add(text, ") {\n");
  MTH_TRY(model->op ? write_op(body, model) : write_children(body, model, needed));
  for (size_t i = 0; i < signature->result_count; i++)
    MTH_TRY(need(body, signature->results[i]));
  mth_text_add(text, "    mithril.return ");
  for (size_t i = 0; i < signature->result_count; i++) {
    if (i) mth_text_add(text, ", ");
    add_value(body, mth_net_of(signature->results[i]));
  }
  mth_text_add(text, " : ");
  MTH_TRY(add_types(body, signature->results, signature->result_count));
  mth_text_add(text, "\n  }\n");
  return text->status;
}

mth_status mth_mlir_write_model(mth_mlir_writer *writer, const mth_model *model, const char *symbol,
                                const char *path, mth_connection *const *results,
                                size_t result_count, mth_mlir_signature *out_signature) {
  const size_t needed = ++writer->context->epoch;
  body body = {.writer = writer, .symbol = symbol, .path = path};
  MTH_TRY(mth_mlir_mark_needed(writer, model, needed, results, result_count));
  MTH_TRY(decide(writer, model, needed));
  MTH_TRY(make_signature(writer, model, needed, out_signature));
  out_signature->result_count = result_count;
  for (size_t i = 0; i < result_count; i++)
    out_signature->results[i] = results[i];
  return write_function(&body, model, out_signature, needed);
}
