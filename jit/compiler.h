// compiler.h: the compiler's door. The only header of jit/ that the frontend sees; free of LLVM
// and MLIR. libmithril opens libmithril_compiler on first use and asks for
// mth_compiler_get(MTH_COMPILER_ABI).
#ifndef MTH_JIT_COMPILER_H
#define MTH_JIT_COMPILER_H
#include "ir/registry.h"
#include "runtime/allocator.h"
#include "runtime/diagnostic.h"
#include "runtime/program.h"

#define MTH_COMPILER_ABI 1

// What comes out of a compilation.
typedef enum mth_emit {
  MTH_EMIT_OBJECT, // relocatable object for the target
  MTH_EMIT_MLIR,   // the mithril dialect after form-kernels, text
  MTH_EMIT_LINALG, // kernels after to-linalg, text
  MTH_EMIT_LLVM,   // LLVM IR after LLVM's passes, text
  MTH_EMIT_ASM,    // assembly
  MTH_EMIT_HEADER, // C header with typed structs for the object
} mth_emit;

typedef struct mth_compile_request {
  size_t struct_bytes;
  const mth_registry *registry;
  const mth_allocator *allocator;
  const mth_sink *sink; // every diagnostic of the compilation
  const char *source;   // textual dialect, need not end in zero
  size_t source_bytes;
  const char *source_name; // for locations: "model.mlir"
  mth_emit emit;
  const char *cpu;        // "native", NULL for the same, or a name LLVM knows
  const char *features;   // NULL, or "+avx2,-fma"
  const char *dump_after; // NULL, "all", or a pass's name
  // Receives dumps: the pass's name and the IR after it.
  void (*dump)(void *user, const char *pass, const char *text, size_t text_bytes);
  void *dump_user;
} mth_compile_request;

// Bytes owned by the caller's allocator; freed with mth_release.
typedef struct mth_artifact {
  void *bytes;
  size_t byte_count;
} mth_artifact;

typedef struct mth_loaded mth_loaded; // object bytes made executable by ORC

typedef struct mth_compiler_api {
  size_t struct_bytes;
  int32_t abi;
  // Compiles a module of the textual dialect. May run in several threads at once.
  // Fails  MTH_INVALID for a program that is wrong, MTH_UNSUPPORTED, MTH_NO_MEMORY.
  mth_status (*compile)(const mth_compile_request *request, mth_artifact *out_artifact);
  // Loads object bytes made for this machine; copies them. The program lives until `unload`.
  // C kernels of ops (mth_op_code.kernel_symbol) are found in `registry`. `program_name` NULL: the
  // object's only symbol that ends in `_program`; whoever compiles text need not read its name.
  // Fails  MTH_INVALID for bytes that are no such object, or that need a symbol nobody has.
  mth_status (*load)(const mth_registry *registry, const void *object, size_t object_bytes,
                     const char *program_name, const mth_sink *sink, mth_loaded **out_loaded,
                     const mth_program_desc **out_program);
  void (*unload)(mth_loaded *loaded);
} mth_compiler_api;

// NULL if `abi` is not ours. Exported by libmithril_compiler.
const mth_compiler_api *mth_compiler_get(int32_t abi);
#endif
