// compile.c: from logical models to programs.
//
// A program of this file owns a `compiled`: every object that was loaded for it, and an arena with
// its aliases and, if an entry is late, the outline of its table.
#include "frontend/compile.h"
#include "frontend/compiler_library.h"
#include "ir/physical_names.h"
#include "runtime/arena.h"
#include "runtime/sized.h"

#include <string.h>

// An object in this process. Newest first.
typedef struct loaded_object {
  mth_loaded *loaded;
  struct loaded_object *older;
} loaded_object;

typedef struct compiled {
  const mth_allocator *allocator;
  const mth_compiler_api *api;
  mth_arena arena;
  loaded_object *objects;
  mth_model *model;
  mth_compile_options options;
  const mth_physical_name *names; // inputs, then outputs
  size_t name_count;
  const mth_program_desc *outline;
} compiled;

static mth_location model_location(const mth_model *model) {
  return (mth_location){mth_context_sink(mth_model_context(model)), mth_model_class_name(model)};
}

static mth_status fail_memory(const mth_model *model) {
  return mth_fail(MTH_NO_MEMORY, model_location(model), "no memory to compile the model");
}

static mth_write_options write_options(const mth_compile_options *options,
                                       const mth_entry_request *entries, size_t entry_count) {
  return (mth_write_options){.struct_bytes = sizeof(mth_write_options),
                             .name = options->name,
                             .float_dtype = options->float_dtype,
                             .int_dtype = options->int_dtype,
                             .entries = entries,
                             .entry_count = entry_count,
                             .physical = options->physical};
}

static void release_compiled(void *user) {
  compiled *c = user;
  for (loaded_object *object = c->objects; object; object = object->older)
    c->api->unload(object->loaded);
  mth_arena_reset(&c->arena);
  mth_release(c->allocator, c);
}

// Compiles a module and loads the object.
static mth_status load_text(compiled *c, const mth_text *text, const mth_program_desc **out_desc) {
  mth_context *context = mth_model_context(c->model);
  const mth_module_text module = {mth_text_get(text), text->byte_count,
                                  mth_model_class_name(c->model)};
  loaded_object *object = MTH_NEW(&c->arena, loaded_object);
  mth_artifact bytes;
  if (!object) return fail_memory(c->model);
  MTH_TRY(mth_compile_text_to(context, &module, c->options.code, MTH_EMIT_OBJECT, &bytes));
  const mth_status status =
      c->api->load(mth_context_registry(context), bytes.bytes, bytes.byte_count, NULL,
                   mth_context_sink(context), &object->loaded, out_desc);
  mth_release(c->allocator, bytes.bytes);
  if (status != MTH_OK) return status;
  object->older = c->objects;
  c->objects = object;
  return MTH_OK;
}

static bool is_input(const compiled *c, const char *name) {
  for (size_t i = 0; i < c->name_count; ++i)
    if (!c->names[i].is_output && strcmp(c->names[i].name, name) == 0) return true;
  return false;
}

static bool is_given(const mth_entry_request *request, const compiled *c, const char *name) {
  for (size_t i = 0; i < c->name_count; ++i) {
    if (c->names[i].is_output || strcmp(c->names[i].name, name) != 0) continue;
    for (size_t k = 0; k < request->shape_count; ++k)
      if (strcmp(request->shapes[k].key, name) == 0 ||
          strcmp(request->shapes[k].key, c->names[i].path) == 0)
        return true;
  }
  return false;
}

// The request of a late entry with the shapes that are bound: those of model inputs whose shape the
// outline does not know and the request does not give.
static mth_status add_bound_shapes(const compiled *c, const mth_entry_desc *outline,
                                   const DLTensor *const *bound, mth_arena *arena,
                                   mth_entry_request *request) {
  const size_t most = request->shape_count + (size_t)outline->port_count;
  mth_entry_shape *shapes = MTH_NEW_ARRAY(arena, mth_entry_shape, most);
  if (!shapes) return fail_memory(c->model);
  size_t count = 0;
  for (; count < request->shape_count; ++count)
    shapes[count] = request->shapes[count];
  for (int32_t p = 0; p < outline->port_count; ++p) {
    const mth_port_desc *port = &outline->ports[p];
    if (!bound[p] || port->role == MTH_OUT || port->rank >= 0 || !is_input(c, port->name) ||
        is_given(request, c, port->name))
      continue;
    const size_t rank = (size_t)(bound[p]->ndim > 0 ? bound[p]->ndim : 0);
    mth_extent *extents = MTH_NEW_ARRAY(arena, mth_extent, rank);
    if (!extents) return fail_memory(c->model);
    for (size_t d = 0; d < rank; ++d)
      extents[d] = MTH_N(bound[p]->shape[d]);
    shapes[count++] = (mth_entry_shape){port->name, {rank, extents}};
  }
  request->shapes = shapes;
  request->shape_count = count;
  return MTH_OK;
}

static const mth_entry_request default_entry = {.name = "evaluate", .kind = MTH_ENTRY_EVALUATE};

static const mth_entry_request *get_request(const compiled *c, size_t index) {
  return c->options.entry_count ? &c->options.entries[index] : &default_entry;
}

// What the outline has as inputs the entry has too, also where their shapes are all that is used.
static mth_status keep_inputs(const compiled *c, const mth_entry_desc *outline, mth_arena *arena,
                              mth_entry_request *request) {
  const char **names = MTH_NEW_ARRAY(arena, const char *, (size_t)outline->port_count);
  if (!names) return fail_memory(c->model);
  request->kept_inputs = names;
  request->kept_input_count = 0;
  for (int32_t p = 0; p < outline->port_count; ++p)
    if (outline->ports[p].role != MTH_OUT && is_input(c, outline->ports[p].name))
      names[request->kept_input_count++] = outline->ports[p].name;
  return MTH_OK;
}

static mth_status specialise(void *user, int32_t entry_index, const DLTensor *const *bound,
                             mth_location at, const mth_program_desc **out_desc) {
  compiled *c = user;
  mth_arena arena = MTH_ARENA_INIT(c->allocator);
  mth_text text = MTH_TEXT_INIT(c->allocator);
  mth_entry_request request = *get_request(c, (size_t)entry_index);
  const mth_write_options options = write_options(&c->options, &request, 1);
  const mth_entry_desc *outline = &c->outline->entries[entry_index];
  mth_status status = add_bound_shapes(c, outline, bound, &arena, &request);
  if (status == MTH_OK) status = keep_inputs(c, outline, &arena, &request);
  if (status == MTH_OK) status = mth_write_module(c->model, &options, &text);
  if (status == MTH_OK) status = load_text(c, &text, out_desc);
  mth_text_deinit(&text);
  mth_arena_reset(&arena);
  if (status == MTH_OK) return MTH_OK;
  // The context has heard it with the best place there is; whoever runs the call hears it here.
  const mth_diagnostic *why = mth_context_diagnostic(mth_model_context(c->model));
  return mth_fail(status, at, "no code for these shapes: %s: %s", why->where, why->message);
}

// The table of a program of which some entries, or all, are late: rows of the outline, with the
// code of those that could be compiled.
static mth_status assemble_late(compiled *c, const mth_outline *outline,
                                mth_program_source *source) {
  const size_t entry_count = (size_t)outline->desc->entry_count;
  mth_program_desc *desc = MTH_NEW(&c->arena, mth_program_desc);
  mth_entry_desc *entries = MTH_NEW_ARRAY(&c->arena, mth_entry_desc, entry_count);
  mth_entry_request *known = MTH_NEW_ARRAY(&c->arena, mth_entry_request, entry_count);
  if (!desc || !entries || !known) return fail_memory(c->model);
  size_t known_count = 0;
  for (size_t e = 0; e < entry_count; ++e)
    if (!outline->is_late[e]) known[known_count++] = *get_request(c, e);
  const mth_program_desc *compiled_desc = NULL;
  if (known_count) {
    const mth_write_options options = write_options(&c->options, known, known_count);
    mth_text text = MTH_TEXT_INIT(c->allocator);
    mth_status status = mth_write_module(c->model, &options, &text);
    if (status == MTH_OK) status = load_text(c, &text, &compiled_desc);
    mth_text_deinit(&text);
    MTH_TRY(status);
  }
  *desc = *outline->desc;
  desc->entries = entries;
  for (size_t e = 0, next = 0; e < entry_count; ++e)
    entries[e] = outline->is_late[e] ? outline->desc->entries[e] : compiled_desc->entries[next++];
  c->outline = source->desc = desc;
  source->specialise = specialise;
  return MTH_OK;
}

static mth_status list_aliases(compiled *c, mth_program_source *source) {
  const mth_physical_model *physical = NULL;
  mth_physical_name *names = NULL;
  MTH_TRY(mth_physical_model_create(c->model, c->options.physical, &c->arena, &physical));
  MTH_TRY(mth_physical_list_names(physical, &c->arena, &names, &c->name_count));
  c->names = names;
  mth_alias *aliases = MTH_NEW_ARRAY(&c->arena, mth_alias, c->name_count);
  if (!aliases) return fail_memory(c->model);
  for (size_t i = 0; i < c->name_count; ++i)
    if (strcmp(names[i].path, names[i].name) != 0)
      aliases[source->alias_count++] = (mth_alias){names[i].path, names[i].name};
  source->aliases = aliases;
  return MTH_OK;
}

static mth_status fill_source(compiled *c, mth_program_source *source) {
  const mth_compile_options *o = &c->options;
  const mth_write_options options = write_options(o, o->entries, o->entry_count);
  mth_outline outline;
  MTH_TRY(mth_compiler_open(model_location(c->model), &c->api));
  MTH_TRY(mth_model_freeze(c->model));
  MTH_TRY(list_aliases(c, source));
  MTH_TRY(mth_write_outline(c->model, &options, &c->arena, &outline));
  for (int32_t e = 0; e < outline.desc->entry_count; ++e)
    if (outline.is_late[e]) return assemble_late(c, &outline, source);
  mth_text text = MTH_TEXT_INIT(c->allocator);
  mth_status status = mth_write_module(c->model, &options, &text);
  if (status == MTH_OK) status = load_text(c, &text, &source->desc);
  mth_text_deinit(&text);
  return status;
}

mth_status mth_compile(mth_model *model, const mth_compile_options *given,
                       mth_program **out_program) {
  if (!model) return MTH_INVALID; // there is nobody to report to
  const mth_allocator *allocator = mth_context_allocator(mth_model_context(model));
  mth_compile_options options = {0};
  MTH_TRY(mth_sized_read(given, &options, sizeof options));
  compiled *c = mth_allocate(allocator, 1, sizeof *c);
  if (!c) return fail_memory(model);
  *c = (compiled){.allocator = allocator,
                  .arena = MTH_ARENA_INIT(allocator),
                  .model = model,
                  .options = options};
  mth_program_source source = {.struct_bytes = sizeof source,
                               .release = release_compiled,
                               .user = c,
                               .allocator = allocator,
                               .sink = model_location(model).sink};
  mth_status status = fill_source(c, &source);
  if (status == MTH_OK) status = mth_program_create(&source, out_program);
  if (status != MTH_OK) release_compiled(c);
  return status;
}

mth_status mth_compile_to(mth_model *model, const mth_compile_options *given, mth_emit emit,
                          mth_artifact *out_artifact) {
  if (!model) return MTH_INVALID; // there is nobody to report to
  mth_context *context = mth_model_context(model);
  mth_compile_options options = {0};
  MTH_TRY(mth_sized_read(given, &options, sizeof options));
  const mth_write_options write = write_options(&options, options.entries, options.entry_count);
  mth_text text = MTH_TEXT_INIT(mth_context_allocator(context));
  mth_status status = mth_write_module(model, &write, &text);
  if (status == MTH_OK) {
    const mth_module_text module = {mth_text_get(&text), text.byte_count,
                                    mth_model_class_name(model)};
    status = mth_compile_text_to(context, &module, options.code, emit, out_artifact);
  }
  mth_text_deinit(&text);
  return status;
}
