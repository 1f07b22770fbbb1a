// compilation.c: one compilation, from text to whatever was asked for.
#include "jit/compilation.h"

#include "dialect/diagnostics.h"
#include "dialect/fail.h"
#include "dialect/match.h"
#include "dialect/print.h"
#include "jit/evaluate.h"
#include "jit/header.h"
#include "jit/ir_context.h"
#include "jit/object.h"
#include "jit/session.h"
#include "jit/source_check.h"

#include "llvm-c/Core.h"

#include <stdbool.h>
#include <string.h>

// Everything that lives as long as the compilation.
typedef struct compilation {
  const mth_compile_request *request;
  mth_location at;
  mth_target target;
  mth_evaluator evaluator;
  mth_evaluate evaluate; // of the context, backed by `evaluator`
  MlirContext context;
  MlirDiagnosticHandlerID handler;
  MlirOperation module;
  mth_dim_table *dims;
  mth_arena arena;
  LLVMContextRef llvm;
} compilation;

static mth_status give(compilation *c, const char *bytes, size_t byte_count, mth_artifact *out) {
  void *const copy = mth_allocate(c->request->allocator, byte_count, 1);
  if (!copy) return mth_fail(MTH_NO_MEMORY, c->at, "no memory for %zu bytes of output", byte_count);
  memcpy(copy, bytes, byte_count);
  *out = (mth_artifact){copy, byte_count};
  return MTH_OK;
}

static mth_status give_mlir(compilation *c, mth_artifact *out) {
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_print_ir(c->module, &text);
  const mth_status status =
      text.status == MTH_OK ? give(c, mth_text_get(&text), text.byte_count, out)
                            : mth_fail(MTH_NO_MEMORY, c->at, "no memory for the text of a program");
  mth_text_deinit(&text);
  return status;
}

static mth_status give_llvm(compilation *c, LLVMModuleRef module, mth_artifact *out) {
  char *const text = LLVMPrintModuleToString(module);
  const mth_status status = give(c, text, strlen(text), out);
  LLVMDisposeMessage(text);
  return status;
}

static mth_status give_code(compilation *c, LLVMModuleRef module, mth_artifact *out) {
  LLVMMemoryBufferRef bytes = NULL;
  MTH_TRY(mth_object_generate(module, &c->target, c->request->registry,
                              c->request->emit == MTH_EMIT_ASM, c->at, &bytes));
  const mth_status status = give(c, LLVMGetBufferStart(bytes), LLVMGetBufferSize(bytes), out);
  LLVMDisposeMemoryBuffer(bytes);
  return status;
}

static mth_status give_header(compilation *c, mth_artifact *out) {
  mth_program_interface program;
  MTH_TRY(mth_program_interface_read(c->module, c->dims, &c->arena, &program));
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_status status = mth_header_write(c->module, &program, c->dims, &c->arena, &text);
  if (status == MTH_OK) status = give(c, mth_text_get(&text), text.byte_count, out);
  mth_text_deinit(&text);
  return status;
}

static mth_status parse(compilation *c) {
  const mth_compile_request *const request = c->request;
  MTH_TRY(mth_source_check(request->source, request->source_bytes, c->at));
  // MLIR's lexer looks at the byte behind the text.
  const char *const text = mth_arena_copy_text(&c->arena, request->source, request->source_bytes);
  if (!text) return mth_fail(MTH_NO_MEMORY, c->at, "no memory for the text of a module");
  c->module =
      mlirOperationCreateParse(c->context, mlirStringRefCreate(text, request->source_bytes),
                               mth_str(request->source_name ? request->source_name : "model.mlir"));
  if (mlirOperationIsNull(c->module)) return MTH_INVALID; // the parser has reported
  if (mth_op_is_named(c->module, "builtin.module")) return MTH_OK;
  return mth_fail_ir(MTH_INVALID, mlirOperationGetLocation(c->module),
                     "the source of a program is a module");
}

static mth_status lower_and_give(compilation *c, mth_pipeline *pipeline, mth_artifact *out) {
  MTH_TRY(mth_pipeline_to_typed(pipeline));
  MTH_TRY(mth_pipeline_to_core(pipeline));
  MTH_TRY(mth_pipeline_to_kernels(pipeline));
  if (c->request->emit == MTH_EMIT_MLIR) return give_mlir(c, out);
  MTH_TRY(mth_pipeline_to_linalg(pipeline));
  if (c->request->emit == MTH_EMIT_LINALG) return give_mlir(c, out);

  MTH_TRY(mth_pipeline_kernels_to_llvm(pipeline));
  if (c->request->emit == MTH_EMIT_HEADER) return give_header(c, out);

  mth_program_interface program;
  LLVMModuleRef module = NULL;
  MTH_TRY(mth_object_lower(pipeline, &c->target, c->dims, &c->arena, c->llvm, c->at, &program,
                           &module));
  const mth_status status =
      c->request->emit == MTH_EMIT_LLVM ? give_llvm(c, module, out) : give_code(c, module, out);
  LLVMDisposeModule(module);
  return status;
}

static mth_status compile(compilation *c, mth_artifact *out) {
  MTH_TRY(mth_target_init(&c->target, c->request->cpu, c->request->features, c->at));
  MTH_TRY(mth_dim_table_create(mth_default_allocator(), &c->dims));
  MTH_TRY(parse(c));
  mth_ir_context_open(c->context);
  mth_pipeline pipeline = {.module = c->module,
                           .tiles = c->target.tiles,
                           .dump_after = c->request->dump_after,
                           .dump = c->request->dump,
                           .dump_user = c->request->dump_user};
  return lower_and_give(c, &pipeline, out);
}

// A request with what its caller's version of the struct lacks set to nothing.
static mth_status read_request(const mth_compile_request *given, mth_compile_request *out) {
  *out = (mth_compile_request){0};
  const size_t bytes = given->struct_bytes < sizeof *out ? given->struct_bytes : sizeof *out;
  memcpy(out, given, bytes);
  const mth_location at = {.sink = out->sink, .where = out->source_name};
  if (!out->source || !out->registry)
    return mth_fail(MTH_INVALID, at, "a compilation wants a source and a registry");
  if (out->dump_after && strcmp(out->dump_after, "all") != 0 && !mth_pass_find(out->dump_after))
    return mth_fail(MTH_INVALID, at, "there is no pass '%s' to dump after", out->dump_after);
  if (!out->allocator) out->allocator = mth_default_allocator();
  return MTH_OK;
}

mth_status mth_compile_module(const mth_compile_request *given, mth_artifact *out_artifact) {
  mth_compile_request request;
  MTH_TRY(read_request(given, &request));
  const mth_sink silent = {0};
  compilation c = {.request = &request,
                   .at = {.sink = request.sink, .where = request.source_name},
                   .arena = MTH_ARENA_INIT(mth_default_allocator())};
  c.context = mth_ir_context_create(request.registry);
  c.handler = mth_diagnostics_attach(c.context, request.sink ? request.sink : &silent);
  c.llvm = mth_llvm_context_create(&c.at);
  c.evaluator = (mth_evaluator){.registry = request.registry, .at = c.at};
  c.evaluate = (mth_evaluate){.run = mth_evaluate_module, .user = &c.evaluator};
  mth_dialect_set_evaluate(c.context, &c.evaluate);
  const mth_status status = compile(&c, out_artifact);
  if (!mlirOperationIsNull(c.module)) mlirOperationDestroy(c.module);
  mth_diagnostics_detach(c.context, c.handler);
  mlirContextDestroy(c.context);
  LLVMContextDispose(c.llvm);
  mth_dim_table_destroy(c.dims);
  mth_arena_reset(&c.arena);
  mth_target_deinit(&c.target);
  mth_evaluator_deinit(&c.evaluator);
  return status;
}

const mth_compiler_api *mth_compiler_get(int32_t abi) {
  static const mth_compiler_api api = {.struct_bytes = sizeof api,
                                       .abi = MTH_COMPILER_ABI,
                                       .compile = mth_compile_module,
                                       .load = mth_session_load,
                                       .unload = mth_session_unload};
  return abi == MTH_COMPILER_ABI ? &api : NULL;
}
