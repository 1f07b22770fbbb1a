// program.h: the ABI between compiled code and whoever runs it. C only; part of every object we
// emit, so a change here is a new MTH_PROGRAM_ABI.
//
// An object holds kernels, one host function per entry, and one read-only mth_program_desc under
// the symbol `<program>_program`. ORC and the linker hand out the same bytes, so JIT and AOT are
// the same program. A host function needs nothing but libc: with a null mth_host it runs every
// launch on the calling thread.
#ifndef MTH_RUNTIME_PROGRAM_H
#define MTH_RUNTIME_PROGRAM_H
#include "runtime/dtype.h"

#include <stddef.h>
#include <stdint.h>

#define MTH_PROGRAM_ABI 1
#define MTH_GRID_RANK 4

// One tile of a kernel.
//   buffers  data of the kernel's operands, then of its results; contiguous row-major
//   dims     the kernel's symbols, in its own order
//   tile     begin and end (half open) of each grid dim: 2 * grid_rank numbers
//   scratch  this worker's own storage, 64-byte aligned, or NULL if the launch asks for none
typedef void mth_kernel_fn(void *const *buffers, const int64_t *dims, const int64_t *tile,
                           void *scratch);

// What is known of a launch before it runs. Read-only data of the object.
typedef struct mth_launch_desc {
  int32_t index;      // within its entry
  int32_t grid_rank;  // 1..MTH_GRID_RANK
  const char *kernel; // name of the kernel, for profiles
  mth_kernel_fn *run;
  int64_t block[MTH_GRID_RANK]; // tiles start at multiples of this; >= 1
} mth_launch_desc;

// One launch in flight. Lives on the host function's stack.
typedef struct mth_launch {
  const mth_launch_desc *desc;
  void *const *buffers;
  const int64_t *dims;
  int64_t extent[MTH_GRID_RANK]; // of the grid; >= 0. Any 0: nothing runs
  int64_t work;                  // scalar operations in all, an estimate
  int64_t scratch_bytes;         // each worker's share, a multiple of 64
  void *scratch;                 // worker w's begins at w * scratch_bytes
} mth_launch;

// How a host function reaches its surroundings. Grows at the end; struct_bytes tells how far.
typedef struct mth_host {
  size_t struct_bytes;
  // Runs every tile of the launch once, in any order, and returns when all are done: 0, or the
  // mth_status of a failure.
  int32_t (*parallel_for)(const struct mth_host *host, const mth_launch *launch);
} mth_host;

// Runs an entry. Returns 0 or an mth_status.
//   host       NULL: sequential
//   ports      data of each port, in the order of mth_entry_desc.ports
//   symbols    values of the entry's symbols, in order, checked by the caller
//   workspace  64-byte aligned, workspace_bytes + workers * scratch_bytes as told by `sizes`
typedef int32_t mth_entry_fn(const mth_host *host, void *const *ports, const int64_t *symbols,
                             void *workspace);

// Evaluates everything that depends on symbols. out[0] = workspace_bytes (a multiple of 64),
// out[1] = scratch_bytes of one worker (a multiple of 64), out[2 + i] = the entry's i-th computed
// dim. Returns 0, or MTH_INVALID if a size does not fit in 63 bits or a dim is negative.
typedef int32_t mth_sizes_fn(const int64_t *symbols, int64_t *out);

typedef enum mth_role {
  MTH_IN = 0,
  MTH_OUT = 1,
  MTH_STATE = 2, // one buffer, read and written in place
} mth_role;

// How a parameter or a state starts. Numbers: u, n are uniform on [0,1) and standard normal from
// the counter-based generator (runtime/random.h).
typedef enum mth_init_kind {
  MTH_INIT_NONE = 0,     // the caller gives it
  MTH_INIT_CONSTANT = 1, // a
  MTH_INIT_UNIFORM = 2,  // a + (b - a) * u
  MTH_INIT_NORMAL = 3,   // a + b * n
} mth_init_kind;

typedef struct mth_init {
  int32_t kind; // mth_init_kind
  int32_t reserved;
  double a, b;
} mth_init;

typedef struct mth_port_desc {
  const char *name;
  int32_t role;  // mth_role
  int32_t dtype; // mth_dtype
  int32_t rank;
  int32_t reserved;
  const int64_t *dims; // >= 0: the extent; < 0: computed dim number -1 - dims[i] of the entry
  mth_init init;
} mth_port_desc;

typedef struct mth_symbol_desc {
  const char *name;  // "T"; "" for a dim that the user did not name
  int32_t port, dim; // where its value is read: a port that is not MTH_OUT
} mth_symbol_desc;

typedef struct mth_entry_desc {
  const char *name;
  mth_entry_fn *run;
  mth_sizes_fn *sizes;
  int32_t port_count, symbol_count, computed_count, launch_count;
  const mth_port_desc *ports; // in, then state, then out
  const mth_symbol_desc *symbols;
  const mth_launch_desc *const *launches;
  const char *const *computed; // text of each computed dim: "T", "2*T + 1". Equal texts: one dim
} mth_entry_desc;

typedef struct mth_program_desc {
  int32_t abi; // MTH_PROGRAM_ABI
  int32_t entry_count;
  const char *name;
  const mth_entry_desc *entries;
} mth_program_desc;
#endif
