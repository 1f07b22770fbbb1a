// compile_text.c: from text to objects to programs, through the compiler's door.
#include "frontend/compile_text.h"
#include "frontend/compiler_library.h"
#include "runtime/sized.h"

// What a program that was loaded keeps alive.
typedef struct loaded_object {
  const mth_allocator *allocator;
  const mth_compiler_api *api;
  mth_loaded *loaded;
} loaded_object;

static void release_object(void *user) {
  loaded_object *object = user;
  object->api->unload(object->loaded);
  mth_release(object->allocator, object);
}

// Passes reports on and remembers that there was one.
typedef struct listener {
  const mth_sink *to;
  bool has_heard;
} listener;

static void hear(void *user, const mth_diagnostic *diagnostic) {
  listener *l = user;
  l->has_heard = true;
  if (l->to && l->to->report) l->to->report(l->to->user, diagnostic);
}

mth_status mth_compile_text_to(mth_context *context, const mth_module_text *module,
                               const mth_code_options *given, mth_emit emit,
                               mth_artifact *out_artifact) {
  if (!context || !module) return MTH_INVALID; // there is nobody to report to
  const mth_location at = {mth_context_sink(context), module->name ? module->name : "text"};
  mth_code_options options = {0};
  const mth_compiler_api *api;
  MTH_TRY(mth_sized_read(given, &options, sizeof options));
  if (options.dump_after && !options.dump)
    return mth_fail(MTH_INVALID, at, "dump_after is '%s', but nobody receives dumps",
                    options.dump_after);
  MTH_TRY(mth_compiler_open(at, &api));
  listener heard = {.to = at.sink};
  const mth_sink sink = {hear, &heard};
  const mth_compile_request request = {
      .struct_bytes = sizeof request,
      .registry = mth_context_registry(context),
      .allocator = mth_context_allocator(context),
      .sink = &sink,
      .source = module->text,
      .source_bytes = module->text_bytes,
      .source_name = at.where,
      .emit = emit,
      .cpu = options.cpu,
      .features = options.features,
      .dump_after = options.dump_after,
      .dump = options.dump,
      .dump_user = options.dump_user,
  };
  const mth_status status = api->compile(&request, out_artifact);
  // Whoever refuses an input says why. MLIR's verifiers and passes can not say that memory ran out.
  if (status == MTH_OK || heard.has_heard) return status;
  return mth_fail(MTH_NO_MEMORY, at, "no memory to compile");
}

mth_status mth_load_object(mth_context *context, const void *bytes, size_t byte_count,
                           mth_program **out_program) {
  if (!context) return MTH_INVALID; // there is nobody to report to
  const mth_allocator *allocator = mth_context_allocator(context);
  const mth_location at = {mth_context_sink(context), "object"};
  const mth_compiler_api *api;
  MTH_TRY(mth_compiler_open(at, &api));
  loaded_object *object = mth_allocate(allocator, 1, sizeof *object);
  if (!object) return mth_fail(MTH_NO_MEMORY, at, "no memory to load a program");
  *object = (loaded_object){allocator, api, NULL};
  mth_program_source source = {.struct_bytes = sizeof source,
                               .release = release_object,
                               .user = object,
                               .allocator = allocator,
                               .sink = at.sink};
  mth_status status = api->load(mth_context_registry(context), bytes, byte_count, NULL, at.sink,
                                &object->loaded, &source.desc);
  if (status != MTH_OK) {
    mth_release(allocator, object);
    return status;
  }
  status = mth_program_create(&source, out_program);
  if (status != MTH_OK) release_object(object);
  return status;
}

mth_status mth_compile_text(mth_context *context, const mth_module_text *module,
                            const mth_code_options *options, mth_program **out_program) {
  mth_artifact object;
  MTH_TRY(mth_compile_text_to(context, module, options, MTH_EMIT_OBJECT, &object));
  const mth_status status = mth_load_object(context, object.bytes, object.byte_count, out_program);
  mth_release(mth_context_allocator(context), object.bytes);
  return status;
}
