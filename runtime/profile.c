// profile.c: timing launches.
#include "runtime/profile.h"
#include "runtime/status.h"

#include <time.h>

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int32_t parallel_for(const mth_host *host, const mth_launch *launch) {
  // The address of a profile's first member is the profile's; profiles are never const objects.
  mth_profile *profile = (mth_profile *)(uintptr_t)host;
  const int32_t index = launch->desc->index;
  if (index < 0 || index >= profile->launch_count)
    return profile->inner->parallel_for(profile->inner, launch);
  const uint64_t start_ns = now_ns();
  const int32_t status = profile->inner->parallel_for(profile->inner, launch);
  const uint64_t took_ns = now_ns() - start_ns;
  mth_launch_time *row = &profile->times[index];
  row->least_ns = row->run_count && row->least_ns < took_ns ? row->least_ns : took_ns;
  row->total_ns += took_ns;
  row->work = launch->work;
  ++row->run_count;
  return status;
}

void mth_profile_init(mth_profile *profile, const mth_host *inner, mth_launch_time *times,
                      int32_t launch_count) {
  *profile = (mth_profile){.host = {sizeof(mth_host), parallel_for},
                           .inner = inner,
                           .times = times,
                           .launch_count = launch_count};
}
