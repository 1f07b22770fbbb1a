// call.h: running an entry. Public.
//
//   mth_call *call;
//   MTH_TRY(mth_call_create(program, "evaluate", NULL, &call));
//   MTH_TRY(mth_call_bind(call, "input", &input));
//   MTH_TRY(mth_parameters_bind(parameters, call));
//   MTH_TRY(mth_call_run(call));
//   MTH_TRY(mth_call_output(call, "output", &output));
#ifndef MTH_RUNTIME_CALL_H
#define MTH_RUNTIME_CALL_H
#include "runtime/entries.h"
#include "runtime/host.h"
#include "runtime/profile.h"

// One entry with its workspace and its bindings. Make one per concurrent caller.
typedef struct mth_call mth_call;

typedef struct mth_call_options {
  size_t struct_bytes;            // sizeof(mth_call_options)
  mth_pool *pool;                 // borrowed; may be shared with other calls
  size_t thread_count;            // without a pool: of a pool of its own; 0: one, the caller alone
  const mth_allocator *allocator; // NULL: the C heap
  const mth_sink *sink;           // of every report of this call; NULL: dropped
  bool profiles;                  // times each launch: tens of ns each; see mth_call_profile
} mth_call_options;

// Makes a call of the entry `entry`. `options` may be NULL. The program must outlive it.
//
// Fails  MTH_INVALID if there is no such entry (the report names those there are), MTH_NO_MEMORY.
MTH_MUST_USE mth_status mth_call_create(mth_program *program, const char *entry,
                                        const mth_call_options *options, mth_call **out_call);
// It must not be running. NULL is ignored.
void mth_call_destroy(mth_call *call);

// Binds a tensor to a port, instead of an earlier one; NULL unbinds. The tensor is borrowed: the
// struct, its shape and its data are read at each run, so they may change between runs, and must
// live until another is bound or the call is destroyed. Nothing of it is checked yet.
//
// Fails  MTH_INVALID if there is no such port; the report names those there are.
MTH_MUST_USE mth_status mth_call_bind(mth_call *call, const char *port, const DLTensor *tensor);
// By position in mth_entry_desc.ports.
MTH_MUST_USE mth_status mth_call_bind_index(mth_call *call, int32_t port_index,
                                            const DLTensor *tensor);

// Does what a run does before it runs, for the shapes bound now: makes the code of a late entry
// and sizes the memory. Data may be missing, so the largest shapes can be reserved with tensors
// that only have a shape. In a late entry ports whose shape is not known yet may be unbound.
MTH_MUST_USE mth_status mth_call_reserve(mth_call *call);

// Checks every argument, then runs the entry.
//
//   in, state  must be bound; out may be, else the call owns it (mth_call_output)
//   each       on the CPU, of the port's dtype and rank, contiguous row-major, aligned to its
//              elements, with data unless it is empty; its dims equal the port's, where a symbol
//              has one value wherever it stands
//   written    (out, state) shares no byte with another port
//
// Memory   one block per call, of mth_call_memory_bytes. It grows when shapes need more than all
//          earlier runs and reserves did; otherwise a run allocates nothing.
// Threads  one at a time per call. Calls of one program may run at once; if they share a state's
//          buffer, the caller keeps them apart.
// Fails    MTH_INVALID if an argument is wrong, MTH_NO_MEMORY if memory could not grow: nothing
//          ran and nothing was changed. A failure of the code itself leaves written ports
//          undefined.
MTH_MUST_USE mth_status mth_call_run(mth_call *call);

// Lends the tensor of an out port as the last run wrote it: a view of the bound one, or of the
// call's own memory. Valid until the next run or reserve.
//
// Fails  MTH_INVALID if there is no such out port, or nothing has run.
MTH_MUST_USE mth_status mth_call_output(mth_call *call, const char *port,
                                        const DLTensor **out_tensor);

// Lends the time of each launch since the call was made, in the order of mth_entry_desc.launches of
// `out_entry`: the code of the last run. NULL and 0 launches without the option `profiles`. Making
// code for other shapes, or going back to other code, starts anew.
const mth_launch_time *mth_call_profile(const mth_call *call, const mth_entry_desc **out_entry);

// Bytes of the one block: workspace, every worker's scratch, outputs that the call owns.
size_t mth_call_memory_bytes(const mth_call *call);
mth_program *mth_call_get_program(const mth_call *call);
int32_t mth_call_get_entry_index(const mth_call *call);
mth_pool *mth_call_get_pool(const mth_call *call);
#endif
