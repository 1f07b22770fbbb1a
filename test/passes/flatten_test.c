// flatten_test.c: how deep models may be nested, and how many ops they may stand for.
#include "dialect/capi.h"
#include "dialect/diagnostics.h"
#include "ir/registry.h"
#include "ir/text.h"
#include "passes/passes.h"
#include "test/harness/harness.h"

static MlirStringRef str(const char *text) { return mlirStringRefCreateFromCString(text); }

// A chain of models under one entry, each holding the next `twice` or once: `count` levels.
static void write_chain(mth_text *text, int count, bool twice) {
  const char *type = "tensor<4xf32>";
  for (int i = 0; i <= count; ++i) {
    mth_text_add(
        text, "mithril.%s @m%d(%%x: %s {mithril.port = \"x\"}) -> (%s {mithril.port = \"y\"}) {\n",
        i ? "model" : "entry", i, type, type);
    if (i < count)
      mth_text_add(text, "  %%0 = mithril.instance @m%d \"m\" (%%x) : (%s) -> %s\n", i + 1, type,
                   type);
    if (i < count && twice)
      mth_text_add(text, "  %%1 = mithril.instance @m%d \"n\" (%%0) : (%s) -> %s\n", i + 1, type,
                   type);
    else if (i == count)
      mth_text_add(text, "  %%1 = mithril.exp %%x : (%s) -> %s\n", type, type);
    mth_text_add(text, "  mithril.return %s : %s\n}\n", i < count && !twice ? "%0" : "%1", type);
  }
}

static mth_status flatten_chain(int count, bool twice, mth_diagnostic *out_report) {
  mth_registry *registry;
  if (mth_registry_create(mth_default_allocator(), &registry) != MTH_OK) return MTH_NO_MEMORY;
  const MlirDialectRegistry dialects = mlirDialectRegistryCreate();
  mlirDialectHandleInsertDialect(mlirGetDialectHandle__mithril__(), dialects);
  mth_dialect_preset_registry(dialects, registry);
  const MlirContext context = mlirContextCreateWithRegistry(dialects, false);
  mlirContextGetOrLoadDialect(context, str("mithril"));
  mth_sink sink = mth_sink_keep_first(out_report);
  const MlirDiagnosticHandlerID id = mth_diagnostics_attach(context, &sink);
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  write_chain(&text, count, twice);
  const MlirModule module = mlirModuleCreateParse(context, str(mth_text_get(&text)));
  mth_text_deinit(&text);
  mth_status status = MTH_INTERNAL;
  if (!mlirModuleIsNull(module)) {
    status = mth_pass_flatten(mlirModuleGetOperation(module), NULL);
    mlirModuleDestroy(module);
  }
  mth_diagnostics_detach(context, id);
  mlirContextDestroy(context);
  mlirDialectRegistryDestroy(dialects);
  mth_registry_destroy(registry);
  return status;
}

TEST(Flatten, NestsToItsLimitAndNoFurther) {
  mth_diagnostic report = {0};
  EXPECT_INT(flatten_chain(1000, false, &report), MTH_OK);
  EXPECT_TEXT(report.message, "");
  EXPECT_INT(flatten_chain(1001, false, &report), MTH_UNSUPPORTED);
  EXPECT_TEXT(report.message, "models are nested deeper than 1000");
}

TEST(Flatten, ModelsThatUseEachOtherTwiceEnd) {
  mth_diagnostic report = {0};
  EXPECT_INT(flatten_chain(10, true, &report), MTH_OK);
  EXPECT_TEXT(report.message, "");
  EXPECT_INT(flatten_chain(60, true, &report), MTH_UNSUPPORTED);
  EXPECT_TEXT(report.message, "the program has more than 262144 ops when its models are replaced "
                              "by their bodies");
}
