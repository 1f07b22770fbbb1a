// pipeline.c: the phases, each a list of passes to be read from top to bottom.
#include "passes/pipeline.h"

#include "dialect/match.h"
#include "dialect/print.h"
#include "passes/options.h"

#include <assert.h>
#include <string.h>

//===--- running one pass -----------------------------------------------------------------------

static mth_status dump(mth_pipeline *p, const char *pass) {
  if (!p->dump_after || !p->dump) return MTH_OK;
  if (strcmp(p->dump_after, "all") != 0 && strcmp(p->dump_after, pass) != 0) return MTH_OK;
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_print_ir(p->module, &text);
  if (text.status == MTH_OK) p->dump(p->dump_user, pass, mth_text_get(&text), text.byte_count);
  mth_text_deinit(&text);
  return text.status;
}

enum { OPTIONS_BYTES_MAX = 256 };
typedef union options_storage {
  char bytes[OPTIONS_BYTES_MAX];
  int64_t alignment;
} options_storage;

static const void *default_options(const mth_pass_info *pass, options_storage *storage) {
  assert(pass->options_bytes <= sizeof storage->bytes);
  memset(storage, 0, sizeof *storage);
  for (size_t i = 0; i < pass->option_count; ++i) {
    const mth_pass_option *const option = &pass->options[i];
    void *const field = storage->bytes + option->offset;
    switch (option->kind) {
    case MTH_OPTION_BOOL:
      *(bool *)field = option->default_int != 0;
      break;
    case MTH_OPTION_INT:
      *(int64_t *)field = option->default_int;
      break;
    case MTH_OPTION_STRING:
      *(const char **)field = option->default_string;
      break;
    }
  }
  return pass->option_count ? storage : NULL;
}

// Runs the pass on the module, or on each op of its body that is the pass's anchor.
static mth_status run_on_anchors(mth_pipeline *p, const mth_pass_info *pass, const void *options) {
  if (strcmp(pass->anchor, "builtin.module") == 0) return pass->run(p->module, options);
  MlirOperation next;
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(p->module));
       !mlirOperationIsNull(op); op = next) {
    next = mlirOperationGetNextInBlock(op); // the pass may replace its anchor
    if (mth_op_is_named(op, pass->anchor)) MTH_TRY(pass->run(op, options));
  }
  return MTH_OK;
}

#ifdef NDEBUG
static const bool is_debugged = false;
#else
static const bool is_debugged = true;
#endif

// MLIR's verifier infers the types of every op again: after each pass, that is a quarter of the
// compilation of a long entry. So once a phase, unless somebody looks at single passes.
static bool is_verified_after(const mth_pipeline *p, const char *pass) {
  static const char promise[] = "verify-";
  return is_debugged || p->dump_after || strncmp(pass, promise, sizeof promise - 1) == 0 ||
         strcmp(pass, "entry-to-llvm") == 0; // LLVM's verifier follows, but translation does first
}

// `options`: the pass's own struct, or NULL for its defaults.
static mth_status run(mth_pipeline *p, const char *name, const void *options) {
  const mth_pass_info *const pass = mth_pass_find(name);
  assert(pass && "the pipeline names passes of the table");
  if (p->trace) {
    if (p->trace_count < p->trace_capacity) p->trace[p->trace_count] = pass;
    ++p->trace_count;
    return MTH_OK;
  }
  options_storage storage;
  if (!options) options = default_options(pass, &storage);
  MTH_TRY(run_on_anchors(p, pass, options));
  if (is_verified_after(p, name) && !mlirOperationVerify(p->module))
    return MTH_INTERNAL; // MLIR has reported
  return dump(p, name);
}

//===--- the phases -----------------------------------------------------------------------------

mth_status mth_pipeline_to_typed(mth_pipeline *p) {
  MTH_TRY(run(p, "verify-source", NULL));
  MTH_TRY(run(p, "flatten", NULL));
  MTH_TRY(run(p, "infer", NULL));
  MTH_TRY(run(p, "drop-models", NULL));
  return run(p, "verify-flat", NULL);
}

mth_status mth_pipeline_to_core(mth_pipeline *p) {
  // Before differentiation, so that no gradient is written for what is known or unused.
  MTH_TRY(run(p, "simplify", NULL));
  MTH_TRY(run(p, "fold-static", NULL));
  MTH_TRY(run(p, "differentiate", NULL));
  MTH_TRY(run(p, "drop-models", NULL));
  // The forward ops that the gradients repeat become one; unused gradients go.
  MTH_TRY(run(p, "simplify", NULL));
  MTH_TRY(run(p, "decompose", NULL));
  MTH_TRY(run(p, "simplify", NULL));
  return run(p, "verify-core", NULL);
}

mth_status mth_pipeline_to_kernels(mth_pipeline *p) {
  const mth_pack_contractions_options tiles = {
      .f32_mr = p->tiles.f32_rows,
      .f32_nr = p->tiles.f32_columns,
      .f64_mr = p->tiles.f64_rows,
      .f64_nr = p->tiles.f64_columns,
  };
  MTH_TRY(run(p, "pack-contractions", &tiles));
  // Operands that several contractions share are packed once.
  MTH_TRY(run(p, "simplify", NULL));
  MTH_TRY(run(p, "form-kernels", NULL));
  return run(p, "verify-kernels", NULL);
}

mth_status mth_pipeline_to_linalg(mth_pipeline *p) {
  MTH_TRY(run(p, "to-linalg", NULL));
  MTH_TRY(run(p, "verify-linalg", NULL));
  // Now the kernels' access maps tell which states may be written in place.
  MTH_TRY(run(p, "plan-memory", NULL));
  return run(p, "verify-plan", NULL);
}

mth_status mth_pipeline_kernels_to_llvm(mth_pipeline *p) {
  MTH_TRY(run(p, "schedule", NULL));
  MTH_TRY(run(p, "bufferize", NULL));
  MTH_TRY(run(p, "vectorize", NULL));
  MTH_TRY(run(p, "expand-math", NULL));
  MTH_TRY(run(p, "verify-loops", NULL));
  MTH_TRY(run(p, "kernel-to-llvm", NULL));
  return run(p, "verify-llvm", NULL);
}

mth_status mth_pipeline_entries_to_llvm(mth_pipeline *p) { return run(p, "entry-to-llvm", NULL); }

const mth_phase mth_phases[MTH_PHASE_COUNT] = {
    {"phase-typed", "flatten models, infer types", mth_pipeline_to_typed},
    {"phase-core", "simplify, differentiate, decompose", mth_pipeline_to_core},
    {"phase-kernels", "pack contractions, group ops into kernels", mth_pipeline_to_kernels},
    {"phase-linalg", "write kernels as linalg, plan the memory of entries", mth_pipeline_to_linalg},
    {"phase-code", "schedule kernels and lower them to LLVM", mth_pipeline_kernels_to_llvm},
    {"phase-entries", "make entries host functions", mth_pipeline_entries_to_llvm}};

size_t mth_pipeline_list(size_t begin, size_t end, const mth_pass_info **out_passes,
                         size_t capacity) {
  mth_pipeline p = {.trace = out_passes, .trace_capacity = capacity};
  for (size_t i = begin; i < end; ++i) {
    const mth_status status = mth_phases[i].run(&p);
    assert(status == MTH_OK); // nothing has run
    (void)status;
  }
  return p.trace_count;
}
