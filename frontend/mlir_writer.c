// mlir_writer.c: programs over one logical model.
//
// Each entry is written inside a change that is undone: its shapes, and
// what had to be decided for it, hold for it alone. It writes the model as the function
// `<entry>.model`, then the entry itself.
#include "frontend/mlir_writer.h"

#include "frontend/mlir_writer_entry.h"
#include "ir/given.h"
#include "ir/model_core.h"
#include "ir/physical_core.h"

#include <string.h>

// ---- shapes of one entry ------------------------------------------------------------------------

static const mth_physical_name *find_name(const mth_mlir_entry *e, const char *name,
                                          bool is_output) {
  for (size_t i = 0; name && i < e->name_count; i++) {
    const mth_physical_name *item = &e->names[i];
    if (item->is_output == is_output &&
        (strcmp(item->name, name) == 0 || strcmp(item->path, name) == 0))
      return item;
  }
  return NULL;
}

static mth_status report_unknown(const mth_mlir_entry *e, const char *name, bool is_output) {
  mth_text known = MTH_TEXT_INIT(e->writer->context->allocator);
  for (size_t i = 0, listed = 0; i < e->name_count; i++)
    if (e->names[i].is_output == is_output)
      mth_text_add(&known, "%s%s", listed++ ? ", " : "", e->names[i].name);
  const mth_status status =
      mth_fail(MTH_INVALID, e->at, "there is no %s '%s'; the model has %s",
               is_output ? "output" : "input", name ? name : "", mth_text_get(&known));
  mth_text_deinit(&known);
  return status;
}

static mth_status state_shapes(const mth_mlir_entry *e) {
  const mth_entry_request *request = e->request;
  mth_connection **shaped = MTH_NEW_ARRAY(e->writer->arena, mth_connection *, request->shape_count);
  if (!shaped) return MTH_NO_MEMORY;
  for (size_t i = 0; i < request->shape_count; i++) {
    const mth_physical_key *input = mth_physical_find(e->physical, request->shapes[i].key);
    if (!input || (!input->is_input && input->role != MTH_ROLE_STATE))
      return report_unknown(e, request->shapes[i].key, false);
    shaped[i] = input->connection;
    MTH_TRY(
        mth_connection_state(input->connection, &(mth_facts){.shape = &request->shapes[i].shape}));
  }
  e->writer->shaped = shaped;
  e->writer->shaped_count = request->shape_count;
  return MTH_OK;
}

static mth_status find_kept(const mth_mlir_entry *e) {
  const mth_entry_request *request = e->request;
  mth_connection **kept =
      MTH_NEW_ARRAY(e->writer->arena, mth_connection *, request->kept_input_count);
  if (!kept) return MTH_NO_MEMORY;
  for (size_t i = 0; i < request->kept_input_count; i++) {
    const mth_physical_name *input = find_name(e, request->kept_inputs[i], false);
    if (!input) return report_unknown(e, request->kept_inputs[i], false);
    kept[i] = input->connection;
  }
  e->writer->kept = kept;
  e->writer->kept_count = request->kept_input_count;
  return MTH_OK;
}

// ---- which outputs, which parameters ------------------------------------------------------------

static mth_status choose_results(mth_mlir_entry *e, mth_connection **out_results,
                                 size_t *out_count) {
  const mth_entry_request *request = e->request;
  const bool step = request->kind == MTH_ENTRY_STEP;
  size_t count = 0;
  const size_t state_count = mth_physical_state_count(e->physical);
  e->result_names = MTH_NEW_ARRAY(e->writer->arena, const char *, e->name_count + state_count);
  if (!e->result_names) return MTH_NO_MEMORY;
  for (size_t i = 0; i < request->output_count; i++) {
    const mth_physical_name *output = find_name(e, request->outputs[i], true);
    if (!output) return report_unknown(e, request->outputs[i], true);
    for (size_t j = 0; j < count; j++)
      if (out_results[j] == output->connection)
        return mth_fail(MTH_INVALID, e->at, "the output '%s' is asked for twice", output->name);
    e->result_names[count] = output->name;
    out_results[count++] = output->connection;
  }
  for (size_t i = 0; i < e->name_count && request->output_count == 0; i++) {
    if (!e->names[i].is_output ||
        (step && request->loss && strcmp(e->names[i].name, request->loss)))
      continue;
    e->result_names[count] = e->names[i].name;
    out_results[count++] = e->names[i].connection;
  }
  e->output_count = count;
  for (size_t i = 0; !request->keeps_states && i < state_count; i++) {
    const mth_physical_state *state = mth_physical_state_at(e->physical, i);
    e->result_names[count] = state->input->name;
    out_results[count++] = state->output->connection;
  }
  *out_count = count;
  if (e->output_count) return MTH_OK;
  return mth_fail(MTH_INVALID, e->at, "all outputs are discarded; nothing is left to compute");
}

static mth_status find_loss(mth_mlir_entry *e, mth_connection *const *results,
                            size_t result_count) {
  const char *name = e->request->loss;
  e->loss = result_count;
  if (e->request->kind == MTH_ENTRY_EVALUATE) return MTH_OK;
  if (!name && e->request->kind == MTH_ENTRY_GRADIENTS) return MTH_OK;
  if (!name && e->output_count != 1)
    return mth_fail(MTH_INVALID, e->at, "it wants the name of the loss among %zu outputs",
                    e->output_count);
  const mth_physical_name *loss = find_name(e, name ? name : e->result_names[0], true);
  if (!loss) return report_unknown(e, name, true);
  for (size_t i = 0; i < e->output_count; i++)
    if (results[i] == loss->connection) e->loss = i;
  if (e->loss == result_count)
    return mth_fail(MTH_INVALID, e->at, "the loss '%s' is not among the outputs asked for",
                    loss->name);
  const int32_t rank = mth_connection_rank(loss->connection);
  if (rank == 0 || (rank < 0 && e->writer->outline)) return MTH_OK;
  mth_text shape = MTH_TEXT_INIT(e->writer->context->allocator);
  mth_connection_shape_text(loss->connection, &shape);
  const mth_status status =
      mth_fail(MTH_INVALID, e->at, "the loss '%s' must be a scalar, its shape is %s", loss->name,
               mth_text_get(&shape));
  mth_text_deinit(&shape);
  return status;
}

static mth_status find_arguments(mth_mlir_entry *e) {
  const mth_mlir_signature *s = &e->signature;
  e->argument_names = MTH_NEW_ARRAY(e->writer->arena, const char *, s->argument_count);
  e->trained = MTH_NEW_ARRAY(e->writer->arena, bool, s->argument_count);
  e->is_state = MTH_NEW_ARRAY(e->writer->arena, bool, s->argument_count);
  if (!e->argument_names || !e->trained || !e->is_state) return MTH_NO_MEMORY;
  for (size_t i = 0; i < s->argument_count; i++) {
    const mth_physical_key *key = mth_physical_key_of(e->physical, s->arguments[i]);
    e->argument_names[i] = key->name;
    e->is_state[i] = key->role == MTH_ROLE_STATE && !e->request->keeps_states;
    e->trained[i] =
        e->request->kind != MTH_ENTRY_EVALUATE && mth_connection_is_differentiable(s->arguments[i]);
  }
  for (size_t i = 0; i < e->request->constant_parameter_count; i++) {
    const char *name = e->request->constant_parameters[i];
    const mth_physical_name *parameter = find_name(e, name, false);
    if (!parameter) return report_unknown(e, name, false);
    for (size_t j = 0; j < s->argument_count; j++)
      if (s->arguments[j] == parameter->connection) e->trained[j] = false;
  }
  for (size_t i = 0; i < s->argument_count; i++)
    e->is_state[i] |= e->request->kind == MTH_ENTRY_STEP && e->trained[i];
  return MTH_OK;
}

// Differentiable results take a cotangent: the loss, and in gradients all others.
static mth_status find_cotangents(mth_mlir_entry *e) {
  const mth_mlir_signature *s = &e->signature;
  size_t count = 0;
  e->has_cotangent = MTH_NEW_ARRAY(e->writer->arena, bool, s->result_count);
  if (!e->has_cotangent) return MTH_NO_MEMORY;
  if (e->request->kind == MTH_ENTRY_EVALUATE) return MTH_OK;
  if (mth_mlir_trained_count(e) == 0)
    return mth_fail(MTH_INVALID, e->at,
                    "there is nothing to train: no input that its outputs need is differentiable");
  for (size_t i = 0; i < s->result_count; i++) {
    const mth_physical_key *key = mth_physical_key_of(e->physical, s->results[i]);
    const bool is_asked =
        i == e->loss || (i < e->output_count && e->request->kind == MTH_ENTRY_GRADIENTS);
    e->has_cotangent[i] = is_asked && key->is_differentiable &&
                          mth_connection_families(s->results[i]) == MTH_FAMILY_FLOAT;
    count += e->has_cotangent[i];
  }
  if (e->loss < s->result_count && !e->has_cotangent[e->loss])
    return mth_fail(MTH_INVALID, e->at,
                    "the loss '%s' is not differentiable: no trained input reaches it through "
                    "derivatives",
                    e->result_names[e->loss]);
  if (count) return MTH_OK;
  return mth_fail(MTH_INVALID, e->at, "none of its outputs is differentiable");
}

// ---- entries ------------------------------------------------------------------------------------

static mth_status write_entry(mth_mlir_entry *e) {
  mth_mlir_writer *writer = e->writer;
  MTH_TRY(mth_physical_apply(e->physical));
  MTH_TRY(state_shapes(e));
  MTH_TRY(find_kept(e));
  mth_connection **results = MTH_NEW_ARRAY(writer->arena, mth_connection *,
                                           e->name_count + mth_physical_state_count(e->physical));
  const char *symbol = mth_arena_format(writer->arena, "%s.model", e->request->name);
  if (!results || !symbol) return MTH_NO_MEMORY;
  size_t result_count = 0;
  MTH_TRY(choose_results(e, results, &result_count));
  MTH_TRY(find_loss(e, results, result_count));
  MTH_TRY(mth_mlir_write_model(writer, e->model, symbol, e->model->class_name, results,
                               result_count, &e->signature));
  MTH_TRY(find_arguments(e));
  MTH_TRY(find_cotangents(e));
  switch (e->request->kind) {
  case MTH_ENTRY_EVALUATE:
    return mth_mlir_add_evaluate(e);
  case MTH_ENTRY_GRADIENTS:
    return mth_mlir_add_gradients(e);
  case MTH_ENTRY_STEP:
    return mth_mlir_add_step(e);
  }
  return MTH_INVALID;
}

static mth_status check_request(const mth_entry_request *request, bool inference, mth_location at) {
  if (!mth_is_name(request->name))
    return mth_fail(MTH_INVALID, at,
                    "an entry's name wants letters, digits and '_' and begins with no digit; "
                    "found '%s'",
                    request->name ? request->name : "");
  if (request->kind == MTH_ENTRY_STEP && !request->optimizer)
    return mth_fail(MTH_INVALID, at, "the entry '%s' is a step and wants an optimizer",
                    request->name);
  if (request->kind != MTH_ENTRY_EVALUATE && inference)
    return mth_fail(MTH_INVALID, at,
                    "the entry '%s' differentiates, but the program is for inference",
                    request->name);
  return MTH_OK;
}

static mth_status write_one(mth_mlir_writer *writer, const mth_physical_model *physical,
                            const mth_physical_name *names, size_t name_count,
                            const mth_entry_request *request) {
  mth_model *model = physical->model;
  MTH_TRY(check_request(request, physical->options.inference,
                        (mth_location){&writer->context->sink, model->class_name}));
  const char *where =
      mth_arena_format(writer->arena, "model '%s', entry '%s'", model->class_name, request->name);
  if (!where) return MTH_NO_MEMORY;
  mth_mlir_entry entry = {.writer = writer,
                          .request = request,
                          .model = model,
                          .physical = physical,
                          .names = names,
                          .name_count = name_count,
                          .at = {&writer->context->sink, where}};
  const mth_change change = mth_change_begin(writer->context);
  const mth_status status = write_entry(&entry);
  mth_change_undo(change);
  return status;
}

static mth_status check_data(const mth_physical_model *physical) {
  for (size_t i = 0; i < physical->options.constant_count; i++) {
    const mth_key_constant *constant = &physical->options.constants[i];
    if (!constant->constant && !constant->value)
      return mth_fail(MTH_INVALID, physical->at, "the constant key '%s' has no data",
                      physical->constants[i]->seen.name);
  }
  return MTH_OK;
}

// Where an outline's rows go.
typedef struct rows {
  mth_entry_desc *entries;
  bool *is_late;
} rows;

static mth_status write_module(mth_mlir_writer *writer, mth_model *model,
                               const mth_write_options *options, const rows *rows) {
  static const mth_entry_request evaluate = {.name = "evaluate", .kind = MTH_ENTRY_EVALUATE};
  const mth_entry_request *entries = options->entry_count ? options->entries : &evaluate;
  const size_t entry_count = options->entry_count ? options->entry_count : 1;
  const mth_physical_model *physical = NULL;
  mth_physical_name *names = NULL;
  size_t name_count = 0;
  char where[256];
  MTH_TRY(
      mth_check_given(mth_model_at(model, where, sizeof where), entries, entry_count, "entries"));
  MTH_TRY(mth_physical_model_create(model, options->physical, writer->arena, &physical));
  MTH_TRY(mth_physical_model_check(physical));
  MTH_TRY(check_data(physical));
  MTH_TRY(mth_physical_list_names(physical, writer->arena, &names, &name_count));
  mth_text_add(writer->text, "module @%s {\n", options->name ? options->name : "model");
  for (size_t i = 0; i < entry_count; i++) {
    MTH_TRY(write_one(writer, physical, names, name_count, &entries[i]));
    if (rows)
      MTH_TRY(mth_mlir_outline_finish(writer->outline, entries[i].name, &rows->entries[i],
                                      &rows->is_late[i]));
  }
  mth_text_add(writer->text, "}\n");
  return writer->text->status;
}

static mth_status write(mth_model *model, const mth_write_options *options, mth_text *text,
                        mth_mlir_outline *outline, const rows *rows) {
  if (!model) return MTH_INVALID; // there is nobody to report to
  mth_context *context = model->context;
  const mth_location at = {&context->sink, model->class_name};
  if (!options || options->struct_bytes != sizeof *options)
    return mth_fail(MTH_INVALID, at, "wants mth_write_options of %zu bytes", sizeof *options);
  if (options->name && !mth_is_name(options->name))
    return mth_fail(MTH_INVALID, at, "the program's name '%s' is no C identifier", options->name);
  mth_arena arena = MTH_ARENA_INIT(context->allocator);
  mth_mlir_writer writer = {.context = context,
                            .text = text,
                            .arena = &arena,
                            .float_dtype = options->float_dtype ? options->float_dtype : MTH_F32,
                            .int_dtype = options->int_dtype ? options->int_dtype : MTH_I64,
                            .outline = outline};
  mth_status status = mth_model_freeze(model);
  if (status == MTH_OK) status = write_module(&writer, model, options, rows);
  mth_arena_reset(&arena);
  return status;
}

mth_status mth_write_module(mth_model *model, const mth_write_options *options, mth_text *text) {
  return write(model, options, text, NULL, NULL);
}

mth_status mth_write_outline(mth_model *model, const mth_write_options *options, mth_arena *arena,
                             mth_outline *out_outline) {
  const size_t entry_count = options->entry_count ? options->entry_count : 1;
  mth_program_desc *desc = MTH_NEW(arena, mth_program_desc);
  const rows rows = {MTH_NEW_ARRAY(arena, mth_entry_desc, entry_count),
                     MTH_NEW_ARRAY(arena, bool, entry_count)};
  const char *name = options->name ? options->name : "model";
  const char *copy = mth_arena_copy_text(arena, name, strlen(name));
  if (!desc || !rows.entries || !rows.is_late || !copy) return MTH_NO_MEMORY;
  mth_mlir_outline outline = {.arena = arena};
  mth_text thrown_away = MTH_TEXT_INIT(arena->allocator);
  const mth_status status = write(model, options, &thrown_away, &outline, &rows);
  mth_text_deinit(&thrown_away);
  if (status != MTH_OK) return status;
  *desc = (mth_program_desc){MTH_PROGRAM_ABI, (int32_t)entry_count, copy, rows.entries};
  *out_outline = (mth_outline){desc, rows.is_late};
  return MTH_OK;
}
