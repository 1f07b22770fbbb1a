// mlir_writer_entry.h: one entry of a program, while it is being written. Private to the writer.
#ifndef MTH_FRONTEND_MLIR_WRITER_ENTRY_H
#define MTH_FRONTEND_MLIR_WRITER_ENTRY_H
#include "frontend/mlir_writer.h"
#include "frontend/mlir_writer_body.h"
#include "ir/physical_names.h"

typedef struct mth_mlir_entry {
  mth_mlir_writer *writer;
  const mth_entry_request *request;
  mth_model *model;
  const mth_physical_model *physical;
  const mth_physical_name *names; // inputs, then outputs
  size_t name_count;
  mth_location at;
  mth_mlir_signature signature; // of the function `<entry>.model`: outputs, then new states
  const char **argument_names, **result_names;
  size_t output_count; // results that are outputs
  size_t loss;         // index among them; signature.result_count: none
  bool *is_state;      // for each argument
  bool *has_cotangent; // for each result
  bool *trained;       // for each argument
  size_t value_count;  // of the entry's body; its arguments come first
} mth_mlir_entry;

// An argument of an entry.
typedef struct mth_mlir_port {
  const char *name;
  const mth_connection *connection; // gives type and start
  bool is_state;
  const char *type;      // instead of the connection's, or NULL
  const mth_type *noted; // what `type` says, for an outline
} mth_mlir_port;

// Each writes the entry function of its kind; the model's function is there already.
MTH_MUST_USE mth_status mth_mlir_add_evaluate(mth_mlir_entry *entry);
MTH_MUST_USE mth_status mth_mlir_add_gradients(mth_mlir_entry *entry);
MTH_MUST_USE mth_status mth_mlir_add_step(mth_mlir_entry *entry);

// Parts of them.
MTH_MUST_USE mth_status mth_mlir_add_port(mth_mlir_entry *entry, const mth_mlir_port *port,
                                          bool first);
// The model's arguments, then the states that it writes and does not read. The value of argument i
// is %i.
MTH_MUST_USE mth_status mth_mlir_add_input_ports(mth_mlir_entry *entry);
MTH_MUST_USE mth_status mth_mlir_add_result_ports(const mth_mlir_entry *entry);
MTH_MUST_USE mth_status mth_mlir_add_types(const mth_mlir_entry *entry,
                                           mth_connection *const *connections, size_t count);
// Text of a connection's type, in the writer's arena.
MTH_MUST_USE mth_status mth_mlir_type_text(const mth_mlir_entry *entry,
                                           const mth_connection *connection, const char **out_text);
size_t mth_mlir_trained_count(const mth_mlir_entry *entry);
// The gradient op on the arguments %0.. of the entry. Cotangents other than the loss's are values
// from `first_cotangent` on. Its results: the model's, then one for each trained argument.
MTH_MUST_USE mth_status mth_mlir_add_gradient(mth_mlir_entry *entry, size_t first_cotangent,
                                              size_t *out_value);
#endif
