// compile_text.h: programs from modules of the textual dialect and from object bytes. Public.
#ifndef MTH_FRONTEND_COMPILE_TEXT_H
#define MTH_FRONTEND_COMPILE_TEXT_H
#include "ir/context.h"
#include "jit/compiler.h"
#include "runtime/entries.h"

// A module of the textual dialect (docs/ir-forms.md, form 1).
typedef struct mth_module_text {
  const char *text; // need not end in zero
  size_t text_bytes;
  const char *name; // for locations: "model.mlir"; NULL: "text"
} mth_module_text;

// How code is made. All zero but struct_bytes: for this machine, no dumps.
typedef struct mth_code_options {
  size_t struct_bytes;    // sizeof(mth_code_options)
  const char *cpu;        // "native", NULL for the same, or a name LLVM knows
  const char *features;   // NULL, or "+avx2,-fma"
  const char *dump_after; // NULL, "all", or a pass's name
  // Receives dumps: the pass's name and the IR after it. Needed with dump_after.
  void (*dump)(void *user, const char *pass, const char *text, size_t text_bytes);
  void *dump_user;
} mth_code_options;

// Compiles a module to an object, or to one of the forms on the way there. `options` may be NULL.
// Errors are reported to the context's sink.
//
// Owns     the artifact's bytes are the caller's: mth_release(mth_context_allocator(...), bytes).
// Threads  may run at once for one context that nobody changes.
// Fails    MTH_INVALID: a wrong module, at its line and column; no compiler to open.
//          MTH_UNSUPPORTED, MTH_NO_MEMORY.
MTH_MUST_USE mth_status mth_compile_text_to(mth_context *context, const mth_module_text *module,
                                            const mth_code_options *options, mth_emit emit,
                                            mth_artifact *out_artifact);

// Compiles a module and loads it into this process. The context must outlive the program.
//
// Fails  as mth_compile_text_to and mth_load_object.
MTH_MUST_USE mth_status mth_compile_text(mth_context *context, const mth_module_text *module,
                                         const mth_code_options *options,
                                         mth_program **out_program);

// Loads an object that was compiled for this machine; the bytes are copied. C kernels of ops are
// found among the context's ops, and the context must outlive the program.
//
// Fails  MTH_INVALID: not such an object, a symbol that nobody has, a table that is not whole.
MTH_MUST_USE mth_status mth_load_object(mth_context *context, const void *object,
                                        size_t object_bytes, mth_program **out_program);
#endif
