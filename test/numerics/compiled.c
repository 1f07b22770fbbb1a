// compiled.c: oracle tensors in and out of compiled programs.
#include "test/numerics/compiled.h"

#include "runtime/call.h"
#include "runtime/dlpack.h"
#include "test/harness/harness.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool compiled_make(const char *text, compiled *out) {
  *out = (compiled){0};
  if (mth_context_create(NULL, &out->context) != MTH_OK) return false;
  const mth_module_text module = {text, strlen(text), "test.mlir"};
  const mth_status status = mth_compile_text(out->context, &module, NULL, &out->program);
  const mth_diagnostic *said = mth_context_diagnostic(out->context);
  if (!harness_check(status == MTH_OK, true, __FILE__, __LINE__, "%s: %s: %s\n%.3000s",
                     mth_status_name(status), said->where, said->message, text)) {
    mth_context_destroy(out->context);
    *out = (compiled){0};
    return false;
  }
  return true;
}

void compiled_free(compiled *c) {
  mth_program_destroy(c->program);
  mth_context_destroy(c->context);
  *c = (compiled){0};
}

void compiled_store(void *data, mth_dtype dtype, int64_t i, long double value) {
  if (dtype == MTH_BOOL)
    ((uint8_t *)data)[i] = value != 0;
  else if (dtype == MTH_I64)
    ((int64_t *)data)[i] = (int64_t)value;
  else if (dtype == MTH_I32)
    ((int32_t *)data)[i] = (int32_t)value;
  else if (dtype == MTH_I8)
    ((int8_t *)data)[i] = (int8_t)value;
  else if (dtype == MTH_F32)
    ((float *)data)[i] = (float)value;
  else if (dtype == MTH_F64)
    ((double *)data)[i] = (double)value;
  else
    abort();
}

long double compiled_load(const void *data, mth_dtype dtype, int64_t i) {
  if (dtype == MTH_BOOL) return ((const uint8_t *)data)[i];
  if (dtype == MTH_I64) return ((const int64_t *)data)[i];
  if (dtype == MTH_I32) return ((const int32_t *)data)[i];
  if (dtype == MTH_I8) return ((const int8_t *)data)[i];
  if (dtype == MTH_F32) return ((const float *)data)[i];
  if (dtype == MTH_F64) return ((const double *)data)[i];
  abort();
}

void compiled_round(oracle_tensor *tensor, mth_dtype dtype) {
  unsigned char element[8];
  for (int64_t i = 0; i < tensor->count; ++i) {
    compiled_store(element, dtype, 0, tensor->value[i]);
    tensor->value[i] = compiled_load(element, dtype, 0);
  }
}

// A DLTensor with its own storage.
typedef struct buffer {
  DLTensor tensor;
  void *data;
} buffer;

static void fill(buffer *b, oracle_tensor *from, mth_dtype dtype) {
  const size_t bytes = (size_t)from->count * mth_dtype_get(dtype)->bits / 8;
  b->data = aligned_alloc(64, (bytes + 64) / 64 * 64);
  if (!b->data) abort();
  for (int64_t i = 0; i < from->count; ++i)
    compiled_store(b->data, dtype, i, from->value[i]);
  b->tensor = mth_tensor_make(dtype, from->rank, from->dims, b->data);
}

enum { PORT_LIMIT = 8 };

#define CHECK(condition)                                                                           \
  (ok = ok && harness_check((condition), false, __FILE__, __LINE__, "%s: %s (%s: %s)", entry,      \
                            #condition, said.where, said.message))

bool compiled_run(const compiled *c, const char *entry, size_t threads, int input_count,
                  oracle_tensor *inputs, const mth_dtype *dtypes, mth_dtype result_dtype,
                  oracle_tensor *result) {
  bool ok = true;
  mth_diagnostic said = {0};
  const mth_sink sink = mth_sink_keep_first(&said);
  const mth_call_options options = {
      .struct_bytes = sizeof options, .thread_count = threads, .sink = &sink};
  mth_call *call = NULL;
  const DLTensor *y = NULL;
  buffer buffers[PORT_LIMIT] = {0};
  CHECK(mth_call_create(c->program, entry, &options, &call) == MTH_OK);
  for (int i = 0; ok && i < input_count; ++i) {
    char port[16];
    snprintf(port, sizeof port, "a%d", i);
    compiled_round(&inputs[i], dtypes[i]);
    fill(&buffers[i], &inputs[i], dtypes[i]);
    CHECK(mth_call_bind(call, port, &buffers[i].tensor) == MTH_OK);
  }
  if (ok) CHECK(mth_call_run(call) == MTH_OK);
  if (ok) CHECK(mth_call_output(call, "y", &y) == MTH_OK);
  if (ok) CHECK(mth_tensor_dtype(y) == result_dtype);
  if (ok) CHECK(y->ndim == result->rank);
  for (int d = 0; ok && d < result->rank; ++d)
    CHECK(y->shape[d] == result->dims[d]);
  for (int64_t i = 0; ok && i < result->count; ++i)
    result->value[i] = compiled_load(mth_tensor_data(y), result_dtype, i);
  mth_call_destroy(call);
  for (int i = 0; i < input_count; ++i)
    free(buffers[i].data);
  return ok;
}

void compiled_compare(const char *what, const oracle_tensor *actual, const oracle_tensor *wanted,
                      mth_dtype dtype, double ulps) {
  const long double eps = dtype == MTH_F32 ? FLT_EPSILON : dtype == MTH_F64 ? DBL_EPSILON : 0;
  const long double least = dtype == MTH_F32 ? FLT_TRUE_MIN : dtype == MTH_F64 ? DBL_TRUE_MIN : 0;
  for (int64_t i = 0; i < wanted->count; ++i) {
    const long double a = actual->value[i], w = wanted->value[i];
    const long double bound = ulps * (eps * wanted->scale[i] + least);
    const bool same = (isnan(a) && isnan(w)) || a == w || fabsl(a - w) <= bound;
    if (!harness_check(same, false, __FILE__, __LINE__,
                       "%s: element %lld of %lld is %.20Lg, wanted %.20Lg within %.3Lg", what,
                       (long long)i, (long long)wanted->count, a, w, bound))
      return;
  }
}
