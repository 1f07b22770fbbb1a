// compile.h: programs from logical models. Public.
//
//   mth_entry_request entries[] = {{.name = "evaluate"},
//                                  {.name = "step", .kind = MTH_ENTRY_STEP, .optimizer = adam}};
//   mth_compile_options options = {.struct_bytes = sizeof options, .entries = entries,
//                                  .entry_count = 2};
//   MTH_TRY(mth_compile(model, &options, &program));
//   MTH_TRY(mth_parameters_create(program, NULL, &parameters));
#ifndef MTH_FRONTEND_COMPILE_H
#define MTH_FRONTEND_COMPILE_H
#include "frontend/compile_text.h"
#include "frontend/mlir_writer.h"

// What is compiled, and how. All zero but struct_bytes: one entry `evaluate` in f32 for this
// machine.
typedef struct mth_compile_options {
  size_t struct_bytes;              // sizeof(mth_compile_options)
  const char *name;                 // of the program, a C identifier; NULL: "model"
  mth_dtype float_dtype;            // MTH_DTYPE_NONE: f32
  mth_dtype int_dtype;              // MTH_DTYPE_NONE: i64
  const mth_entry_request *entries; // over one set of parameters
  size_t entry_count;
  const mth_code_options *code;         // NULL: for this machine, no dumps
  const mth_physical_options *physical; // constants, data, ...: as in mth_write_options
} mth_compile_options;

// Compiles a model and loads it into this process. Freezes the model, does not consume it: it may
// be compiled again, differently. Ports answer to their path names too ("layer1_conv1_weight").
//
// An entry is late if a shape of it is neither given nor inferred: its code is made at the first
// run, for the shapes that are bound then, and kept. A dim that the options declare symbolic stays
// so. A late program needs the model and all that the options point to until it is destroyed, and
// nothing else may use their context while a run makes code.
//
// Owns   the context must outlive the program.
// Fails  as mth_write_module, mth_compile_text_to and mth_load_object.
MTH_MUST_USE mth_status mth_compile(mth_model *model, const mth_compile_options *options,
                                    mth_program **out_program);

// Compiles a model to an object, its header, or one of the forms on the way. Every shape must be
// known or declared symbolic.
//
// Owns   the artifact's bytes are the caller's: mth_release(mth_context_allocator(...), bytes).
// Fails  as mth_write_module and mth_compile_text_to.
MTH_MUST_USE mth_status mth_compile_to(mth_model *model, const mth_compile_options *options,
                                       mth_emit emit, mth_artifact *out_artifact);
#endif
