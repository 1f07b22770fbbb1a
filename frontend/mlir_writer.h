// mlir_writer.h: a logical model and a list of entries as one module of the textual dialect
// (docs/ir-forms.md, form 1). No MLIR.
#ifndef MTH_FRONTEND_MLIR_WRITER_H
#define MTH_FRONTEND_MLIR_WRITER_H
#include "ir/physical_model.h"
#include "ir/text.h"

typedef enum mth_entry_kind {
  MTH_ENTRY_EVALUATE,  // the outputs
  MTH_ENTRY_GRADIENTS, // the outputs, and a gradient for each trainable parameter
  MTH_ENTRY_STEP,      // the loss; parameters and optimizer state are updated in place
} mth_entry_kind;

// The shape of one input in one entry. MTH_N is an extent, MTH_DECLARED a symbolic dim with a name,
// MTH_ANY one without.
typedef struct mth_entry_shape {
  const char *key; // an input of the model, by its physical name
  mth_shape shape;
} mth_entry_shape;

typedef struct mth_entry_request {
  const char *name; // a C identifier
  mth_entry_kind kind;
  const char *const *outputs; // physical names or paths; inputs that these do not need are dropped
  size_t output_count;        // 0: all
  const mth_entry_shape *shapes; // of inputs; the rest is inferred
  size_t shape_count;
  // The output that is minimised: gradients and step. Its cotangent is 1, it must be a scalar; in
  // gradients every other differentiable output takes its cotangent from a port
  // `<output>_gradient`. NULL: the only output of a step; none in gradients.
  const char *loss;
  // Of a step: a model with inputs `parameter`, `gradient` and outputs `new_parameter`; for each
  // slot `s` an input `s` and an output `new_s`, which become the state port `<parameter>_<s>`
  // with the parameter's shape; `step_count` and `new_step_count` become one state of rank 0; any
  // other input becomes one input port of the entry. Not consumed. See ir/models/optimizers.h.
  mth_model *optimizer;
  const char *const *constant_parameters; // trainable ones that this entry leaves alone
  size_t constant_parameter_count;
  bool keeps_states; // states (ir/state_keys.h) are inputs that this entry only reads
  // Inputs of the entry also if nothing reads them, by physical names or paths.
  const char *const *kept_inputs;
  size_t kept_input_count;
} mth_entry_request;

typedef struct mth_write_options {
  size_t struct_bytes;   // sizeof(mth_write_options)
  const char *name;      // of the program; NULL: "model"
  mth_dtype float_dtype; // MTH_DTYPE_NONE: f32
  mth_dtype int_dtype;   // MTH_DTYPE_NONE: i64
  const mth_entry_request *entries;
  size_t entry_count; // 0: one evaluate entry named "evaluate"
  // What inputs and outputs are to every entry: constants become constants of the module, data keys
  // are no parameters, discarded keys no ports; inference refuses entries that differentiate.
  const mth_physical_options *physical; // NULL: what the model says, names in the short style
} mth_write_options;

// Writes the module into `text` (initialised by the caller). Each entry's shapes hold for that
// entry alone: one model is written many times, differently. Freezes the model.
//
// Fails  MTH_INVALID, reported to the model's context: the model is a child; "Models with no output
//        keys can not be compiled."; an unknown key, output or loss; shapes that contradict the
//        model; a dim, value or element type that stays unknown; a loss that is not a scalar, or
//        not differentiable; nothing to differentiate; a constant key without data; as
//        mth_physical_model_create.
MTH_MUST_USE mth_status mth_write_module(mth_model *model, const mth_write_options *options,
                                         mth_text *text);

// What is known of a program before all shapes are.
typedef struct mth_outline {
  const mth_program_desc *desc; // entries without code, in the order of the options; each has its
                                // ports, of rank -1 where the shape is not numbers
  const bool *is_late;          // for each entry: mth_write_module would miss a shape
} mth_outline;

// The outline of the program that mth_write_module would write, where unknown shapes are no error.
// `options` must be given.
//
// Owns   the outline lives in `arena`.
// Fails  as mth_write_module otherwise.
MTH_MUST_USE mth_status mth_write_outline(mth_model *model, const mth_write_options *options,
                                          mth_arena *arena, mth_outline *out_outline);
#endif
