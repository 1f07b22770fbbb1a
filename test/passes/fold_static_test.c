// fold_static_test.c: what is handed to the way to compute, and what becomes of its answer.
#include "dialect/capi.h"
#include "dialect/diagnostics.h"
#include "dialect/match.h"
#include "ir/registry.h"
#include "passes/passes.h"
#include "test/harness/harness.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"
#include "passes/options.h"

#include <stdio.h>
#include <string.h>

// What is answered.
typedef enum answer { ANSWER_ZEROS, ANSWER_NOTHING, ANSWER_F64 } answer;

// A way to compute that remembers what it was asked.
typedef struct answers {
  int calls, ops, results;
  answer answer;
} answers;

static mth_status answer_all(void *user, MlirOperation module, intptr_t count,
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
    const MlirContext context = mlirTypeGetContext(type);
    const MlirType f64 =
        mlirRankedTensorTypeGet(0, NULL, mlirF64TypeGet(context), mlirAttributeGetNull());
    out_values[i] = mlirDenseElementsAttrFloatSplatGet(type, 0.0f);
    if (seen->answer == ANSWER_NOTHING) out_values[i] = mlirAttributeGetNull();
    if (seen->answer == ANSWER_F64) out_values[i] = mlirDenseElementsAttrDoubleSplatGet(f64, 0.0);
  }
  return MTH_OK;
}

static MlirStringRef str(const char *text) { return mlirStringRefCreateFromCString(text); }

// Folds `text` with results of at most `max_bytes`; how many mithril.constant its entry has then,
// or -1 if it was refused, with `out_report`.
static int fold_or_refuse(const char *text, int64_t max_bytes, answers *seen,
                          mth_diagnostic *out_report) {
  mth_registry *registry;
  if (mth_registry_create(mth_default_allocator(), &registry) != MTH_OK) return -1;
  const MlirDialectRegistry dialects = mlirDialectRegistryCreate();
  mlirDialectHandleInsertDialect(mlirGetDialectHandle__mithril__(), dialects);
  mth_dialect_preset_registry(dialects, registry);
  const MlirContext context = mlirContextCreateWithRegistry(dialects, false);
  mlirContextGetOrLoadDialect(context, str("mithril"));
  const mth_evaluate evaluate = {answer_all, seen};
  mth_dialect_set_evaluate(context, &evaluate);
  mth_sink sink = mth_sink_keep_first(out_report);
  const MlirDiagnosticHandlerID id = mth_diagnostics_attach(context, &sink);
  const MlirModule module = mlirModuleCreateParse(context, str(text));
  int constants = -1;
  if (!mlirModuleIsNull(module)) {
    const mth_fold_static_options options = {max_bytes};
    const mth_status status = mth_pass_fold_static(mlirModuleGetOperation(module), &options);
    EXPECT(mlirOperationVerify(mlirModuleGetOperation(module)));
    constants = status == MTH_OK ? 0 : -1;
    const MlirOperation entry = mlirBlockGetFirstOperation(mlirModuleGetBody(module));
    for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(entry));
         status == MTH_OK && !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
      constants += mth_op_is_named(op, "mithril.constant");
    mlirModuleDestroy(module);
  }
  mth_diagnostics_detach(context, id);
  mlirContextDestroy(context);
  mlirDialectRegistryDestroy(dialects);
  mth_registry_destroy(registry);
  return constants;
}

static int fold(const char *text, int64_t max_bytes, answers *seen) {
  mth_diagnostic report = {0};
  const int constants = fold_or_refuse(text, max_bytes, seen, &report);
  EXPECT_TEXT(report.message, "");
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

TEST(FoldStatic, AnAnswerOfAnotherTypeIsRefused) {
  const char *text = "mithril.entry @e() -> (tensor<f32> {mithril.port = \"y\"}) {\n"
                     "  %0 = mithril.constant dense<1.0> : tensor<f32>\n"
                     "  %1 = mithril.exp %0 : (tensor<f32>) -> tensor<f32>\n"
                     "  mithril.return %1 : tensor<f32>\n}\n";
  for (answer wrong = ANSWER_NOTHING; wrong <= ANSWER_F64; ++wrong) {
    answers seen = {.answer = wrong};
    mth_diagnostic report = {0};
    EXPECT_INT(fold_or_refuse(text, 1024, &seen, &report), -1);
    EXPECT_TEXT(report.message, "a folded constant has another type");
    EXPECT(strstr(report.where, ":3:8"));
  }
}

TEST(FoldStatic, WhatComesAfterAnOpThatVariesStays) {
  answers seen = {0};
  fold("mithril.entry @e(%x: tensor<f32> {mithril.port = \"x\"}) -> (tensor<f32> {mithril.port = "
       "\"y\"}) {\n"
       "  %0 = mithril.exp %x : (tensor<f32>) -> tensor<f32>\n"
       "  %1 = mithril.exp %0 : (tensor<f32>) -> tensor<f32>\n"
       "  mithril.return %1 : tensor<f32>\n}\n",
       1024, &seen);
  EXPECT_INT(seen.calls, 0);
}

TEST(FoldStatic, AnOpWithoutOperandsStays) {
  answers seen = {0};
  fold("mithril.entry @e() -> (tensor<8xf32> {mithril.port = \"y\"}) {\n"
       "  %0 = mithril.iota {axis = 0 : i64, dtype = f32, shape = [8]} : () -> tensor<8xf32>\n"
       "  mithril.return %0 : tensor<8xf32>\n}\n",
       1024, &seen);
  EXPECT_INT(seen.calls, 0);
}

// The number 1 stretched to a shape, as the attribute has it and as the type.
static int calls_to_stretch(const char *shape, const char *type) {
  char text[512];
  snprintf(text, sizeof text,
           "mithril.entry @e(%%x: tensor<?xf32, [\"T\"]> {mithril.port = \"x\"})\n"
           "    -> (%s {mithril.port = \"y\"}) {\n"
           "  %%0 = mithril.constant dense<1.0> : tensor<f32>\n"
           "  %%1 = mithril.broadcast_to %%0 {shape = %s} : (tensor<f32>) -> %s\n"
           "  mithril.return %%1 : %s\n}\n",
           type, shape, type, type);
  answers seen = {0};
  fold(text, 1024, &seen);
  return seen.calls;
}

TEST(FoldStatic, ATensorOfASizeThatIsNoNumberStays) {
  EXPECT_INT(calls_to_stretch("[2, 3]", "tensor<2x3xf32>"), 1);
  EXPECT_INT(calls_to_stretch("[\"T\"]", "tensor<?xf32, [\"T\"]>"), 0);
  EXPECT_INT(calls_to_stretch("[0, \"T\"]", "tensor<0x?xf32, [\"T\"]>"), 0);
}
