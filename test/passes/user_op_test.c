// user_op_test.c: users' ops through differentiate and decompose, right ones and wrong ones.
#include "dialect/capi.h"
#include "dialect/diagnostics.h"
#include "dialect/match.h"
#include "dialect/print.h"
#include "ir/build.h"
#include "ir/registry.h"
#include "ir/rule.h"
#include "passes/passes.h"
#include "test/harness/harness.h"

#include "mlir-c/Dialect/Func.h"

#include <stdio.h>
#include <string.h>

static mth_status infer_same(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 1));
  return mth_rule_same_shape(rule, 0, 1);
}

// twice(x) = x + x
static mth_status gradient_twice(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                                 mth_value *out) {
  (void)op;
  out[0] = mth_build_add(b, cotangents[0], cotangents[0]);
  return b->status;
}
static mth_status decompose_twice(mth_builder *b, const mth_op_site *op, mth_value *out) {
  out[0] = mth_build_add(b, op->operands[0], op->operands[0]);
  return b->status;
}
static mth_status decompose_forever(mth_builder *b, const mth_op_site *op, mth_value *out) {
  out[0] = mth_build_unary(b, op->op->name, op->operands[0]);
  return b->status;
}
static mth_status decompose_to_a_sum(mth_builder *b, const mth_op_site *op, mth_value *out) {
  out[0] = mth_build(b, "sum", 1, op->operands, 0, NULL);
  return b->status;
}
static mth_status gradient_of_a_sum(mth_builder *b, const mth_op_site *op,
                                    const mth_value *cotangents, mth_value *out) {
  (void)op;
  out[0] = mth_build(b, "sum", 1, cotangents, 0, NULL);
  return b->status;
}
static void kernel(void *const *buffers, const int64_t *dims, const int64_t *tile, void *scratch) {
  (void)buffers, (void)dims, (void)tile, (void)scratch;
}

static const mth_op_key input[] = {
    {.name = "input", .kind = MTH_KEY_TENSOR, .families = MTH_FAMILY_ANY}};
static const mth_op_key output[] = {
    {.name = "output", .kind = MTH_KEY_TENSOR, .families = MTH_FAMILY_ANY}};

static mth_op make_op(mth_op_code code) {
  return (mth_op){.struct_bytes = sizeof(mth_op),
                  .abi = MTH_OP_ABI,
                  .name = "mine",
                  .model = "Mine",
                  .category = MTH_CATEGORY_OPAQUE,
                  .inputs = input,
                  .input_count = 1,
                  .outputs = output,
                  .output_count = 1,
                  .infer = infer_same,
                  .code = code};
}

static MlirStringRef str(const char *text) { return mlirStringRefCreateFromCString(text); }

// The outcome of one pass on a program with the op "mine".
typedef struct outcome {
  mth_status status;
  mth_diagnostic report;
  int customs, adds; // ops left in the entry
  char ir[4096];     // the module
} outcome;

static outcome run(const mth_op *op, mth_status (*pass)(MlirOperation, const void *),
                   const char *text) {
  outcome result = {.status = MTH_INTERNAL};
  mth_registry *registry;
  if (mth_registry_create(mth_default_allocator(), &registry) != MTH_OK) return result;
  EXPECT_INT(mth_registry_add(registry, op, (mth_location){0}), MTH_OK);
  const MlirDialectRegistry dialects = mlirDialectRegistryCreate();
  mlirDialectHandleInsertDialect(mlirGetDialectHandle__mithril__(), dialects);
  mlirDialectHandleInsertDialect(mlirGetDialectHandle__func__(), dialects);
  const MlirContext context = mlirContextCreateWithRegistry(dialects, false);
  mlirContextGetOrLoadDialect(context, str("func"));
  mlirContextGetOrLoadDialect(context, str("mithril"));
  mth_dialect_set_registry(context, registry);
  mth_sink sink = mth_sink_keep_first(&result.report);
  const MlirDiagnosticHandlerID id = mth_diagnostics_attach(context, &sink);
  const MlirModule module = mlirModuleCreateParse(context, str(text));
  if (harness_check(!mlirModuleIsNull(module), false, __FILE__, __LINE__, "does not parse: %s",
                    result.report.message)) {
    result.status = pass(mlirModuleGetOperation(module), NULL);
    MlirOperation entry = mlirBlockGetFirstOperation(mlirModuleGetBody(module));
    while (!mth_op_is_named(entry, "mithril.entry"))
      entry = mlirOperationGetNextInBlock(entry);
    for (MlirOperation o = mlirBlockGetFirstOperation(mth_op_body(entry)); !mlirOperationIsNull(o);
         o = mlirOperationGetNextInBlock(o)) {
      result.customs += mth_op_is_named(o, "mithril.custom");
      result.adds += mth_op_is_named(o, "mithril.add");
    }
    mth_text ir = MTH_TEXT_INIT(mth_default_allocator());
    mth_print_ir(mlirModuleGetOperation(module), &ir);
    snprintf(result.ir, sizeof result.ir, "%s", mth_text_get(&ir));
    mth_text_deinit(&ir);
    if (result.status == MTH_OK) EXPECT(mlirOperationVerify(mlirModuleGetOperation(module)));
    mlirModuleDestroy(module);
  }
  mth_diagnostics_detach(context, id);
  mlirContextDestroy(context);
  mlirDialectRegistryDestroy(dialects);
  mth_registry_destroy(registry);
  return result;
}

static const char gradient_text[] =
    "mithril.model @m(%x: tensor<4xf32> {mithril.port = \"x\"}) -> (tensor<4xf32> {mithril.port = "
    "\"y\"}) {\n"
    "  %0 = mithril.custom \"mine\" (%x) : (tensor<4xf32>) -> tensor<4xf32>\n"
    "  mithril.return %0 : tensor<4xf32>\n"
    "}\n"
    "mithril.entry @e(%x: tensor<4xf32> {mithril.port = \"x\"}) -> (tensor<4xf32> {mithril.port = "
    "\"y\"}, tensor<4xf32> {mithril.port = \"g\"}) {\n"
    "  %0:2 = mithril.gradient @m (%x) of [0] cotangents (%x) wrt [0]\n"
    "      : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)\n"
    "  mithril.return %0#0, %0#1 : tensor<4xf32>, tensor<4xf32>\n"
    "}\n";

static const char plain_text[] =
    "mithril.entry @e(%x: tensor<4xf32> {mithril.port = \"x\"}) -> (tensor<4xf32> {mithril.port = "
    "\"y\"}) {\n"
    "  %0 = mithril.custom \"mine\" (%x) : (tensor<4xf32>) -> tensor<4xf32>\n"
    "  mithril.return %0 : tensor<4xf32>\n"
    "}\n";

TEST(UserOp, ItsOwnGradientIsUsed) {
  const mth_op op = make_op((mth_op_code){.gradient = gradient_twice});
  const outcome result = run(&op, mth_pass_differentiate, gradient_text);
  EXPECT_INT(result.status, MTH_OK);
  EXPECT_INT(result.customs, 1);
  EXPECT_INT(result.adds, 1);
}

TEST(UserOp, WithoutAGradientItIsExpanded) {
  const mth_op op = make_op((mth_op_code){.decompose = decompose_twice});
  const outcome result = run(&op, mth_pass_differentiate, gradient_text);
  EXPECT_INT(result.status, MTH_OK);
  EXPECT_INT(result.customs, 0);
  EXPECT_INT(result.adds, 2); // x + x, and g + g
}

TEST(UserOp, WithNeitherItIsRefusedWhereItStands) {
  const mth_op op = make_op((mth_op_code){0});
  const outcome result = run(&op, mth_pass_differentiate, gradient_text);
  EXPECT_INT(result.status, MTH_UNSUPPORTED);
  EXPECT_TEXT(result.report.message,
              "'mine' has no gradient, and a gradient was asked for through it");
  EXPECT(strstr(result.report.where, ":2:8, in 'm'"));
}

TEST(UserOp, AGradientOfAnotherTypeIsRefused) {
  const mth_op op = make_op((mth_op_code){.gradient = gradient_of_a_sum});
  const outcome result = run(&op, mth_pass_differentiate, gradient_text);
  EXPECT_INT(result.status, MTH_INVALID);
  EXPECT_TEXT(result.report.message, "the gradient of 'mine' gives operand 0 another type");
}

TEST(UserOp, ADecompositionTakesItsPlace) {
  const mth_op op = make_op((mth_op_code){.decompose = decompose_twice});
  const outcome result = run(&op, mth_pass_decompose, plain_text);
  EXPECT_INT(result.status, MTH_OK);
  EXPECT_INT(result.customs, 0);
  EXPECT_INT(result.adds, 1);
}

TEST(UserOp, AKernelGoesBeforeADecomposition) {
  const mth_op op = make_op((mth_op_code){
      .decompose = decompose_twice, .kernel = kernel, .kernel_symbol = "mine_kernel"});
  const outcome result = run(&op, mth_pass_decompose, plain_text);
  EXPECT_INT(result.status, MTH_OK);
  EXPECT_INT(result.customs, 1);
}

TEST(UserOp, ADecompositionOfAnotherTypeIsRefused) {
  const mth_op op = make_op((mth_op_code){.decompose = decompose_to_a_sum});
  const outcome result = run(&op, mth_pass_decompose, plain_text);
  EXPECT_INT(result.status, MTH_INVALID);
  EXPECT_TEXT(result.report.message, "the decomposition of 'mine' gives result 0 another type");
}

TEST(UserOp, ADecompositionThatComesBackToItselfIsRefused) {
  const mth_op op = make_op((mth_op_code){.decompose = decompose_forever});
  const outcome plain = run(&op, mth_pass_decompose, plain_text);
  EXPECT_INT(plain.status, MTH_INVALID);
  EXPECT_TEXT(plain.report.message, "the decomposition of 'mine' does not end");
  const outcome gradient = run(&op, mth_pass_differentiate, gradient_text);
  EXPECT_INT(gradient.status, MTH_INVALID);
  EXPECT_TEXT(gradient.report.message, "the decomposition of 'mine' does not end");
}

TEST(UserOp, WithNeitherKernelNorDecompositionItIsRefused) {
  const mth_op op = make_op((mth_op_code){0});
  const outcome result = run(&op, mth_pass_decompose, plain_text);
  EXPECT_INT(result.status, MTH_UNSUPPORTED);
  EXPECT_TEXT(result.report.message, "'mine' has neither a kernel nor a decomposition");
}

static mth_status infer_of_two(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 2));
  return mth_rule_same_shape(rule, 0, 2);
}

// A kernel is given a repeated operand once, a C function as often as its op.
static const char kernel_text[] =
    "mithril.kernel @k(%a: tensor<?x3xf32, [\"d0\"]>) -> tensor<?x3xf32, [\"d0\"]>\n"
    "    attributes {symbols = [\"d0\"]} {\n"
    "  %0 = mithril.custom \"mine\" (%a, %a) : (tensor<?x3xf32, [\"d0\"]>,\n"
    "      tensor<?x3xf32, [\"d0\"]>) -> tensor<?x3xf32, [\"d0\"]>\n"
    "  mithril.return %0 : tensor<?x3xf32, [\"d0\"]>\n"
    "}\n"
    "mithril.entry @e(%x: tensor<?x3xf32, [\"T\"]> {mithril.port = \"x\"})\n"
    "    -> (tensor<?x3xf32, [\"T\"]> {mithril.port = \"y\"}) {\n"
    "  %0 = mithril.launch @k(%x) dims [\"T\"]\n"
    "      : (tensor<?x3xf32, [\"T\"]>) -> tensor<?x3xf32, [\"T\"]>\n"
    "  mithril.return %0 : tensor<?x3xf32, [\"T\"]>\n"
    "}\n";

TEST(UserOp, ACKernelIsLaunchedWithTheOpsOperandsAndAllDims) {
  const mth_op_key two[] = {{.name = "left", .kind = MTH_KEY_TENSOR, .families = MTH_FAMILY_ANY},
                            {.name = "right", .kind = MTH_KEY_TENSOR, .families = MTH_FAMILY_ANY}};
  mth_op op = make_op((mth_op_code){.kernel = kernel, .kernel_symbol = "mine_kernel"});
  op.inputs = two;
  op.input_count = 2;
  op.infer = infer_of_two;
  const outcome result = run(&op, mth_pass_to_linalg, kernel_text);
  EXPECT_INT(result.status, MTH_OK);
  EXPECT(strstr(result.ir, "func.func private @k() attributes {"));
  EXPECT(strstr(result.ir, "mithril.c_kernel = \"mine_kernel\""));
  EXPECT(strstr(result.ir, "mithril.grid = [1]"));
  EXPECT(strstr(result.ir, "mithril.launch @k(%arg0, %arg0) dims [\"T\", 3, \"T\", 3, \"T\", 3]"));
}

TEST(UserOp, AKernelAroundACKernelHoldsNothingElse) {
  const mth_op op = make_op((mth_op_code){.kernel = kernel, .kernel_symbol = "mine_kernel"});
  static const char with_more[] =
      "mithril.kernel @k(%a: tensor<4xf32>) -> tensor<4xf32> {\n"
      "  %0 = mithril.custom \"mine\" (%a) : (tensor<4xf32>) -> tensor<4xf32>\n"
      "  %1 = mithril.exp %0 : (tensor<4xf32>) -> tensor<4xf32>\n"
      "  mithril.return %1 : tensor<4xf32>\n"
      "}\n"
      "mithril.entry @e(%x: tensor<4xf32> {mithril.port = \"x\"})\n"
      "    -> (tensor<4xf32> {mithril.port = \"y\"}) {\n"
      "  %0 = mithril.launch @k(%x) dims [] : (tensor<4xf32>) -> tensor<4xf32>\n"
      "  mithril.return %0 : tensor<4xf32>\n"
      "}\n";
  const outcome result = run(&op, mth_pass_verify_kernels, with_more);
  EXPECT_INT(result.status, MTH_INTERNAL);
  EXPECT_TEXT(result.report.message,
              "a kernel around a C kernel holds nothing else, found mithril.exp");
  EXPECT(strstr(result.report.where, ":3:8"));
}
