// registry_test.c: finding ops, and what is refused as an op.
#include "ir/registry.h"
#include "test/harness/harness.h"

#include <string.h>

static const mth_op_key one[] = {{.name = "input", .kind = MTH_KEY_TENSOR}};
static const mth_op_key out[] = {{.name = "output", .kind = MTH_KEY_TENSOR}};

static mth_op make_op(const char *name, const char *model) {
  return (mth_op){.struct_bytes = sizeof(mth_op),
                  .abi = MTH_OP_ABI,
                  .name = name,
                  .model = model,
                  .inputs = one,
                  .input_count = 1,
                  .outputs = out,
                  .output_count = 1};
}

TEST(registry, finds_built_in_ops_by_both_names) {
  mth_registry *registry = NULL;
  ASSERT(mth_registry_create(mth_default_allocator(), &registry) == MTH_OK);
  const mth_op *matmul = mth_registry_find(registry, "matmul");
  ASSERT(matmul != NULL);
  EXPECT(mth_registry_find(registry, "MatrixMultiply") == matmul);
  EXPECT(mth_registry_find_model(registry, "MatrixMultiply") == matmul);
  EXPECT(mth_registry_find_model(registry, "matmul") == NULL);
  EXPECT(mth_registry_find(registry, "nothing") == NULL);
  EXPECT(mth_registry_find(registry, NULL) == NULL);
  EXPECT(mth_registry_is_builtin(registry, matmul));
  for (size_t i = 0; i < mth_registry_count(registry); ++i) {
    const mth_op *op = mth_registry_get(registry, i);
    EXPECT(mth_registry_find(registry, op->name) == op);
    EXPECT(op->infer != NULL);
  }
  mth_registry_destroy(registry);
}

TEST(registry, takes_many_ops) {
  mth_registry *registry = NULL;
  ASSERT(mth_registry_create(mth_default_allocator(), &registry) == MTH_OK);
  static char names[300][8];
  static mth_op ops[300];
  for (int i = 0; i < 300; ++i) {
    const char digits[] = {'x', (char)('a' + i / 26), (char)('a' + i % 26), 0};
    memcpy(names[i], digits, sizeof digits);
    ops[i] = make_op(names[i], NULL);
    EXPECT(mth_registry_add(registry, &ops[i], (mth_location){0}) == MTH_OK);
  }
  for (int i = 0; i < 300; ++i)
    EXPECT(mth_registry_find(registry, names[i]) == &ops[i]);
  EXPECT(!mth_registry_is_builtin(registry, &ops[0]));
  EXPECT(mth_registry_find(registry, "relu") != NULL);
  mth_registry_destroy(registry);
}

#define EXPECT_REFUSED(op, wanted)                                                                 \
  do {                                                                                             \
    mth_diagnostic seen_ = {0};                                                                    \
    const mth_sink sink_ = mth_sink_keep_first(&seen_);                                            \
    EXPECT(mth_registry_add(registry, op, (mth_location){&sink_, "here"}) == MTH_INVALID);         \
    EXPECT_TEXT(seen_.message, wanted);                                                            \
    EXPECT_TEXT(seen_.where, "here");                                                              \
  } while (0)

TEST(registry, refuses_malformed_ops) {
  mth_registry *registry = NULL;
  ASSERT(mth_registry_create(mth_default_allocator(), &registry) == MTH_OK);
  EXPECT_REFUSED(NULL, "wanted an op, found NULL");
  mth_op op = make_op("Upper", NULL);
  EXPECT_REFUSED(&op, "op name 'Upper': wanted a lower-case letter, then letters, digits and '_'");
  op = make_op("swish", "9");
  EXPECT_REFUSED(&op, "op 'swish': model name '9': wanted a letter, then letters, digits and '_'");
  op = make_op("add", NULL);
  EXPECT_REFUSED(&op, "op name 'add' is taken");
  op = make_op("swish", "Add");
  EXPECT_REFUSED(&op, "model name 'Add' of op 'swish' is taken");
  op = make_op("swish", NULL);
  op.output_count = 0;
  EXPECT_REFUSED(&op, "op 'swish': wanted at least one output, found none");
  op = make_op("swish", NULL);
  op.outputs = NULL;
  EXPECT_REFUSED(&op, "op 'swish': wanted 2 keys, found NULL");
  op = make_op("swish", NULL);
  op.abi = 99;
  mth_diagnostic seen = {0};
  const mth_sink sink = mth_sink_keep_first(&seen);
  EXPECT(mth_registry_add(registry, &op, (mth_location){&sink, "here"}) == MTH_INVALID);
  EXPECT_TEXT(seen.where, "here");
  EXPECT(strstr(seen.message, "wanted an op of abi 1") && strstr(seen.message, "found abi 99"));
  const mth_op_key twice[] = {{.name = "x", .kind = MTH_KEY_TENSOR},
                              {.name = "x", .kind = MTH_KEY_TENSOR}};
  op = make_op("swish", NULL);
  op.inputs = twice, op.input_count = 2;
  EXPECT_REFUSED(&op, "op 'swish': two keys are called 'x'");
  const mth_op_key unnamed[] = {{.name = NULL, .kind = MTH_KEY_TENSOR}};
  op.inputs = unnamed, op.input_count = 1;
  EXPECT_REFUSED(&op, "op 'swish': key 0 has no name of letters and digits");
  const mth_op_key order[] = {{.name = "x", .kind = MTH_KEY_TENSORS},
                              {.name = "y", .kind = MTH_KEY_TENSOR}};
  op.inputs = order, op.input_count = 2;
  EXPECT_REFUSED(&op, "op 'swish': 'y' follows a key of several tensors, which must be the last");
  op = make_op("swish", NULL);
  const mth_op_key list[] = {{.name = "y", .kind = MTH_KEY_TENSORS}};
  op.outputs = list;
  EXPECT_REFUSED(&op, "op 'swish': output 'y' must be one tensor");
  op = make_op("swish", NULL);
  const mth_op_key any[] = {{.name = "x", .kind = MTH_KEY_ARG}};
  op.inputs = any, op.input_count = 1;
  EXPECT_REFUSED(&op, "op 'swish': 'x' takes any values; only ops of MTH_CATEGORY_VALUE do");
  const mth_op_key several[] = {{.name = "x", .kind = MTH_KEY_ARGS},
                                {.name = "y", .kind = MTH_KEY_ARGS}};
  op.inputs = several, op.input_count = 2;
  EXPECT_REFUSED(&op, "op 'swish': 'x' takes any values; only ops of MTH_CATEGORY_VALUE do");
  op.category = MTH_CATEGORY_VALUE;
  EXPECT_REFUSED(&op, "op 'swish': 'y' follows a key of several tensors, which must be the last");
  EXPECT(mth_registry_find(registry, "swish") == NULL);
  mth_registry_destroy(registry);
}
