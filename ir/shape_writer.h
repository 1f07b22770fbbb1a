// shape_writer.h: shapes of several connections as text, unknown dims numbered alike in all of
// them.
#ifndef MTH_IR_SHAPE_WRITER_H
#define MTH_IR_SHAPE_WRITER_H
#include "ir/connection.h"
#include "ir/context.h"
#include "ir/names.h"

typedef struct mth_shape_writer {
  mth_context *context;
  bool hides_symbols; // an unknown dim is None, unknown dims are "..."
  mth_name_map dims;  // symbols: their numbers
  mth_name_map rests; // runs of unknown length: their numbers
  size_t dim_count, rest_count;
} mth_shape_writer;

// Initialise with the context and zeros.
void mth_shape_writer_deinit(mth_shape_writer *writer);
// Adds "[2, u1, (V1, ...), T + 1]": u1, u2, ... are unknown dims, V1, V2, ... runs of them, in the
// order in which the writer met them; declared dims have their names. "--" for an argument.
void mth_shape_writer_add(mth_shape_writer *writer, const mth_connection *connection,
                          mth_text *text);
#endif
