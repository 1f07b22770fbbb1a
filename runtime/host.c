// host.c: pools of threads and the cutting of launches into tiles.
//
// A launch's tiles are numbered row-major. Each worker starts with its own contiguous share, whose
// tiles read neighbouring memory, and then helps the others: whoever takes the number of a tile
// from a share's counter runs it. Which worker runs which tile varies; what a tile computes does
// not.
#define _GNU_SOURCE // sched_getaffinity
#include "runtime/host.h"
#include "runtime/sized.h"

#include <pthread.h>
#include <pthreadpool.h>
#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>

static const size_t most_threads = 1024;

// One worker's share of the launch in flight, and its count. On cache lines of its own.
typedef struct worker {
  alignas(64) atomic_int_fast64_t next; // the next tile of its share
  int64_t end;                          // of its share
  alignas(64) atomic_uint_fast64_t tile_count;
} worker;

struct mth_pool {
  mth_host host; // first: compiled code hands back its address
  const mth_allocator *allocator;
  size_t thread_count;
  pthreadpool_t threads; // NULL for one thread
  pthread_mutex_t turn;  // held by the launch that uses `workers` and the threads
  uint32_t flags;        // of pthreadpool
  worker *workers;
};

// A launch and its tiles along each grid dim.
typedef struct job {
  mth_pool *pool;
  const mth_launch *launch;
  int64_t tiles[MTH_GRID_RANK];
  int64_t tile_count;
  // pthreadpool orders a launch's memory with barriers of its own. These two say the same to
  // whoever cannot look into it, such as a race detector.
  atomic_bool is_begun;
  atomic_size_t finished_count;
} job;

static void *worker_scratch(const mth_launch *launch, size_t index) {
  if (!launch->scratch || launch->scratch_bytes == 0) return NULL;
  return (char *)launch->scratch + index * (size_t)launch->scratch_bytes;
}

// Runs tiles `begin` to `end` on worker `index`.
static void run_tiles(const job *job, size_t index, int64_t begin, int64_t end) {
  const mth_launch *launch = job->launch;
  const mth_launch_desc *desc = launch->desc;
  const int32_t rank = desc->grid_rank;
  void *scratch = worker_scratch(launch, index);
  for (int64_t number = begin; number < end; ++number) {
    int64_t tile[2 * MTH_GRID_RANK];
    int64_t rest = number;
    for (int32_t d = rank; d-- > 0;) {
      const int64_t first = rest % job->tiles[d] * desc->block[d];
      const int64_t left = launch->extent[d] - first;
      rest /= job->tiles[d];
      tile[2 * d] = first;
      tile[2 * d + 1] = first + (left < desc->block[d] ? left : desc->block[d]);
    }
    desc->run(launch->buffers, launch->dims, tile, scratch);
  }
  atomic_fetch_add_explicit(&job->pool->workers[index].tile_count, (uint_fast64_t)(end - begin),
                            memory_order_relaxed);
}

// A worker's part of a launch: its own share, then what others have not begun.
static void run_worker(void *context, size_t index) {
  job *job = context;
  if (!atomic_load_explicit(&job->is_begun, memory_order_acquire)) return;
  mth_pool *pool = job->pool;
  for (size_t k = 0; k < pool->thread_count; ++k) {
    worker *owner = &pool->workers[(index + k) % pool->thread_count];
    for (;;) {
      const int64_t number = atomic_fetch_add_explicit(&owner->next, 1, memory_order_relaxed);
      if (number >= owner->end) break;
      run_tiles(job, index, number, number + 1);
    }
  }
  atomic_fetch_add_explicit(&job->finished_count, 1, memory_order_release);
}

static int32_t parallel_for(const mth_host *host, const mth_launch *launch) {
  // The address of a pool's first member is the pool's; pools are never const objects.
  mth_pool *pool = (mth_pool *)(uintptr_t)host;
  job job = {.pool = pool, .launch = launch, .tile_count = 1};
  const int32_t rank = launch->desc->grid_rank;
  for (int32_t d = 0; d < rank; ++d)
    if (launch->extent[d] <= 0) return MTH_OK;
  for (int32_t d = 0; d < rank; ++d) {
    const int64_t block = launch->desc->block[d];
    job.tiles[d] = launch->extent[d] / block + (launch->extent[d] % block != 0);
    if (__builtin_mul_overflow(job.tile_count, job.tiles[d], &job.tile_count)) return MTH_INVALID;
  }
  if (!pool->threads || job.tile_count == 1 || launch->work < MTH_INLINE_WORK) {
    run_tiles(&job, 0, 0, job.tile_count);
    return MTH_OK;
  }
  pthread_mutex_lock(&pool->turn);
  const int64_t workers = (int64_t)pool->thread_count;
  const int64_t share = job.tile_count / workers, extra = job.tile_count % workers;
  int64_t begin = 0;
  for (int64_t w = 0; w < workers; ++w) {
    atomic_store_explicit(&pool->workers[w].next, begin, memory_order_relaxed);
    begin += share + (w < extra);
    pool->workers[w].end = begin;
  }
  atomic_store_explicit(&job.is_begun, true, memory_order_release);
  pthreadpool_parallelize_1d(pool->threads, run_worker, &job, pool->thread_count, pool->flags);
  const bool is_done =
      atomic_load_explicit(&job.finished_count, memory_order_acquire) == pool->thread_count;
  pthread_mutex_unlock(&pool->turn);
  return is_done ? MTH_OK : MTH_INTERNAL;
}

static size_t usable_cpus(void) {
  cpu_set_t set;
  CPU_ZERO(&set);
  const int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  return count > 0 ? (size_t)count : 1;
}

mth_status mth_pool_create(const mth_pool_options *given, mth_pool **out_pool) {
  mth_pool_options options = {0};
  MTH_TRY(mth_sized_read(given, &options, sizeof options));
  const mth_location at = {options.sink, "pool"};
  const size_t thread_count = options.thread_count ? options.thread_count : usable_cpus();
  if (thread_count > most_threads)
    return mth_fail(MTH_INVALID, at, "wanted at most %zu threads, found %zu", most_threads,
                    thread_count);
  const mth_allocator *allocator = options.allocator ? options.allocator : mth_default_allocator();
  mth_pool *pool = mth_allocate_lines(allocator, 1, sizeof *pool);
  if (!pool) goto no_memory;
  pool->host = (mth_host){sizeof(mth_host), parallel_for};
  pool->allocator = allocator;
  pool->thread_count = thread_count;
  // More threads than CPUs: whoever spins keeps a CPU from the one that all wait for.
  const bool yields = options.yield || thread_count > usable_cpus();
  pool->flags = yields ? PTHREADPOOL_FLAG_YIELD_WORKERS : 0;
  pthread_mutex_init(&pool->turn, NULL); // of the default kind: cannot fail on Linux
  pool->workers = mth_allocate_lines(allocator, thread_count, sizeof *pool->workers);
  if (!pool->workers) goto no_memory;
  if (thread_count > 1) {
    pool->threads = pthreadpool_create(thread_count);
    if (!pool->threads) goto no_memory;
  }
  *out_pool = pool;
  return MTH_OK;
no_memory:
  mth_pool_destroy(pool);
  return mth_fail(MTH_NO_MEMORY, at, "no memory for a pool of %zu threads", thread_count);
}

void mth_pool_destroy(mth_pool *pool) {
  if (!pool) return;
  if (pool->threads) pthreadpool_destroy(pool->threads);
  pthread_mutex_destroy(&pool->turn);
  mth_release(pool->allocator, pool->workers);
  mth_release(pool->allocator, pool);
}

const mth_host *mth_pool_host(mth_pool *pool) { return &pool->host; }

size_t mth_pool_thread_count(const mth_pool *pool) { return pool->thread_count; }

uint64_t mth_pool_tile_count(const mth_pool *pool, size_t index) {
  if (index >= pool->thread_count) return 0;
  return atomic_load_explicit(&pool->workers[index].tile_count, memory_order_relaxed);
}
