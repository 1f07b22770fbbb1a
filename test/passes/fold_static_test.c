// fold_static_test.c: what is handed to the way to compute, and what becomes of its answer.
#include "dialect/capi.h"
#include "dialect/match.h"
#include "ir/registry.h"
#include "passes/passes.h"
#include "test/harness/harness.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"
#include "passes/options.h"

// A way to compute that answers zeros, and remembers what it was asked.
typedef struct answers {
  int calls, ops, results;
} answers;

static mth_status answer_zeros(void *user, MlirOperation module, intptr_t count,
                               MlirAttribute *out_values) {
  answers *seen = user;
  const MlirOperation entry = mlirBlockGetFirstOperation(mth_op_body(module));
  const MlirBlock body = mth_op_body(entry);
  seen->calls++;
  seen->results = (int)count;
  EXPECT(mlirOperationVerify(module));
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    seen->ops++;
  const MlirOperation end = mlirBlockGetTerminator(body);
  for (intptr_t i = 0; i < count; ++i) {
    const MlirType type = mlirValueGetType(mlirOperationGetOperand(end, i));
    out_values[i] = mlirDenseElementsAttrFloatSplatGet(type, 0.0f);
  }
  return MTH_OK;
}

static MlirStringRef str(const char *text) { return mlirStringRefCreateFromCString(text); }

// Folds `text` with results of at most `max_bytes`; how many mithril.constant its entry has then.
static int fold(const char *text, int64_t max_bytes, answers *seen) {
  mth_registry *registry;
  if (mth_registry_create(mth_default_allocator(), &registry) != MTH_OK) return -1;
  const MlirDialectRegistry dialects = mlirDialectRegistryCreate();
  mlirDialectHandleInsertDialect(mlirGetDialectHandle__mithril__(), dialects);
  mth_dialect_preset_registry(dialects, registry);
  const MlirContext context = mlirContextCreateWithRegistry(dialects, false);
  mlirContextGetOrLoadDialect(context, str("mithril"));
  const mth_evaluate evaluate = {answer_zeros, seen};
  mth_dialect_set_evaluate(context, &evaluate);
  const MlirModule module = mlirModuleCreateParse(context, str(text));
  int constants = -1;
  if (!mlirModuleIsNull(module)) {
    const mth_fold_static_options options = {max_bytes};
    EXPECT(mth_pass_fold_static(mlirModuleGetOperation(module), &options) == MTH_OK);
    EXPECT(mlirOperationVerify(mlirModuleGetOperation(module)));
    constants = 0;
    const MlirOperation entry = mlirBlockGetFirstOperation(mlirModuleGetBody(module));
    for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(entry));
         !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
      constants += mth_op_is_named(op, "mithril.constant");
    mlirModuleDestroy(module);
  }
  mlirContextDestroy(context);
  mlirDialectRegistryDestroy(dialects);
  mth_registry_destroy(registry);
  return constants;
}

TEST(FoldStatic, AChainIsComputedAtOnce) {
  answers seen = {0};
  const int constants =
      fold("mithril.entry @e() -> (tensor<f32> {mithril.port = \"y\"}) {\n"
           "  %0 = mithril.constant dense<1.0> : tensor<f32>\n"
           "  %1 = mithril.exp %0 : (tensor<f32>) -> tensor<f32>\n"
           "  %2 = mithril.add %1, %0 : (tensor<f32>, tensor<f32>) -> tensor<f32>\n"
           "  mithril.return %2 : tensor<f32>\n}\n",
           1024, &seen);
  EXPECT_INT(seen.calls, 1);
  EXPECT_INT(seen.results, 1); // the exp is used inside the batch alone
  EXPECT_INT(seen.ops, 4);
  EXPECT_INT(constants, 2); // the answer, and the first one, which is dead now
}

TEST(FoldStatic, AnOpWithAnOperandThatVariesStays) {
  answers seen = {0};
  fold("mithril.entry @e(%x: tensor<f32> {mithril.port = \"x\"}) -> (tensor<f32> {mithril.port = "
       "\"y\"}) {\n"
       "  %0 = mithril.constant dense<1.0> : tensor<f32>\n"
       "  %1 = mithril.add %x, %0 : (tensor<f32>, tensor<f32>) -> tensor<f32>\n"
       "  mithril.return %1 : tensor<f32>\n}\n",
       1024, &seen);
  EXPECT_INT(seen.calls, 0);
}

TEST(FoldStatic, ANumberIsNotStretchedIntoALargeConstant) {
  const char *text =
      "mithril.entry @e() -> (tensor<100x100xf32> {mithril.port = \"y\"}) {\n"
      "  %0 = mithril.constant dense<1.0> : tensor<f32>\n"
      "  %1 = mithril.broadcast_to %0 {shape = [100, 100]} : (tensor<f32>) -> tensor<100x100xf32>\n"
      "  mithril.return %1 : tensor<100x100xf32>\n}\n";
  answers seen = {0};
  fold(text, 1 << 20, &seen);
  EXPECT_INT(seen.calls, 0);
}

TEST(FoldStatic, NothingAboveTheLimitIsComputed) {
  const char *text = "mithril.entry @e() -> (tensor<1000xf32> {mithril.port = \"y\"}) {\n"
                     "  %0 = mithril.constant dense<1.0> : tensor<1000xf32>\n"
                     "  %1 = mithril.exp %0 : (tensor<1000xf32>) -> tensor<1000xf32>\n"
                     "  mithril.return %1 : tensor<1000xf32>\n}\n";
  answers seen = {0};
  fold(text, 3999, &seen);
  EXPECT_INT(seen.calls, 0);
  fold(text, 4000, &seen);
  EXPECT_INT(seen.calls, 1);
}
