// host_test.c: tiles and the threads that run them.
#include "runtime/host.h"
#include "test/harness/failing_allocator.h"
#include "test/harness/harness.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

enum { rows = 37, columns = 53 };

// Counts how often each cell is visited, and keeps the scratch busy to see workers collide.
static void visit(void *const *buffers, const int64_t *dims, const int64_t *tile, void *scratch) {
  atomic_int *cells = buffers[0];
  for (int64_t i = tile[0]; i < tile[1]; ++i)
    for (int64_t j = tile[2]; j < tile[3]; ++j) {
      atomic_int *busy = scratch;
      if (atomic_fetch_add(busy, 1) != 0) atomic_fetch_add(&cells[rows * columns], 1);
      atomic_fetch_add(&cells[i * dims[0] + j], 1);
      atomic_fetch_sub(busy, 1);
    }
}

static mth_pool *make_pool(size_t threads) {
  const mth_pool_options options = {.struct_bytes = sizeof options, .thread_count = threads};
  mth_pool *pool = NULL;
  return mth_pool_create(&options, &pool) == MTH_OK ? pool : NULL;
}

static uint64_t total_tiles(const mth_pool *pool) {
  uint64_t total = 0;
  for (size_t w = 0; w < mth_pool_thread_count(pool); ++w)
    total += mth_pool_tile_count(pool, w);
  return total;
}

TEST(host, every_cell_is_visited_once_for_any_block_and_threads) {
  static atomic_int cells[rows * columns + 1];
  _Alignas(64) static char scratch[3 * 64];
  for (size_t threads = 1; threads <= 3; ++threads)
    for (int64_t block = 1; block <= 64; block *= 4) {
      mth_pool *pool = make_pool(threads);
      ASSERT(pool);
      memset(cells, 0, sizeof cells);
      const mth_launch_desc desc = {0, 2, "visit", visit, {block, 2 * block + 1}};
      void *const buffers[] = {cells};
      const int64_t dims[] = {columns};
      const mth_launch launch = {.desc = &desc,
                                 .buffers = buffers,
                                 .dims = dims,
                                 .extent = {rows, columns},
                                 .work = MTH_INLINE_WORK,
                                 .scratch_bytes = 64,
                                 .scratch = scratch};
      EXPECT_INT(mth_pool_host(pool)->parallel_for(mth_pool_host(pool), &launch), MTH_OK);
      int wrong = 0;
      for (int i = 0; i < rows * columns; ++i)
        wrong += cells[i] != 1;
      EXPECT_INT(wrong, 0);
      EXPECT_INT(cells[rows * columns], 0); // no two workers in one scratch
      const int64_t wide = 2 * block + 1;
      EXPECT_INT(total_tiles(pool), ((rows + block - 1) / block) * ((columns + wide - 1) / wide));
      mth_pool_destroy(pool);
    }
}

// Waits until a second worker has come, so that one fast worker cannot take every tile.
static void meet(void *const *buffers, const int64_t *dims, const int64_t *tile, void *scratch) {
  atomic_int *arrived = buffers[0];
  (void)dims, (void)tile, (void)scratch;
  atomic_fetch_add(arrived, 1);
  const time_t start = time(NULL);
  while (atomic_load(arrived) < 2 && time(NULL) - start < 20)
    sched_yield();
}

TEST(host, two_workers_run_tiles) {
  mth_pool *pool = make_pool(2);
  ASSERT(pool);
  atomic_int arrived = 0;
  const mth_launch_desc desc = {0, 1, "meet", meet, {1}};
  void *const buffers[] = {&arrived};
  const mth_launch launch = {
      .desc = &desc, .buffers = buffers, .extent = {2}, .work = MTH_INLINE_WORK};
  EXPECT_INT(mth_pool_host(pool)->parallel_for(mth_pool_host(pool), &launch), MTH_OK);
  EXPECT_INT(mth_pool_tile_count(pool, 0), 1);
  EXPECT_INT(mth_pool_tile_count(pool, 1), 1);
  EXPECT_INT(mth_pool_tile_count(pool, 2), 0);
  mth_pool_destroy(pool);
}

static void who(void *const *buffers, const int64_t *dims, const int64_t *tile, void *scratch) {
  (void)dims, (void)tile, (void)scratch;
  *(pthread_t *)buffers[0] = pthread_self();
}

TEST(host, little_work_runs_on_the_caller) {
  mth_pool *pool = make_pool(2);
  ASSERT(pool);
  pthread_t thread;
  memset(&thread, 0, sizeof thread);
  const mth_launch_desc desc = {0, 1, "who", who, {1}};
  void *const buffers[] = {&thread};
  const mth_launch launch = {
      .desc = &desc, .buffers = buffers, .extent = {5}, .work = MTH_INLINE_WORK - 1};
  EXPECT_INT(mth_pool_host(pool)->parallel_for(mth_pool_host(pool), &launch), MTH_OK);
  EXPECT(pthread_equal(thread, pthread_self()));
  EXPECT_INT(mth_pool_tile_count(pool, 0), 5);
  EXPECT_INT(mth_pool_tile_count(pool, 1), 0);
  mth_pool_destroy(pool);
}

TEST(host, an_extent_of_zero_runs_nothing_and_too_many_tiles_are_refused) {
  mth_pool *pool = make_pool(1);
  ASSERT(pool);
  const mth_launch_desc desc = {0, 4, "visit", visit, {1, 1, 1, 1}};
  mth_launch launch = {.desc = &desc, .extent = {INT64_MAX, INT64_MAX, INT64_MAX, 0}};
  const mth_host *host = mth_pool_host(pool);
  EXPECT_INT(host->parallel_for(host, &launch), MTH_OK);
  EXPECT_INT(total_tiles(pool), 0);
  launch.extent[3] = 1;
  EXPECT_INT(host->parallel_for(host, &launch), MTH_INVALID);
  EXPECT_INT(total_tiles(pool), 0);
  mth_pool_destroy(pool);
}

typedef struct shared {
  mth_pool *pool;
  atomic_int cells[1 + 64];
} shared;

static void add_one(void *const *buffers, const int64_t *dims, const int64_t *tile, void *scratch) {
  (void)dims, (void)scratch;
  atomic_fetch_add(&((atomic_int *)buffers[0])[tile[0]], 1);
}

static void *launch_often(void *user) {
  shared *s = user;
  const mth_launch_desc desc = {0, 1, "add_one", add_one, {1}};
  void *const buffers[] = {s->cells};
  const mth_launch launch = {
      .desc = &desc, .buffers = buffers, .extent = {64}, .work = MTH_INLINE_WORK};
  for (int i = 0; i < 200; ++i)
    if (mth_pool_host(s->pool)->parallel_for(mth_pool_host(s->pool), &launch) != MTH_OK) break;
  return NULL;
}

TEST(host, callers_may_share_a_pool) {
  static shared s;
  memset(&s, 0, sizeof s);
  s.pool = make_pool(2);
  ASSERT(s.pool);
  pthread_t other;
  ASSERT(pthread_create(&other, NULL, launch_often, &s) == 0);
  launch_often(&s);
  pthread_join(other, NULL);
  for (int i = 0; i < 64; ++i)
    EXPECT_INT(s.cells[i], 400);
  mth_pool_destroy(s.pool);
}

TEST(host, refuses_what_it_cannot_make) {
  mth_diagnostic diagnostic = {0};
  const mth_sink sink = mth_sink_keep_first(&diagnostic);
  mth_pool_options options = {.struct_bytes = sizeof options, .thread_count = 1025, .sink = &sink};
  mth_pool *pool = NULL;
  EXPECT(mth_pool_create(&options, &pool) == MTH_INVALID);
  EXPECT_TEXT(diagnostic.where, "pool");
  EXPECT_TEXT(diagnostic.message, "wanted at most 1024 threads, found 1025");
  for (long fail_at = 0; fail_at < 2; ++fail_at) {
    failing_allocator failing = {.fail_at = fail_at};
    const mth_allocator allocator = failing_allocator_hook(&failing);
    options.allocator = &allocator;
    options.thread_count = 2;
    diagnostic.status = MTH_OK;
    EXPECT(mth_pool_create(&options, &pool) == MTH_NO_MEMORY);
    EXPECT_TEXT(diagnostic.message, "no memory for a pool of 2 threads");
    EXPECT_INT(failing.live, 0);
  }
  EXPECT(!pool);
  mth_pool_destroy(NULL);
}

TEST(host, by_default_there_is_a_thread_per_usable_cpu) {
  mth_pool *pool = NULL;
  ASSERT(mth_pool_create(NULL, &pool) == MTH_OK);
  EXPECT(mth_pool_thread_count(pool) >= 1);
  mth_pool_destroy(pool);
}
