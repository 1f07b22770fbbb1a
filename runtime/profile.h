// profile.h: where the time of an entry goes, launch by launch.
#ifndef MTH_RUNTIME_PROFILE_H
#define MTH_RUNTIME_PROFILE_H
#include "runtime/program.h"

// What one launch of an entry took so far.
typedef struct mth_launch_time {
  uint64_t run_count;
  uint64_t total_ns, least_ns;
  int64_t work; // scalar operations of the last run, as the compiler estimates them
} mth_launch_time;

// A host that times launches and hands them to another. Storage is the caller's.
typedef struct mth_profile {
  mth_host host;         // first: what compiled code is given
  const mth_host *inner; // runs the launches
  mth_launch_time *times;
  int32_t launch_count;
} mth_profile;

// `times` has one zeroed row for each launch of the entry; both are borrowed.
//
// Threads  one run at a time.
void mth_profile_init(mth_profile *profile, const mth_host *inner, mth_launch_time *times,
                      int32_t launch_count);
#endif
