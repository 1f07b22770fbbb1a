// object.c: from the LLVM dialect to object bytes.
#include "jit/object.h"

#include "jit/elf_symbols.h"
#include "jit/host_symbols.h"
#include "jit/llvm_pipeline.h"

#include "mlir-c/Target/LLVMIR.h"
#include "llvm-c/Core.h"
#include "llvm-c/Target.h"

#include <string.h>

static void set_target(LLVMModuleRef module, const mth_target *target) {
  char *const triple = LLVMGetTargetMachineTriple(target->machine);
  LLVMSetTarget(module, triple);
  LLVMDisposeMessage(triple);
  LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(target->machine);
  LLVMSetModuleDataLayout(module, layout);
  LLVMDisposeTargetData(layout);
}

static void hide(LLVMValueRef global, const mth_program_interface *program) {
  size_t length;
  if (!LLVMIsDeclaration(global) && LLVMGetLinkage(global) != LLVMPrivateLinkage &&
      !mth_program_exports(program, LLVMGetValueName2(global, &length)))
    LLVMSetLinkage(global, LLVMInternalLinkage);
}

// Host functions run once per call and are long: they are stored through quickly rather than well.
static void generate_quickly(LLVMValueRef function) {
  static const char *const names[] = {"optnone", "noinline"};
  for (size_t i = 0; i < 2; ++i)
    LLVMAddAttributeAtIndex(
        function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
        LLVMCreateEnumAttribute(LLVMGetModuleContext(LLVMGetGlobalParent(function)),
                                LLVMGetEnumAttributeKindForName(names[i], strlen(names[i])), 0));
}

// LLVM's diagnostics; a remark or a warning is nothing to a user.
static void report(LLVMDiagnosticInfoRef info, void *user) {
  if (LLVMGetDiagInfoSeverity(info) != LLVMDSError) return;
  const mth_location *const at = user;
  char *const text = LLVMGetDiagInfoDescription(info);
  const mth_status status = mth_fail(MTH_INTERNAL, *at, "LLVM: %s", text);
  (void)status; // the call that LLVM is in fails, too
  LLVMDisposeMessage(text);
}

LLVMContextRef mth_llvm_context_create(const mth_location *at) {
  LLVMContextRef context = LLVMContextCreate();
  LLVMContextSetDiagnosticHandler(context, report, (void *)(uintptr_t)at);
  return context;
}

// Completes a translated module with the program's table and optimises it.
static mth_status complete(LLVMModuleRef module, const mth_target *target, mth_dim_table *dims,
                           mth_arena *arena, mth_location at,
                           const mth_program_interface *program) {
  set_target(module, target);
  MTH_TRY(mth_program_table_add(module, dims, arena, program));
  for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f)) {
    hide(f, program);
    size_t length;
    if (mth_program_exports(program, LLVMGetValueName2(f, &length))) generate_quickly(f);
  }
  for (LLVMValueRef g = LLVMGetFirstGlobal(module); g; g = LLVMGetNextGlobal(g))
    hide(g, program);
  return mth_llvm_optimize(module, target, at);
}

mth_status mth_object_lower(mth_pipeline *pipeline, const mth_target *target, mth_dim_table *dims,
                            mth_arena *arena, LLVMContextRef context, mth_location at,
                            mth_program_interface *out_program, LLVMModuleRef *out_module) {
  mth_program_interface program;
  MTH_TRY(mth_program_interface_read(pipeline->module, dims, arena, &program));
  MTH_TRY(mth_pipeline_entries_to_llvm(pipeline));
  LLVMModuleRef module = mlirTranslateModuleToLLVMIR(pipeline->module, context);
  if (!module) return MTH_INTERNAL; // MLIR has reported
  const mth_status status = complete(module, target, dims, arena, at, &program);
  if (status != MTH_OK) {
    LLVMDisposeModule(module);
    return status;
  }
  *out_program = program;
  *out_module = module;
  return MTH_OK;
}

typedef struct wanted {
  const mth_registry *registry;
  mth_location at;
} wanted;

static mth_status check_wanted(void *user, const mth_elf_symbol *symbol) {
  const wanted *const in = user;
  if (symbol->defined || mth_host_symbol_find(in->registry, symbol->name)) return MTH_OK;
  return mth_fail(MTH_UNSUPPORTED, in->at,
                  "code for this processor would call '%s', which no linked program has",
                  symbol->name);
}

mth_status mth_object_generate(LLVMModuleRef module, const mth_target *target,
                               const mth_registry *registry, bool as_text, mth_location at,
                               LLVMMemoryBufferRef *out_bytes) {
  char *complaint = NULL;
  LLVMMemoryBufferRef bytes = NULL;
  if (LLVMTargetMachineEmitToMemoryBuffer(target->machine, module,
                                          as_text ? LLVMAssemblyFile : LLVMObjectFile, &complaint,
                                          &bytes)) {
    const mth_status status =
        mth_fail(MTH_INTERNAL, at, "LLVM cannot generate code: %s", complaint);
    LLVMDisposeMessage(complaint);
    return status;
  }
  wanted in = {registry, at};
  const mth_status status =
      as_text ? MTH_OK
              : mth_elf_visit_symbols(LLVMGetBufferStart(bytes), LLVMGetBufferSize(bytes),
                                      check_wanted, &in, at);
  if (status != MTH_OK) {
    LLVMDisposeMemoryBuffer(bytes);
    return status;
  }
  *out_bytes = bytes;
  return MTH_OK;
}
