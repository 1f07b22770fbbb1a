// parameters.h: the tensors that live from run to run: parameters, optimizer slots, statistics.
// Public.
#ifndef MTH_RUNTIME_PARAMETERS_H
#define MTH_RUNTIME_PARAMETERS_H
#include "runtime/call.h"

// Named, initialised buffers, one per name, shared by every entry of a program that has a port of
// that name. Belongs to it a port that is a state or has an init in some entry, unless one of its
// dims is symbolic there (bind such a port yourself).
typedef struct mth_parameters mth_parameters;

typedef struct mth_parameters_options {
  size_t struct_bytes; // sizeof(mth_parameters_options)
  uint64_t seed;
  const mth_allocator *allocator; // NULL: the C heap
  const mth_sink *sink;           // NULL: reports are dropped
} mth_parameters_options;

// Allocates and initialises the set. `options` may be NULL: seed 0.
//
// Each starts as its mth_init says (runtime/random.h, stream mth_random_stream(name)), with the
// element's row-major index: the same numbers on every machine whose libm agrees on log and cos,
// whatever else the program holds. Without an init it starts as zeros. If entries differ, the
// first entry that has an init decides.
//
// Fails  MTH_INVALID if two entries know a name with different types, or if a late entry's shape
//        is not known yet (bind its inputs and mth_call_reserve first); MTH_NO_MEMORY.
MTH_MUST_USE mth_status mth_parameters_create(const mth_program *program,
                                              const mth_parameters_options *options,
                                              mth_parameters **out_parameters);
void mth_parameters_destroy(mth_parameters *parameters);

size_t mth_parameters_count(const mth_parameters *parameters);
// In the order of names. The tensor's data may be written; the tensor itself is lent.
const char *mth_parameters_name(const mth_parameters *parameters, size_t index);
const DLTensor *mth_parameters_get(const mth_parameters *parameters, size_t index);
// By name or alias; NULL if there is none.
const DLTensor *mth_parameters_find(const mth_parameters *parameters, const char *name);

// Copies a tensor's elements into the parameter of that name or alias: how weights from elsewhere
// come in.
//
// Fails  MTH_INVALID, and changes nothing: there is no such parameter (the report names those there
//        are); another element type or shape; not on the CPU, not contiguous, no data.
MTH_MUST_USE mth_status mth_parameters_set(const mth_parameters *parameters, const char *name,
                                           const DLTensor *value);

// Binds every port of the call that has a tensor here. The set must outlive the bindings.
//
// Fails  MTH_INVALID if the call is of another program.
MTH_MUST_USE mth_status mth_parameters_bind(const mth_parameters *parameters, mth_call *call);
#endif
