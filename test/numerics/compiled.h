// compiled.h: running entries of a compiled text on oracle tensors.
#ifndef MTH_TEST_NUMERICS_COMPILED_H
#define MTH_TEST_NUMERICS_COMPILED_H
#include "frontend/compile_text.h"
#include "runtime/dtype.h"
#include "test/numerics/oracle.h"

#include <stdbool.h>

// A context, a program, and what was said when one of them failed.
typedef struct compiled {
  mth_context *context;
  mth_program *program;
} compiled;

// Compiles a module. Reports a failure of the running test with the diagnostic and the text.
bool compiled_make(const char *text, compiled *out);
void compiled_free(compiled *c);

// Runs entry `entry`: input i goes to the port "a<i>" in dtypes[i] (rounded to it, and then also in
// `inputs`), the result of the port "y" is written over result->value. Results' shape must be that
// of `result`; anything else fails the running test.
bool compiled_run(const compiled *c, const char *entry, size_t threads, int input_count,
                  oracle_tensor *inputs, const mth_dtype *dtypes, mth_dtype result_dtype,
                  oracle_tensor *result);

// Element i of storage of a dtype.
void compiled_store(void *data, mth_dtype dtype, int64_t i, long double value);
long double compiled_load(const void *data, mth_dtype dtype, int64_t i);

// Rounds every value to the dtype, as storing it does.
void compiled_round(oracle_tensor *tensor, mth_dtype dtype);

// Fails the running test where |actual - wanted| > ulps * eps * scale, or one is NaN and the other
// is not. Names the first such element.
void compiled_compare(const char *what, const oracle_tensor *actual, const oracle_tensor *wanted,
                      mth_dtype dtype, double ulps);
#endif
