// result_fixture.h: the type that an op's result has in a program, as text.
#ifndef MTH_TEST_IR_RESULT_FIXTURE_H
#define MTH_TEST_IR_RESULT_FIXTURE_H
#include "ir/registry.h"
#include "test/harness/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { rank_max = 8, key_max = 8 };

typedef struct result_fixture {
  mth_registry *registry;
  mth_dim_table *dims;
  mth_diagnostic seen;
  char text[256];
} result_fixture;

static inline void open_results(result_fixture *f) {
  memset(f, 0, sizeof *f);
  EXPECT(mth_registry_create(mth_default_allocator(), &f->registry) == MTH_OK);
  EXPECT(mth_dim_table_create(mth_default_allocator(), &f->dims) == MTH_OK);
}

static inline void close_results(result_fixture *f) {
  mth_registry_destroy(f->registry);
  mth_dim_table_destroy(f->dims);
}

// Reads "4, T, 2*T + 1" into dims; returns how many.
static inline size_t read_dims(result_fixture *f, const char *text, const mth_dim **dims) {
  char copy[128];
  snprintf(copy, sizeof copy, "%s", text);
  size_t count = 0;
  char *rest = copy;
  for (char *part; (part = strsep(&rest, ",")) && *part; ++count)
    EXPECT(mth_dim_parse(f->dims, part, (mth_location){0}, &dims[count]) == MTH_OK);
  return count;
}

// Reads "f32[4, T] i64[]" into types; returns how many.
static inline size_t read_types(result_fixture *f, const char *text, mth_type *types,
                                const mth_dim *dims[][rank_max]) {
  size_t count = 0;
  while (*text) {
    char dtype[8] = "", shape[128] = "";
    const char *open = strchr(text, '['), *close = strchr(text, ']');
    snprintf(dtype, sizeof dtype, "%.*s", (int)(open - text), text);
    snprintf(shape, sizeof shape, "%.*s", (int)(close - open - 1), open + 1);
    const size_t rank = read_dims(f, shape, dims[count]);
    types[count] = (mth_type){mth_dtype_find_mlir(dtype)->dtype, (int32_t)rank, dims[count]};
    ++count;
    text = close + 1;
    while (*text == ' ')
      ++text;
  }
  return count;
}

static inline const char *print_type(result_fixture *f, const mth_type *type) {
  int length = snprintf(f->text, sizeof f->text, "%s[", mth_dtype_get(type->dtype)->mlir);
  for (int32_t i = 0; i < type->rank; ++i)
    length += snprintf(f->text + length, sizeof f->text - (size_t)length, "%s%s", i ? ", " : "",
                       mth_dim_text(f->dims, type->dims[i]));
  snprintf(f->text + length, sizeof f->text - (size_t)length, "]");
  return f->text;
}

// The result's type as text, or the message.
static inline const char *infer(result_fixture *f, const char *name, const char *operands,
                                size_t given_count, const mth_arg *given) {
  const mth_op *op = mth_registry_find(f->registry, name);
  if (!op) return "no such op";
  const mth_dim *dims[key_max][rank_max];
  mth_type types[key_max], result;
  const size_t operand_count = read_types(f, operands, types, dims);
  mth_arg args[key_max];
  size_t arg_count = 0;
  for (size_t i = 0; i < op->input_count; ++i) {
    if (op->inputs[i].kind != MTH_KEY_ARG) continue;
    args[arg_count] = op->inputs[i].value;
    for (size_t j = 0; j < given_count; ++j)
      if (strcmp(given[j].key, op->inputs[i].name) == 0) args[arg_count] = given[j];
    ++arg_count;
  }
  memset(&f->seen, 0, sizeof f->seen);
  const mth_sink sink = mth_sink_keep_first(&f->seen);
  const mth_status status =
      mth_infer_results(f->registry, op, f->dims, operand_count, types, arg_count, args,
                        (mth_location){&sink, "here"}, &result);
  if (status == MTH_OK) return print_type(f, &result);
  EXPECT_TEXT(f->seen.where, "here");
  return f->seen.message;
}

#define EXPECT_INFERS(op, operands, wanted) EXPECT_TEXT(infer(&f, op, operands, 0, NULL), wanted)
#define EXPECT_INFERS_WITH(op, operands, wanted, ...)                                              \
  do {                                                                                             \
    const mth_arg args_[] = {__VA_ARGS__};                                                         \
    EXPECT_TEXT(infer(&f, op, operands, sizeof args_ / sizeof *args_, args_), wanted);             \
  } while (0)
#define INTS(key, ...)                                                                             \
  MTH_ARG_IS(key, sizeof((int64_t[]){__VA_ARGS__}) / 8, ((const int64_t[]){__VA_ARGS__}))

// DIMS arguments of a test, as text.
typedef struct dims_text {
  const mth_dim *dims[rank_max];
} dims_text;

static inline mth_arg dims_arg(result_fixture *f, const char *key, const char *text,
                               dims_text *storage) {
  const size_t count = read_dims(f, text, storage->dims);
  return MTH_ARG_DS(key, count, storage->dims);
}
#endif
