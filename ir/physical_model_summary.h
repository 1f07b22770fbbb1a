// physical_model_summary.h: a physical model as tables for people. Public.
#ifndef MTH_IR_PHYSICAL_MODEL_SUMMARY_H
#define MTH_IR_PHYSICAL_MODEL_SUMMARY_H
#include "ir/physical_model.h"
#include "ir/text.h"

typedef struct mth_physical_summary_options {
  size_t struct_bytes;    // sizeof(mth_physical_summary_options)
  const char *title;      // of the table of operators; NULL: "PhysicalModel", or `model`'s
  const mth_model *model; // only what this child, of any depth, is made of; NULL: everything
  mth_dtype float_dtype;  // MTH_DTYPE_NONE: f32
  const char *device;     // NULL: "cpu"
  bool hides_info;        // no box
  bool shows_operators;   // and the table of operators
  bool shows_types;       // in it
} mth_physical_summary_options;

// Adds a box:
//
//                  Model Info
//   -------------------------------------
//   Precision         f32
//   Device            cpu
//   Output keys       output
//   Constant inputs   None
//   Static keys       axes, input
//   Trainable keys    bias, weight
//   Total parameters  >4
//   -------------------------------------
//
// where '>' says that the shape of some trained input is not known, and a table with a block for
// each operator that is left: the physical names of its sources and results, their shapes, and how
// many parameters each trained one holds. `options` may be NULL.
//
// Fails  MTH_INVALID: options.model is no part of the model; MTH_NO_MEMORY.
MTH_MUST_USE mth_status mth_physical_model_summary(const mth_physical_model *physical,
                                                   const mth_physical_summary_options *options,
                                                   mth_text *text);
#endif
