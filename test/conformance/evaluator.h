// evaluator.h: what classes compute, straight from their formulas, in long double.
//
// Shares no code with the product: nested loops over arrays, one C function for each class.
//
// Source   NumPy's definitions of the ops; the formulas of losses, robust functions and distances
//          stand beside their functions.
// Numbers  64 bits of mantissa: sums of thousands of terms are right to 1e-16, and differences of
//          such values give derivatives (differences.h).
#ifndef MTH_TEST_CONFORMANCE_EVALUATOR_H
#define MTH_TEST_CONFORMANCE_EVALUATOR_H
#include "test/conformance/tensor.h"

typedef long double real;

typedef struct real_array {
  size_t rank, count;
  int64_t extents[suite_rank_max];
  real *values;
} real_array;

// A key of a class, with its array.
typedef struct real_key {
  const char *name;
  real_array array;
} real_key;

enum { evaluator_outputs_max = 8 };

// One evaluation of a class.
typedef struct evaluator {
  mth_arena *arena;
  const char *class_name;
  const json_t *args;  // constructor arguments, NULL: none
  const json_t *model; // of the class "Model": its dictionary
  const real_key *inputs;
  size_t input_count;
  real_key outputs[evaluator_outputs_max];
  size_t output_count;
  bool stops;      // StopGradient gives zeros: its output is constant where slopes are concerned
  const char *why; // set: what is wrong, and nothing else counts
} evaluator;

// Fills in the outputs. False with `why` if the evaluator has no such class, or cannot evaluate it.
bool evaluator_run(evaluator *e);

typedef void evaluator_fn(evaluator *e);
typedef struct evaluator_class {
  const char *name; // lower case
  evaluator_fn *run;
} evaluator_class;
typedef struct evaluator_table {
  const evaluator_class *classes;
  size_t count;
} evaluator_table;

evaluator_table evaluator_elementwise(void);
evaluator_table evaluator_losses(void);
evaluator_table evaluator_folds(void);
evaluator_table evaluator_views(void);
evaluator_table evaluator_layers(void);
evaluator_table evaluator_composites(void);
evaluator_table evaluator_distances(void);

// ---- for the tables -----------------------------------------------------------------------------

// After a failure these give empty arrays, so a formula needs no checks.
real_array evaluator_input(evaluator *e, const char *key); // refuses what is not there
bool evaluator_has(const evaluator *e, const char *key);
real_array evaluator_make(evaluator *e, size_t rank, const int64_t *extents); // zeroed
void evaluator_output(evaluator *e, const char *key, real_array array);
void evaluator_refuse(evaluator *e, const char *why); // keeps the first
// Constructor arguments.
const json_t *evaluator_arg(const evaluator *e, const char *name); // NULL: not given
int64_t evaluator_int(const evaluator *e, const char *name, int64_t otherwise);
real evaluator_real(const evaluator *e, const char *name, real otherwise);
bool evaluator_bool(const evaluator *e, const char *name, bool otherwise);

// Broadcast of two arrays, aligned on the right.
typedef real binary_fn(real x, real y);
real_array evaluator_map2(evaluator *e, binary_fn *f, real_array x, real_array y);
typedef real unary_fn(real x);
real_array evaluator_map(evaluator *e, unary_fn *f, real_array x);
// x [.., M, K] times y [.., K, N], leading dims broadcast; y transposed: [.., N, K].
real_array evaluator_matmul(evaluator *e, real_array x, real_array y, bool transposes);
// Runs another class on arrays and returns its output `key`.
real_array evaluator_call(evaluator *e, const char *class_name, const json_t *args,
                          const real_key *inputs, size_t input_count, const char *key);
// The same of a model of a document: the name of a class, or a dictionary.
real_array evaluator_call_model(evaluator *e, const json_t *model, const real_key *inputs,
                                size_t input_count, const char *key);
#endif
