// type_test.c: types and arguments survive the way to MLIR and back.
#include "dialect/arg.h"
#include "dialect/diagnostics.h"
#include "dialect/type.h"
#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"
#include "test/harness/harness.h"

typedef struct fixture {
  MlirContext context;
  mth_dim_table *dims;
  mth_arena arena;
} fixture;

static fixture setup(void) {
  fixture f = {mlirContextCreate(), NULL, MTH_ARENA_INIT(mth_default_allocator())};
  EXPECT(mth_dim_table_create(mth_default_allocator(), &f.dims) == MTH_OK);
  return f;
}

static void teardown(fixture *f) {
  mth_arena_reset(&f->arena);
  mth_dim_table_destroy(f->dims);
  mlirContextDestroy(f->context);
}

// The text of a type that went to ours and back.
static bool survives(fixture *f, const char *text) {
  const MlirType type = mlirTypeParseGet(f->context, mlirStringRefCreateFromCString(text));
  mth_type ours;
  if (mth_type_from_ir(f->dims, &f->arena, mlirLocationUnknownGet(f->context), type, &ours) !=
      MTH_OK)
    return false;
  return mlirTypeEqual(type, mth_type_to_ir(f->context, f->dims, &ours));
}

TEST(Type, SurvivesTheWayBack) {
  fixture f = setup();
  EXPECT(survives(&f, "tensor<f32>"));
  EXPECT(survives(&f, "tensor<2x0xi1>"));
  EXPECT(survives(&f, "tensor<?x?xbf16>"));
  EXPECT(survives(&f, "tensor<*xi64>"));
  EXPECT(survives(&f, "tensor<?x128x?xf64, [\"T\", \"2*T + 1\"]>"));
  teardown(&f);
}

TEST(Type, RefusesWhatIsNoTensorOfOurs) {
  fixture f = setup();
  mth_diagnostic found = {0};
  mth_sink sink = mth_sink_keep_first(&found);
  const MlirDiagnosticHandlerID id = mth_diagnostics_attach(f.context, &sink);
  EXPECT(!survives(&f, "f32"));
  EXPECT_TEXT(found.message, "wants a tensor type");
  found.status = MTH_OK;
  EXPECT(!survives(&f, "tensor<2xf80>"));
  EXPECT_TEXT(found.message, "the element type of a tensor is none of ours");
  found.status = MTH_OK;
  EXPECT(!survives(&f, "tensor<?x?xf32, [\"T\"]>"));
  EXPECT_TEXT(found.message, "the encoding of a tensor wants one text for each of its 2 '?'");
  found.status = MTH_OK;
  EXPECT(!survives(&f, "tensor<?xf32, [3]>"));
  EXPECT_TEXT(found.message, "the encoding of a tensor wants a text for each '?'");
  found.status = MTH_OK;
  EXPECT(!survives(
      &f, "tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>"));
  EXPECT_TEXT(found.message, "a tensor has rank 33, the limit is 32");
  mth_diagnostics_detach(f.context, id);
  teardown(&f);
}

TEST(Type, AgreesWhereBothAreKnown) {
  fixture f = setup();
  const mth_dim *four = mth_dim_constant(f.dims, 4), *t = mth_dim_symbol(f.dims, "T");
  const mth_dim *a[] = {four, NULL}, *b[] = {NULL, t}, *c[] = {t, t};
  const mth_type x = {MTH_F32, 2, a}, y = {MTH_F32, 2, b}, z = {MTH_F32, 2, c};
  const mth_type any = {MTH_F32, -1, NULL}, other = {MTH_F64, -1, NULL}, flat = {MTH_F32, 1, a};
  EXPECT(mth_type_agrees(&x, &y));
  EXPECT(!mth_type_agrees(&x, &z));
  EXPECT(mth_type_agrees(&any, &z));
  EXPECT(!mth_type_agrees(&any, &other));
  EXPECT(!mth_type_agrees(&x, &flat));
  EXPECT(!mth_type_is_inferred(&x));
  EXPECT(mth_type_is_inferred(&z));
  EXPECT_TEXT(mth_type_text(f.dims, &f.arena, &x), "4x?xf32");
  EXPECT_TEXT(mth_type_text(f.dims, &f.arena, &any), "*xf32");
  teardown(&f);
}

TEST(Arg, SurvivesTheWayBack) {
  fixture f = setup();
  const int64_t ints[] = {0, -2};
  const mth_dim *shape[] = {mth_dim_constant(f.dims, 4), mth_dim_symbol(f.dims, "T")};
  const mth_arg args[] = {MTH_ARG_I("k", -7),        MTH_ARG_B("k", true),
                          MTH_ARG_F("k", 1e-5),      MTH_ARG_S("k", "none"),
                          MTH_ARG_T("k", MTH_BF16),  MTH_ARG_IS("k", 2, ints),
                          MTH_ARG_DS("k", 2, shape), MTH_ARG_IS("k", 0, ints)};
  for (size_t i = 0; i < sizeof args / sizeof args[0]; ++i) {
    const mth_op_key key = {
        .name = "k", .kind = MTH_KEY_ARG, .arg_kind = args[i].kind, .required = true};
    const MlirAttribute attribute = mth_arg_to_ir(f.context, f.dims, &args[i]);
    mth_arg back;
    ASSERT(mth_arg_from_ir(f.dims, &f.arena, mlirLocationUnknownGet(f.context), &key, attribute,
                           &back) == MTH_OK);
    EXPECT(mlirAttributeEqual(attribute, mth_arg_to_ir(f.context, f.dims, &back)));
  }
  teardown(&f);
}

TEST(Arg, AbsentIsTheDefaultUnlessRequired) {
  fixture f = setup();
  const MlirLocation loc = mlirLocationUnknownGet(f.context);
  mth_op_key key = {
      .name = "axis", .kind = MTH_KEY_ARG, .arg_kind = MTH_ARG_INT, .value = MTH_ARG_I(NULL, -1)};
  mth_arg arg;
  ASSERT(mth_arg_from_ir(f.dims, &f.arena, loc, &key, mlirAttributeGetNull(), &arg) == MTH_OK);
  EXPECT_INT(arg.i, -1);
  EXPECT_TEXT(arg.key, "axis");
  mth_diagnostic found = {0};
  mth_sink sink = mth_sink_keep_first(&found);
  const MlirDiagnosticHandlerID id = mth_diagnostics_attach(f.context, &sink);
  key.required = true;
  EXPECT(mth_arg_from_ir(f.dims, &f.arena, loc, &key, mlirAttributeGetNull(), &arg) == MTH_INVALID);
  EXPECT_TEXT(found.message, "wants the argument 'axis'");
  mth_diagnostics_detach(f.context, id);
  teardown(&f);
}
