// model_summary.h: a logical model as tables for people. Public.
#ifndef MTH_IR_MODEL_SUMMARY_H
#define MTH_IR_MODEL_SUMMARY_H
#include "ir/model.h"

typedef struct mth_summary_options {
  size_t struct_bytes; // sizeof(mth_summary_options)
  const char *title;   // NULL: the model's name and class
  size_t depth;        // how many levels of composites have tables of their own behind the first
  bool hides_shapes;
  bool hides_symbols; // an unknown dim is None, instead of a name that tells equal ones
  bool shows_types;
} mth_summary_options;

// Adds a table: a block for each child, a line for each of its inputs and outputs. Then one for
// each composite child, down to `depth`. An op is its own child. `options` may be NULL.
//
//                           Model
//   --------------------------------------------------------
//   Model   Keys             Shape                Connection
//   ========================================================
//   Linear  Inputs   weight  [4, u1]              'w'
//                    input   [(V1, ...), u2, u1]  'x'
//                    bias    [4]                  'bias'
//           Outputs  output  [(V1, ...), u2, 4]   Relu.input
//   --------------------------------------------------------
//
// Connection  'x' a key of the model; an unnamed one by its display name. Relu.input the key of a
//             sibling; of many, the first four and how many more. 0.5, (0, 1) a value.
// Shape       as ir/shape_writer.h writes it, unknown dims numbered alike in all tables.
void mth_model_summary(const mth_model *model, const mth_summary_options *options, mth_text *text);
#endif
