// host.h: the threads that run tiles. A pool is an mth_host for compiled code.
//
// Results are the same for any number of threads: a kernel's tiles are independent, and where
// tiles begin depends on the launch alone.
#ifndef MTH_RUNTIME_HOST_H
#define MTH_RUNTIME_HOST_H
#include "runtime/allocator.h"
#include "runtime/diagnostic.h"
#include "runtime/program.h"

// Launches below this many scalar operations run on the caller: waking workers takes 1.5 us (4.3 if
// they yield), in which one core does about as many.
#define MTH_INLINE_WORK 32768

typedef struct mth_pool mth_pool;

typedef struct mth_pool_options {
  size_t struct_bytes;            // sizeof(mth_pool_options)
  size_t thread_count;            // the caller included; 0: one per CPU this process may use
  const mth_allocator *allocator; // NULL: the C heap. The threads themselves are libc's
  const mth_sink *sink;           // NULL: reports are dropped
  bool yield;                     // idle workers sleep at once instead of spinning a while for
                                  // the next launch: slower launches, quieter neighbours. Always
                                  // so with more threads than usable CPUs
} mth_pool_options;

// Makes a pool. `options` may be NULL. With one thread it starts none and every launch runs on the
// caller.
//
// Fails  MTH_INVALID for more than 1024 threads, MTH_NO_MEMORY.
MTH_MUST_USE mth_status mth_pool_create(const mth_pool_options *options, mth_pool **out_pool);
// No launch may be in flight. NULL is ignored.
void mth_pool_destroy(mth_pool *pool);

// The vtable to hand to compiled code. Lent; lives as long as the pool.
//
// Threads  calls may share a pool and run at once: launches that use its threads take turns.
const mth_host *mth_pool_host(mth_pool *pool);

size_t mth_pool_thread_count(const mth_pool *pool);
// Tiles that worker `worker` has run since the pool was made. Worker 0 also counts what ran inline.
uint64_t mth_pool_tile_count(const mth_pool *pool, size_t worker);
#endif
