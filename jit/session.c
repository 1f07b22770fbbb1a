// session.c: one LLJIT per loaded object. The bytes are those that `mithril compile` writes, so
// what runs here is what a linked program runs.
#include "jit/session.h"

#include "jit/elf_symbols.h"
#include "jit/host_symbols.h"
#include "jit/target.h"

#include "llvm-c/Core.h"
#include "llvm-c/Error.h"
#include "llvm-c/LLJIT.h"
#include "llvm-c/Orc.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { TABLE_BYTES_MAX = 1024 };

struct mth_loaded {
  LLVMOrcLLJITRef jit;
};

// LLVM's error as our diagnostic. Consumes `error`.
static mth_status fail_llvm(LLVMErrorRef error, mth_location at, const char *doing) {
  char *const message = LLVMGetErrorMessage(error);
  const mth_status status = mth_fail(MTH_INVALID, at, "cannot %s: %s", doing, message);
  LLVMDisposeErrorMessage(message);
  return status;
}

static const char table_suffix[] = "_program";

typedef struct linker {
  const mth_registry *registry;
  LLVMOrcLLJITRef jit;
  mth_location at;
  char table[TABLE_BYTES_MAX]; // the program table's symbol; empty: not known yet
  bool search;                 // for the table
} linker;

static bool is_table(const char *symbol) {
  const size_t length = strlen(symbol), suffix = sizeof table_suffix - 1;
  return length > suffix && strcmp(symbol + length - suffix, table_suffix) == 0;
}

static mth_status note_table(linker *in, const char *symbol) {
  if (*in->table) return mth_fail(MTH_INVALID, in->at, "the object holds more than one program");
  if (strlen(symbol) >= sizeof in->table)
    return mth_fail(MTH_INVALID, in->at, "the name of the object's program is too long");
  strcpy(in->table, symbol);
  return MTH_OK;
}

// Gives the object a symbol it wants, and looks at those it has for the program table.
static mth_status link_symbol(void *user, const mth_elf_symbol *symbol) {
  linker *const in = user;
  if (symbol->defined)
    return in->search && symbol->global && is_table(symbol->name) ? note_table(in, symbol->name)
                                                                  : MTH_OK;
  const void *const address = mth_host_symbol_find(in->registry, symbol->name);
  if (!address)
    return mth_fail(MTH_INVALID, in->at, "the object wants '%s', which nobody has", symbol->name);
  LLVMOrcCSymbolMapPair pair = {
      LLVMOrcLLJITMangleAndIntern(in->jit, symbol->name), // given away to LLVMOrcAbsoluteSymbols
      {(LLVMOrcExecutorAddress)(uintptr_t)address,
       {LLVMJITSymbolGenericFlagsExported | LLVMJITSymbolGenericFlagsCallable, 0}}};
  LLVMErrorRef error =
      LLVMOrcJITDylibDefine(LLVMOrcLLJITGetMainJITDylib(in->jit), LLVMOrcAbsoluteSymbols(&pair, 1));
  return error ? fail_llvm(error, in->at, "define a symbol") : MTH_OK;
}

static mth_status add_object(LLVMOrcLLJITRef jit, const void *object, size_t object_bytes,
                             mth_location at) {
  LLVMMemoryBufferRef copy =
      LLVMCreateMemoryBufferWithMemoryRangeCopy(object, object_bytes, "mithril.o");
  LLVMErrorRef error = LLVMOrcLLJITAddObjectFile(jit, LLVMOrcLLJITGetMainJITDylib(jit),
                                                 copy); // takes copy
  return error ? fail_llvm(error, at, "load the object") : MTH_OK;
}

static mth_status find_program(LLVMOrcLLJITRef jit, const char *table, mth_location at,
                               const mth_program_desc **out_program) {
  if (!*table) return mth_fail(MTH_INVALID, at, "the object holds no program");
  LLVMOrcExecutorAddress address = 0;
  LLVMErrorRef error = LLVMOrcLLJITLookup(jit, &address, table); // links
  if (error) return fail_llvm(error, at, "link the object");
  const mth_program_desc *const program = (const mth_program_desc *)(uintptr_t)address;
  if (program->abi != MTH_PROGRAM_ABI)
    return mth_fail(MTH_INVALID, at, "the object has ABI %d, wanted %d", (int)program->abi,
                    MTH_PROGRAM_ABI);
  *out_program = program;
  return MTH_OK;
}

// Defines what the object wants, then links it.
static mth_status link_object(linker *in, const void *object, size_t object_bytes,
                              const char *program_name, const mth_program_desc **out_program) {
  in->search = !program_name;
  if (program_name) {
    const int length = snprintf(in->table, sizeof in->table, "%s%s", program_name, table_suffix);
    if (length < 0 || (size_t)length >= sizeof in->table)
      return mth_fail(MTH_INVALID, in->at, "a program's name has fewer than %d characters",
                      TABLE_BYTES_MAX);
  }
  MTH_TRY(mth_elf_visit_symbols(object, object_bytes, link_symbol, in, in->at));
  MTH_TRY(add_object(in->jit, object, object_bytes, in->at));
  return find_program(in->jit, in->table, in->at, out_program);
}

mth_status mth_session_load(const mth_registry *registry, const void *object, size_t object_bytes,
                            const char *program_name, const mth_sink *sink, mth_loaded **out_loaded,
                            const mth_program_desc **out_program) {
  const mth_location at = {.sink = sink, .where = program_name ? program_name : "object"};
  mth_target target; // registers LLVM's target, and asks the JIT for no CPU detection of its own
  MTH_TRY(mth_target_init(&target, NULL, NULL, at));
  LLVMOrcLLJITBuilderRef builder = LLVMOrcCreateLLJITBuilder();
  LLVMOrcLLJITBuilderSetJITTargetMachineBuilder(
      builder, LLVMOrcJITTargetMachineBuilderCreateFromTargetMachine(target.machine)); // takes it
  LLVMOrcLLJITRef jit = NULL;
  LLVMErrorRef error = LLVMOrcCreateLLJIT(&jit, builder); // takes builder
  if (error) return fail_llvm(error, at, "start the JIT");

  mth_loaded *const loaded = mth_allocate(mth_default_allocator(), 1, sizeof *loaded);
  mth_status status = loaded ? MTH_OK : mth_fail(MTH_NO_MEMORY, at, "no memory to load a program");
  linker in = {.registry = registry, .jit = jit, .at = at};
  if (status == MTH_OK) status = link_object(&in, object, object_bytes, program_name, out_program);
  if (status != MTH_OK) {
    LLVMErrorRef disposal = LLVMOrcDisposeLLJIT(jit);
    if (disposal) LLVMConsumeError(disposal);
    mth_release(mth_default_allocator(), loaded);
    return status;
  }
  *loaded = (mth_loaded){jit};
  *out_loaded = loaded;
  return MTH_OK;
}

void mth_session_unload(mth_loaded *loaded) {
  if (!loaded) return;
  LLVMErrorRef error = LLVMOrcDisposeLLJIT(loaded->jit);
  if (error) LLVMConsumeError(error);
  mth_release(mth_default_allocator(), loaded);
}
