// evaluate.c: from a model and arrays to outputs and gradients.
#include "test/conformance/evaluate.h"

#include <string.h>

named_tensor *tensor_list_find(const tensor_list *list, const char *name) {
  for (size_t i = 0; i < list->count; ++i)
    if (strcmp(list->items[i].name, name) == 0) return &list->items[i];
  return NULL;
}

// ---- arrays at the border -----------------------------------------------------------------------

static mth_dtype dtype_of(suite_kind kind) {
  return kind == SUITE_FLOAT ? MTH_F64 : kind == SUITE_INT ? MTH_I64 : MTH_BOOL;
}

static size_t bytes_of(mth_dtype dtype) { return mth_dtype_get(dtype)->bits / 8; }

// A copy of `tensor` in elements of `dtype`. NULL without memory.
static DLTensor *to_border(mth_arena *arena, const suite_tensor *tensor, mth_dtype dtype) {
  const size_t bytes = bytes_of(dtype);
  DLTensor *const made = MTH_NEW(arena, DLTensor);
  char *const data = mth_arena_alloc(arena, tensor->count + 1, bytes < 8 ? 8 : bytes);
  int64_t *const shape = MTH_NEW_ARRAY(arena, int64_t, tensor->rank + 1);
  if (!made || !data || !shape) return NULL;
  for (size_t i = 0; i < tensor->count; ++i)
    mth_element_store(dtype, tensor->values[i], data + i * bytes);
  memcpy(shape, tensor->extents, tensor->rank * sizeof *shape);
  *made = mth_tensor_make(dtype, (int32_t)tensor->rank, shape, data);
  return made;
}

static mth_status from_border(mth_arena *arena, const DLTensor *tensor, suite_tensor *out) {
  const mth_dtype dtype = mth_tensor_dtype(tensor);
  const mth_family family = mth_dtype_get(dtype)->family;
  const suite_kind kind = family == MTH_FAMILY_FLOAT ? SUITE_FLOAT
                          : family == MTH_FAMILY_INT ? SUITE_INT
                                                     : SUITE_BOOL;
  if (!suite_tensor_make(arena, kind, (size_t)tensor->ndim, tensor->shape, out))
    return MTH_NO_MEMORY;
  const char *const data = mth_tensor_data(tensor);
  for (size_t i = 0; i < out->count; ++i)
    out->values[i] = mth_element_load(dtype, data + i * bytes_of(dtype));
  return MTH_OK;
}

// ---- binding ------------------------------------------------------------------------------------

typedef struct run {
  const evaluation_request *request;
  mth_arena *arena;
  mth_program *program;
  const evaluation *known; // outputs, once they are
} run;

static const char *without_suffix(mth_arena *arena, const char *name, const char *suffix) {
  const size_t length = strlen(name), tail = strlen(suffix);
  if (length <= tail || strcmp(name + length - tail, suffix) != 0) return NULL;
  return mth_arena_copy_text(arena, name, length - tail);
}

// The cotangent of an output: given, or zeros of the output's shape.
static mth_status find_cotangent(const run *run, const char *port, suite_tensor *out) {
  const char *const output = without_suffix(run->arena, port, "_gradient");
  const named_tensor *const given =
      output ? tensor_list_find(&run->request->cotangents, output) : NULL;
  const named_tensor *const value = output ? tensor_list_find(&run->known->outputs, output) : NULL;
  if (given) {
    *out = given->tensor;
    return MTH_OK;
  }
  if (!value) return MTH_INVALID;
  const suite_tensor *const t = &value->tensor;
  return suite_tensor_make(run->arena, SUITE_FLOAT, t->rank, t->extents, out) ? MTH_OK
                                                                              : MTH_NO_MEMORY;
}

static mth_status bind_port(const run *run, mth_call *call, const mth_port_desc *port) {
  const named_tensor *const given = tensor_list_find(&run->request->inputs, port->name);
  suite_tensor tensor;
  if (given)
    tensor = given->tensor;
  else if (find_cotangent(run, port->name, &tensor) != MTH_OK)
    return MTH_OK; // the run will name what is missing
  const mth_dtype dtype =
      port->dtype == MTH_DTYPE_NONE ? dtype_of(tensor.kind) : (mth_dtype)port->dtype;
  DLTensor *const bound = to_border(run->arena, &tensor, dtype);
  return bound ? mth_call_bind(call, port->name, bound) : MTH_NO_MEMORY;
}

static mth_status add_result(const run *run, mth_call *call, const mth_port_desc *port,
                             const char *name, tensor_list *list) {
  const DLTensor *tensor = NULL;
  MTH_TRY(mth_call_output(call, port->name, &tensor));
  named_tensor *const item = &list->items[list->count];
  item->name = mth_arena_copy_text(run->arena, name, strlen(name)); // outlives the program
  if (!item->name) return MTH_NO_MEMORY;
  MTH_TRY(from_border(run->arena, tensor, &item->tensor));
  list->count += 1;
  return MTH_OK;
}

// Runs an entry; its outputs go to `outputs`, what ends in _gradient to `gradients`, if not NULL.
static mth_status run_entry(const run *run, const char *name, tensor_list *outputs,
                            tensor_list *gradients) {
  mth_call *call = NULL;
  const mth_call_options options = {.struct_bytes = sizeof options,
                                    .sink =
                                        mth_context_sink(mth_model_context(run->request->model))};
  MTH_TRY(mth_call_create(run->program, name, &options, &call));
  const mth_entry_desc *const entry =
      &mth_program_get_desc(run->program)->entries[mth_program_find_entry(run->program, name)];
  mth_status status = MTH_OK;
  for (int32_t i = 0; i < entry->port_count && status == MTH_OK; ++i)
    if (entry->ports[i].role != MTH_OUT) status = bind_port(run, call, &entry->ports[i]);
  if (status == MTH_OK) status = mth_call_run(call);
  for (int32_t i = 0; i < entry->port_count && status == MTH_OK; ++i) {
    const mth_port_desc *const port = &entry->ports[i];
    if (port->role != MTH_OUT) continue;
    const char *const of = gradients ? without_suffix(run->arena, port->name, "_gradient") : NULL;
    const bool is_gradient = of && tensor_list_find(&run->request->inputs, of);
    if (is_gradient)
      status = add_result(run, call, port, of, gradients);
    else if (outputs)
      status = add_result(run, call, port, port->name, outputs);
  }
  mth_call_destroy(call);
  return status;
}

static mth_status refuse(const run *run, const char *what, const char *name) {
  const mth_sink *const sink = mth_context_sink(mth_model_context(run->request->model));
  return mth_fail(MTH_INVALID, (mth_location){sink, name}, "there is no %s '%s'", what, name);
}

// A number for a key that is not there is a mistake of the file.
static mth_status check_inputs(const run *run) {
  const tensor_list *const list = &run->request->inputs;
  for (size_t i = 0; i < list->count; ++i)
    if (!mth_model_find(run->request->model, list->items[i].name))
      return refuse(run, "input", list->items[i].name);
  return MTH_OK;
}

static mth_status check_cotangents(const run *run) {
  const tensor_list *const list = &run->request->cotangents;
  for (size_t i = 0; i < list->count; ++i)
    if (!tensor_list_find(&run->known->outputs, list->items[i].name))
      return refuse(run, "output", list->items[i].name);
  return MTH_OK;
}

static mth_status make_list(mth_arena *arena, size_t most, tensor_list *out) {
  *out = (tensor_list){MTH_NEW_ARRAY(arena, named_tensor, most), 0};
  return out->items ? MTH_OK : MTH_NO_MEMORY;
}

static mth_status run_both(run *run, evaluation *out) {
  const size_t most = mth_model_connection_count(run->request->model) + 1;
  MTH_TRY(make_list(run->arena, most, &out->outputs));
  MTH_TRY(make_list(run->arena, most, &out->gradients));
  run->known = out;
  MTH_TRY(run_entry(run, "evaluate", &out->outputs, NULL));
  MTH_TRY(check_cotangents(run));
  if (run->request->is_inference) return MTH_OK;
  return run_entry(run, "gradients", NULL, &out->gradients);
}

// The numbers of a fixed input as a constant of the model.
static mth_status to_constant(mth_arena *arena, const suite_tensor *tensor, mth_constant *out) {
  const DLTensor *const border = to_border(arena, tensor, dtype_of(tensor->kind));
  if (!border) return MTH_NO_MEMORY;
  *out = (mth_constant){.dtype = dtype_of(tensor->kind),
                        .rank = tensor->rank,
                        .extents = border->shape,
                        .data = border->data};
  return MTH_OK;
}

// An argument of an op takes a number as such.
static mth_status to_value(mth_arena *arena, const suite_tensor *tensor, mth_arg *out) {
  int64_t *const ints = MTH_NEW_ARRAY(arena, int64_t, tensor->count + 1);
  if (!ints) return MTH_NO_MEMORY;
  for (size_t i = 0; i < tensor->count; ++i)
    ints[i] = (int64_t)tensor->values[i];
  *out = tensor->rank                  ? MTH_ARG_IS(NULL, tensor->count, ints)
         : tensor->kind == SUITE_FLOAT ? MTH_ARG_F(NULL, tensor->values[0])
         : tensor->kind == SUITE_INT   ? MTH_ARG_I(NULL, ints[0])
                                       : MTH_ARG_B(NULL, ints[0] != 0);
  return MTH_OK;
}

static bool is_argument(const mth_model *model, const char *name) {
  const mth_connection *const c = mth_model_find(model, name);
  return c && !mth_connection_is_tensor(c);
}

static mth_status fix_inputs(const evaluation_request *request, mth_arena *arena,
                             mth_physical_options *options) {
  const tensor_list *const list = &request->constants;
  mth_key_constant *const fixed = MTH_NEW_ARRAY(arena, mth_key_constant, list->count + 1);
  mth_key_ref *const discarded = MTH_NEW_ARRAY(arena, mth_key_ref, request->discarded_count + 1);
  mth_constant *const constants = MTH_NEW_ARRAY(arena, mth_constant, list->count + 1);
  mth_arg *const values = MTH_NEW_ARRAY(arena, mth_arg, list->count + 1);
  if (!fixed || !discarded || !constants || !values) return MTH_NO_MEMORY;
  for (size_t i = 0; i < list->count; ++i) {
    const named_tensor *const item = &list->items[i];
    fixed[i].key = MTH_REF(item->name);
    if (is_argument(request->model, item->name)) {
      MTH_TRY(to_value(arena, &item->tensor, &values[i]));
      fixed[i].value = &values[i];
    } else {
      MTH_TRY(to_constant(arena, &item->tensor, &constants[i]));
      fixed[i].constant = &constants[i];
    }
  }
  for (size_t i = 0; i < request->discarded_count; ++i)
    discarded[i] = MTH_REF(request->discarded[i]);
  *options = (mth_physical_options){.struct_bytes = sizeof *options,
                                    .constants = fixed,
                                    .constant_count = list->count,
                                    .discard_keys = discarded,
                                    .discard_count = request->discarded_count,
                                    .inference = request->is_inference,
                                    .safe_shapes = true};
  return MTH_OK;
}

mth_status evaluate(const evaluation_request *request, mth_arena *arena, evaluation *out) {
  mth_physical_options physical;
  const mth_entry_request entries[] = {
      {.name = "evaluate"},
      {.name = "gradients", .kind = MTH_ENTRY_GRADIENTS, .loss = request->loss}};
  const mth_compile_options options = {.struct_bytes = sizeof options,
                                       .float_dtype = MTH_F64,
                                       .int_dtype = MTH_I64,
                                       .entries = entries,
                                       .entry_count = request->is_inference ? 1 : 2,
                                       .physical = &physical};
  run run = {.request = request, .arena = arena};
  MTH_TRY(check_inputs(&run));
  MTH_TRY(fix_inputs(request, arena, &physical));
  MTH_TRY(mth_compile(request->model, &options, &run.program));
  const mth_status status = run_both(&run, out);
  mth_program_destroy(run.program);
  return status;
}
