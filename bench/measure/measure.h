// measure.h: timing two sides against each other, and the rows that bench/run collects.
#ifndef MTH_BENCH_MEASURE_H
#define MTH_BENCH_MEASURE_H
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct bench_side {
  void (*run)(void *user);
  void *user;
  void (*after)(void *user); // each run, and is not timed; or NULL
} bench_side;

// One line of the table. Times are of one run, in seconds.
//
// What else runs on the machine only ever adds time, so a side's time is its least. `spread` says
// how far to trust it: by how much, relative, the time that a quarter of the rounds stay below
// exceeds the least, on the side where it is more.
typedef struct bench_row {
  const char *name, *peer;
  int threads;
  double ours, theirs;
  double ratio, spread; // ratio: our speed / the peer's
} bench_row;

// Runs both sides in turn, so that a busy neighbour or a slower clock meets both. A side shorter
// than a millisecond is repeated within a round.
bench_row bench_compare(const char *name, const char *peer, int threads, bench_side ours,
                        bench_side theirs, int rounds);
// Times of one side against a goal in seconds.
bench_row bench_against_goal(const char *name, int threads, bench_side ours, double goal,
                             int rounds);

// Prints the row for people on stdout and, if the environment variable MTH_BENCH_ROWS names a
// file, appends it there as one line of JSON.
void bench_report(const bench_row *row);
// Prints one number for people, such as GFLOP/s or the time of a memcpy, beneath a row.
void bench_note(const char *what, double value, const char *unit);

double bench_now(void); // seconds
// Numbers in [-1, 1), the same on every run; 64-byte aligned; the caller frees.
float *bench_random_floats(size_t count, uint64_t seed);
// Prints what failed and ends the program: a benchmark has nobody to forward an error to.
_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
#endif
