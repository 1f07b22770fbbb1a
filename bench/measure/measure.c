// measure: interleaved rounds, least times, rows.
#include "bench/measure/measure.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

enum { MAX_ROUNDS = 200 };

double bench_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double time_of(bench_side side, int64_t repetitions) {
  double total = 0;
  for (int64_t i = 0; side.after && i < repetitions; ++i) {
    const double before = bench_now();
    side.run(side.user);
    total += bench_now() - before;
    side.after(side.user);
  }
  if (side.after) return total / (double)repetitions;
  const double start = bench_now();
  for (int64_t i = 0; i < repetitions; ++i)
    side.run(side.user);
  return (bench_now() - start) / (double)repetitions;
}

// Warms the side up and says how often it must run to fill a millisecond.
static int64_t repetitions_of(bench_side side) {
  (void)time_of(side, 1);
  const double once = time_of(side, 1);
  return once >= 1e-3 ? 1 : (int64_t)(1e-3 / fmax(once, 1e-9)) + 1;
}

// Sorts the times of one side. Returns the least; adds its spread.
static double least_of(double *times, int rounds, double *spread) {
  qsort(times, (size_t)rounds, sizeof *times, ascending);
  *spread = fmax(*spread, times[rounds / 4] / times[0] - 1);
  return times[0];
}

bench_row bench_compare(const char *name, const char *peer, int threads, bench_side ours,
                        bench_side theirs, int rounds) {
  static double our_times[MAX_ROUNDS], their_times[MAX_ROUNDS];
  const int64_t our_repetitions = repetitions_of(ours), their_repetitions = repetitions_of(theirs);
  for (int i = 0; i < rounds; ++i) {
    our_times[i] = time_of(ours, our_repetitions);
    their_times[i] = time_of(theirs, their_repetitions);
  }
  bench_row row = {.name = name, .peer = peer, .threads = threads};
  row.ours = least_of(our_times, rounds, &row.spread);
  row.theirs = least_of(their_times, rounds, &row.spread);
  row.ratio = row.theirs / row.ours;
  return row;
}

bench_row bench_against_goal(const char *name, int threads, bench_side ours, double goal,
                             int rounds) {
  static double times[MAX_ROUNDS];
  const int64_t repetitions = repetitions_of(ours);
  for (int i = 0; i < rounds; ++i)
    times[i] = time_of(ours, repetitions);
  bench_row row = {.name = name, .peer = "goal", .threads = threads, .theirs = goal};
  row.ours = least_of(times, rounds, &row.spread);
  row.ratio = goal / row.ours;
  return row;
}

static void print_time(double seconds) {
  if (seconds < 1e-6)
    printf("%8.1f ns", seconds * 1e9);
  else if (seconds < 1e-3)
    printf("%8.2f us", seconds * 1e6);
  else
    printf("%8.2f ms", seconds * 1e3);
}

void bench_report(const bench_row *row) {
  printf("%-30s %d thread%s  ours ", row->name, row->threads, row->threads == 1 ? " " : "s");
  print_time(row->ours);
  printf("  %-10s ", row->peer);
  print_time(row->theirs);
  printf("  ratio %.2f  spread %.0f%%\n", row->ratio, row->spread * 100);
  fflush(stdout);
  const char *const path = getenv("MTH_BENCH_ROWS");
  if (!path) return;
  FILE *const file = fopen(path, "a");
  if (!file) bench_fail("cannot append to '%s'", path);
  fprintf(
      file,
      "{\"name\": \"%s\", \"threads\": %d, \"peer\": \"%s\", \"ratio\": %.4g, \"spread\": %.3g, "
      "\"seconds\": %.6g, \"peer_seconds\": %.6g}\n",
      row->name, row->threads, row->peer, row->ratio, row->spread, row->ours, row->theirs);
  fclose(file);
}

void bench_note(const char *what, double value, const char *unit) {
  printf("  %s %.4g %s\n", what, value, unit);
}

float *bench_random_floats(size_t count, uint64_t seed) {
  float *const x = aligned_alloc(64, (count * sizeof *x + 63) / 64 * 64);
  if (!x) bench_fail("no memory for %zu floats", count);
  for (size_t i = 0; i < count; ++i) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    x[i] = (float)(int32_t)(seed >> 32) * 0x1p-31f;
  }
  return x;
}

_Noreturn void bench_fail(const char *format, ...) {
  va_list args;
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  fputc('\n', stderr);
  exit(1);
}
