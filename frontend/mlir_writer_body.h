// mlir_writer_body.h: logical models as `mithril.model` functions. Private to the writer.
#ifndef MTH_FRONTEND_MLIR_WRITER_BODY_H
#define MTH_FRONTEND_MLIR_WRITER_BODY_H
#include "frontend/mlir_outline.h"
#include "ir/graph.h"
#include "ir/text.h"

typedef struct mth_mlir_writer {
  mth_context *context;
  mth_text *text;
  mth_arena *arena; // of names and types made on the way
  mth_dtype float_dtype, int_dtype;
  // Inputs whose shape the entry states: their unknown dims are symbols of the program.
  mth_connection *const *shaped;
  size_t shaped_count;
  mth_connection *const *kept; // inputs of the entry that stay though nothing reads them
  size_t kept_count;
  mth_mlir_outline *outline; // NULL: every shape must be known
} mth_mlir_writer;

// What crosses the border of a model's function: arguments are its inputs that are needed, results
// what is needed outside, both in the order of the model's connections.
typedef struct mth_mlir_signature {
  mth_connection **arguments, **results;
  size_t argument_count, result_count;
} mth_mlir_signature;

// Will every symbol of the dim have a value when the program runs?
bool mth_mlir_is_decided(const mth_mlir_writer *writer, const mth_dim *dim);
// The type of a connection, with its family bound to a dtype.
// With an outline, what is not known stays so in the type, and makes the entry late.
// That of an argument is its type as a tensor.
// Fails  MTH_INVALID: its shape is not known.
MTH_MUST_USE mth_status mth_mlir_type_of(mth_mlir_writer *writer, const mth_connection *connection,
                                         mth_type *out_type);
void mth_mlir_add_type(mth_mlir_writer *writer, const mth_type *type);

// Writes `model` as the function `symbol`, after its composites as functions `symbol.<child>`.
// Only what the `results` (connections of the model) need is written; what inference left open of
// it is decided first, so this runs inside a change that will be undone. `path` leads from the
// user's model to this one, in locations.
MTH_MUST_USE mth_status mth_mlir_write_model(mth_mlir_writer *writer, const mth_model *model,
                                             const char *symbol, const char *path,
                                             mth_connection *const *results, size_t result_count,
                                             mth_mlir_signature *out_signature);
#endif
