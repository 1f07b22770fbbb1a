// infer_results_test.c: result types of each built-in op in a program, and what is refused.
#include "ir/registry.h"
#include "test/harness/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { rank_max = 8, key_max = 8 };

typedef struct fixture {
  mth_registry *registry;
  mth_dim_table *dims;
  mth_diagnostic seen;
  char text[256];
} fixture;

static void open_fixture(fixture *f) {
  memset(f, 0, sizeof *f);
  EXPECT(mth_registry_create(mth_default_allocator(), &f->registry) == MTH_OK);
  EXPECT(mth_dim_table_create(mth_default_allocator(), &f->dims) == MTH_OK);
}

static void close_fixture(fixture *f) {
  mth_registry_destroy(f->registry);
  mth_dim_table_destroy(f->dims);
}

// Reads "4, T, 2*T + 1" into dims; returns how many.
static size_t read_dims(fixture *f, const char *text, const mth_dim **dims) {
  char copy[128];
  snprintf(copy, sizeof copy, "%s", text);
  size_t count = 0;
  char *rest = copy;
  for (char *part; (part = strsep(&rest, ",")) && *part; ++count)
    EXPECT(mth_dim_parse(f->dims, part, (mth_location){0}, &dims[count]) == MTH_OK);
  return count;
}

// Reads "f32[4, T] i64[]" into types; returns how many.
static size_t read_types(fixture *f, const char *text, mth_type *types,
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

static const char *print_type(fixture *f, const mth_type *type) {
  int length = snprintf(f->text, sizeof f->text, "%s[", mth_dtype_get(type->dtype)->mlir);
  for (int32_t i = 0; i < type->rank; ++i)
    length += snprintf(f->text + length, sizeof f->text - (size_t)length, "%s%s", i ? ", " : "",
                       mth_dim_text(f->dims, type->dims[i]));
  snprintf(f->text + length, sizeof f->text - (size_t)length, "]");
  return f->text;
}

// The result's type as text, or the message.
static const char *infer(fixture *f, const char *name, const char *operands, size_t given_count,
                         const mth_arg *given) {
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
  return status == MTH_OK ? print_type(f, &result) : f->seen.message;
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

static mth_arg dims_arg(fixture *f, const char *key, const char *text, dims_text *storage) {
  const size_t count = read_dims(f, text, storage->dims);
  return MTH_ARG_DS(key, count, storage->dims);
}

TEST(infer_results, of_maps) {
  fixture f;
  open_fixture(&f);
  EXPECT_INFERS("add", "f32[4,3] f32[4,3]", "f32[4, 3]");
  EXPECT_INFERS("add", "f32[4,1] f32[3]", "f32[4, 3]");
  EXPECT_INFERS("multiply", "f64[] f64[2,T]", "f64[2, T]");
  EXPECT_INFERS("add", "f32[T,1,3] f32[5,1]", "f32[T, 5, 3]");
  EXPECT_INFERS("divide", "f32[2*T] f32[2*T]", "f32[2*T]");
  EXPECT_INFERS("power", "f32[2] f32[]", "f32[2]");
  EXPECT_INFERS("less", "i64[4] i64[1]", "i1[4]");
  EXPECT_INFERS("logical_and", "i1[4] i1[4]", "i1[4]");
  EXPECT_INFERS("where", "i1[4,1] f32[3] f32[]", "f32[4, 3]");
  EXPECT_INFERS("squared_error", "f32[4,3] f32[4,3]", "f32[4, 3]");
  EXPECT_INFERS("add", "f32[4] f64[4]",
                "add: 'left' holds f32, 'right' holds f64; they must be equal");
  EXPECT_INFERS("add", "f32[4] f32[3]",
                "add: dim -1 of 'left' is 4, of 'right' it is 3; only a dim that is 1 broadcasts");
  EXPECT_INFERS("add", "f32[T] f32[S]",
                "add: dim -1 of 'left' is T, of 'right' it is S; only a dim that is 1 broadcasts");
  EXPECT_INFERS("add", "f32[T] f32[4]",
                "add: dim -1 of 'left' is T, of 'right' it is 4; only a dim that is 1 broadcasts");
  EXPECT_INFERS(
      "add", "f32[?0] f32[?1]",
      "add: dim -1 of 'left' is ?0, of 'right' it is ?1; only a dim that is 1 broadcasts");
  EXPECT_INFERS("logical_or", "i64[4] i64[4]", "logical_or: 'left' holds i64, wanted bool");
  EXPECT_INFERS("add", "f32[4]", "add: wanted 2 operands, found 1");
  close_fixture(&f);
}

TEST(infer_results, of_elementary_functions) {
  fixture f;
  open_fixture(&f);
  static const char *const names[] = {"negate", "exp",  "log",  "sqrt",         "abs",
                                      "sign",   "tanh", "relu", "sigmoid",      "gelu",
                                      "erf",    "sin",  "cos",  "stop_gradient"};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
    EXPECT_INFERS(names[i], "f32[B,7]", "f32[B, 7]");
  EXPECT_INFERS("logical_not", "i1[2]", "i1[2]");
  EXPECT_INFERS_WITH("cast", "f32[2]", "i64[2]", MTH_ARG_T("dtype", MTH_I64));
  EXPECT_INFERS("exp", "i64[2]",
                "exp: 'input' holds i64, 'output' holds float; they must be equal");
  EXPECT_INFERS("negate", "i1[2]", "negate: 'input' holds i1, wanted int or float");
  close_fixture(&f);
}

TEST(infer_results, of_reductions) {
  fixture f;
  open_fixture(&f);
  EXPECT_INFERS("sum", "f32[4,T]", "f32[]");
  EXPECT_INFERS_WITH("mean", "f32[4,T]", "f32[4]", INTS("axis", -1));
  EXPECT_INFERS_WITH("reduce_max", "i64[4,T,3]", "i64[1, T, 1]", INTS("axis", 0, -1),
                     MTH_ARG_B("keepdim", true));
  EXPECT_INFERS_WITH("sum", "f32[4,T]", "f32[1, 1]", MTH_ARG_B("keepdim", true));
  EXPECT_INFERS_WITH("sum", "f32[4]", "sum: axis 1 is outside of rank 1", INTS("axis", 1));
  EXPECT_INFERS_WITH("sum", "f32[4,5]", "sum: axis 1 is folded twice", INTS("axis", 1, -1));
  close_fixture(&f);
}

TEST(infer_results, of_views) {
  fixture f;
  open_fixture(&f);
  dims_text a, b;
#define RESHAPES(from, shape, wanted)                                                              \
  EXPECT_INFERS_WITH("reshape", from, wanted, dims_arg(&f, "shape", shape, &a))
  RESHAPES("f32[4,6]", "3,8", "f32[3, 8]");
  RESHAPES("f32[4,6]", "-1,8", "f32[3, 8]");
  RESHAPES("f32[B,4,6]", "B,-1", "f32[B, 24]");
  RESHAPES("f32[B,T,6]", "-1,6", "f32[B*T, 6]");
  RESHAPES("f32[]", "1,1", "f32[1, 1]");
  RESHAPES("f32[4*((T + 3) floordiv 4)]", "-1,4", "f32[(T + 3) floordiv 4, 4]");
  RESHAPES("f32[4,6]", "5,5",
           "reshape: the numbers of elements before and after differ: 24 and 25");
  RESHAPES("f32[4,6]", "-1,5", "reshape: the 24 elements of 'input' do not divide by 5");
  RESHAPES("f32[T]", "-1,5", "reshape: the T elements of 'input' do not divide by 5");
  RESHAPES("f32[4]", "-1,-1", "reshape: 'shape' has more than one -1");
  RESHAPES("f32[0]", "-1,0",
           "reshape: 'shape' has a 0 and a -1; what -1 stands for is not defined");
  RESHAPES("f32[4]", "-2,-2", "reshape: dim 0 of 'output' would be -2");
  EXPECT_INFERS("transpose", "f32[2,T,4]", "f32[4, T, 2]");
  EXPECT_INFERS_WITH("transpose", "f32[2,T,4]", "f32[T, 2, 4]", INTS("axes", 1, 0, 2));
  EXPECT_INFERS_WITH("transpose", "f32[2,T]", "transpose: 'axes' has 1 twice", INTS("axes", 1, 1));
  EXPECT_INFERS_WITH("transpose", "f32[2,T]", "transpose: 'axes' lists 1 axes, 'input' has rank 2",
                     INTS("axes", 0));
  EXPECT_INFERS_WITH("slice", "f32[8,T]", "f32[3, T]", dims_arg(&f, "start", "1,0", &a),
                     dims_arg(&f, "size", "3,T", &b), INTS("step", 2, 1));
  EXPECT_INFERS_WITH("slice", "f32[8]", "slice: axis 0: 5 elements from 4 leave its extent 8",
                     dims_arg(&f, "start", "4", &a), dims_arg(&f, "size", "5", &b));
  EXPECT_INFERS_WITH("slice", "f32[8]", "slice: axis 0: start -1 and size 2 must not be negative",
                     dims_arg(&f, "start", "-1", &a), dims_arg(&f, "size", "2", &b));
  EXPECT_INFERS_WITH("slice", "f32[8]", "slice: wanted a step of 1 or more on axis 0, found 0",
                     dims_arg(&f, "start", "0", &a), dims_arg(&f, "size", "2", &b),
                     INTS("step", 0));
  EXPECT_INFERS_WITH("slice", "f32[8]",
                     "slice: wanted as many starts, sizes and steps; found 1, 2 and 0",
                     dims_arg(&f, "start", "0", &a), dims_arg(&f, "size", "2,2", &b));
  EXPECT_INFERS_WITH("broadcast_to", "f32[T,1]", "f32[5, T, 3]",
                     dims_arg(&f, "shape", "5,T,3", &a));
  EXPECT_INFERS_WITH("broadcast_to", "f32[4]",
                     "broadcast_to: dim -1 of 'input' is 4, of 'output' it is 3; only a dim that "
                     "is 1 broadcasts",
                     dims_arg(&f, "shape", "3", &a));
  EXPECT_INFERS_WITH(
      "broadcast_to", "f32[4,4]",
      "broadcast_to: 'input' has rank 2, 'output' has rank 1; it cannot broadcast to it",
      dims_arg(&f, "shape", "4", &a));
  EXPECT_INFERS_WITH("concat", "f32[2,T] f32[3,T] f32[S,T]", "f32[S + 5, T]", MTH_ARG_I("axis", 0));
  EXPECT_INFERS_WITH(
      "concat", "f32[2,T] f32[2,S]",
      "concat: dim 1 of 'inputs[0]' is T, dim 1 of 'inputs[1]' is S; they must be equal",
      MTH_ARG_I("axis", 0));
  EXPECT_INFERS("concat", "", "concat: wanted at least one tensor");
  EXPECT_INFERS_WITH("pad", "f32[T,3]", "f32[T + 3, 3]", dims_arg(&f, "low", "1,0", &a),
                     dims_arg(&f, "high", "2,0", &b));
  EXPECT_INFERS_WITH("pad", "f32[3]", "pad: axis 0 is padded by -1, wanted 0 or more",
                     dims_arg(&f, "low", "-1", &a), dims_arg(&f, "high", "2", &b));
  EXPECT_INFERS_WITH("pad", "f32[3]", "pad: wanted as many 'low' as 'high', found 2 and 1",
                     dims_arg(&f, "low", "1,1", &a), dims_arg(&f, "high", "2", &b));
  close_fixture(&f);
}

TEST(infer_results, of_contractions) {
  fixture f;
  open_fixture(&f);
  EXPECT_INFERS("matmul", "f32[2,3] f32[3,4]", "f32[2, 4]");
  EXPECT_INFERS("matmul", "f32[B,2,3] f32[3,4]", "f32[B, 2, 4]");
  EXPECT_INFERS("matmul", "f32[B,1,T,3] f32[H,3,T]", "f32[B, H, T, T]");
  EXPECT_INFERS("matmul", "f32[2,3] f32[4,3]",
                "matmul: dim -1 of 'left' is 3, dim -2 of 'right' is 4; they must be equal");
  EXPECT_INFERS("matmul", "f32[3] f32[3,4]", "matmul: wanted rank 2 or more, 'left' has shape [3]");
  EXPECT_INFERS(
      "matmul", "f32[5,2,3] f32[4,3,2]",
      "matmul: dim -3 of 'left' is 5, of 'right' it is 4; only a dim that is 1 broadcasts");
  close_fixture(&f);
}

TEST(infer_results, of_indexing_normalisation_and_sources) {
  fixture f;
  open_fixture(&f);
  dims_text a;
  EXPECT_INFERS("gather", "f32[V,8] i64[B,T]", "f32[B, T, 8]");
  EXPECT_INFERS("gather", "f32[V,8,2] i32[]", "f32[8, 2]");
  EXPECT_INFERS("gather", "f32[V,8] f32[B]", "gather: 'indices' holds f32, wanted int");
  EXPECT_INFERS_WITH("scatter_add", "i64[B,T] f32[B,T,8]", "f32[V, 8]",
                     dims_arg(&f, "size", "V", &a));
  EXPECT_INFERS_WITH("scatter_add", "i64[B,T] f32[B]",
                     "scatter_add: 'updates' has rank 1, below the rank 2 of 'indices'",
                     dims_arg(&f, "size", "V", &a));
  EXPECT_INFERS_WITH("scatter_add", "i64[B] f32[B,8]",
                     "scatter_add: wanted one number of rows in 'size', found 2",
                     dims_arg(&f, "size", "V,2", &a));
  EXPECT_INFERS("softmax", "f32[B,8]", "f32[B, 8]");
  EXPECT_INFERS_WITH("log_softmax", "f32[B,8]", "log_softmax: axis 2 is outside of rank 2",
                     MTH_ARG_I("axis", 2));
  EXPECT_INFERS("layer_norm", "f32[B,T,8] f32[8] f32[8]", "f32[B, T, 8]");
  EXPECT_INFERS("layer_norm", "f32[B,T,8] f32[7] f32[8]",
                "layer_norm: dim -1 of 'input' is 8, dim 0 of 'weight' is 7; they must be equal");
  EXPECT_INFERS("cross_entropy", "f32[B,10] i64[B]", "f32[B]");
  EXPECT_INFERS("cross_entropy", "f32[B,10,H] f32[B,10,H]", "f32[B, H]");
  EXPECT_INFERS("cross_entropy", "f32[B,10] i64[S]",
                "cross_entropy: dim 0 of 'input' is B, dim 0 of 'output' is S; they must be equal");
  EXPECT_INFERS_WITH("iota", "", "i64[T, 4]", dims_arg(&f, "shape", "T,4", &a),
                     MTH_ARG_I("axis", 1), MTH_ARG_T("dtype", MTH_I64));
  EXPECT_INFERS_WITH("random_normal", "i64[]", "f32[T, 4]", dims_arg(&f, "shape", "T,4", &a),
                     MTH_ARG_I("stream", 1), MTH_ARG_T("dtype", MTH_F32));
  EXPECT_INFERS_WITH("random_uniform", "f32[]", "random_uniform: 'seed' holds f32, wanted int",
                     dims_arg(&f, "shape", "T,4", &a), MTH_ARG_I("stream", 1),
                     MTH_ARG_T("dtype", MTH_F32));
  close_fixture(&f);
}
