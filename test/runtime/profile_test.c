// profile_test.c: times of launches.
#include "runtime/call.h"
#include "test/harness/failing_allocator.h"
#include "test/harness/harness.h"
#include "test/harness/sample_program.h"

#include <time.h>

static void sleep_a_while(void *const *buffers, const int64_t *dims, const int64_t *tile,
                          void *scratch) {
  const struct timespec millisecond = {0, 1000000};
  (void)buffers, (void)dims, (void)tile, (void)scratch;
  nanosleep(&millisecond, NULL);
}

TEST(profile, a_launch_is_charged_for_its_own_time) {
  mth_pool *pool;
  const mth_pool_options options = {.struct_bytes = sizeof options, .thread_count = 1};
  ASSERT(mth_pool_create(&options, &pool) == MTH_OK);
  mth_launch_time times[2] = {{0}};
  mth_profile profile;
  mth_profile_init(&profile, mth_pool_host(pool), times, 2);
  const mth_launch_desc slow = {1, 1, "slow", sleep_a_while, {1}};
  const mth_launch_desc unknown = {7, 1, "unknown", sleep_a_while, {1}};
  mth_launch launch = {.desc = &slow, .extent = {3}, .work = 42};
  EXPECT_INT(profile.host.parallel_for(&profile.host, &launch), MTH_OK);
  launch.extent[0] = 1;
  EXPECT_INT(profile.host.parallel_for(&profile.host, &launch), MTH_OK);
  launch.desc = &unknown;
  EXPECT_INT(profile.host.parallel_for(&profile.host, &launch), MTH_OK);
  EXPECT_INT(times[0].run_count, 0);
  EXPECT_INT(times[1].run_count, 2);
  EXPECT_INT(times[1].work, 42);
  EXPECT(times[1].total_ns >= 4000000);
  EXPECT(times[1].least_ns >= 1000000 && times[1].least_ns <= times[1].total_ns - 3000000);
  EXPECT_INT(mth_pool_tile_count(pool, 0), 5);
  mth_pool_destroy(pool);
}

TEST(profile, a_call_that_profiles_counts_every_launch) {
  const mth_program_source source = {.struct_bytes = sizeof source, .desc = &sample_program};
  mth_program *program;
  ASSERT(mth_program_create(&source, &program) == MTH_OK);
  float data[12] = {0}, w[3] = {0}, mask[4] = {0};
  int64_t shape[] = {4, 3};
  const DLTensor input = mth_tensor_make(MTH_F32, 2, shape, data);
  const DLTensor weight = mth_tensor_make(MTH_F32, 1, shape + 1, w);
  const DLTensor masks = mth_tensor_make(MTH_F32, 1, shape, mask);
  const DLTensor *const tensors[] = {&input, &weight, &masks};
  for (int profiles = 0; profiles < 2; ++profiles) {
    const mth_call_options options = {.struct_bytes = sizeof options, .profiles = profiles == 1};
    mth_call *call;
    ASSERT(mth_call_create(program, "evaluate", &options, &call) == MTH_OK);
    for (int32_t i = 0; i < 3; ++i)
      EXPECT(mth_call_bind_index(call, i, tensors[i]) == MTH_OK);
    for (int i = 0; i < 5; ++i)
      EXPECT(mth_call_run(call) == MTH_OK);
    const mth_entry_desc *entry;
    const mth_launch_time *times = mth_call_profile(call, &entry);
    EXPECT(entry == &sample_entries[0]);
    EXPECT(!times == !profiles);
    for (int i = 0; times && i < entry->launch_count; ++i)
      EXPECT_INT(times[i].run_count, 5);
    mth_call_destroy(call);
  }
  failing_allocator failing = {.fail_at = -1};
  const mth_allocator allocator = failing_allocator_hook(&failing);
  const mth_call_options options = {
      .struct_bytes = sizeof options, .profiles = true, .allocator = &allocator};
  mth_call *call;
  ASSERT(mth_call_create(program, "evaluate", &options, &call) == MTH_OK);
  const long count = failing.count;
  mth_call_destroy(call);
  for (long fail_at = 0; fail_at < count; ++fail_at) {
    failing = (failing_allocator){.fail_at = fail_at};
    EXPECT(mth_call_create(program, "evaluate", &options, &call) == MTH_NO_MEMORY);
    EXPECT_INT(failing.live, 0);
  }
  mth_program_destroy(program);
}
