// planned_program.h: a planned program in the LLVM dialect, written by hand, and the back half of
// the compiler run on it; so nothing but jit/ and entry-to-llvm is under test.
#ifndef MTH_TEST_PLANNED_PROGRAM_H
#define MTH_TEST_PLANNED_PROGRAM_H
#include "dialect/match.h"
#include "jit/header.h"
#include "jit/ir_context.h"
#include "jit/object.h"

#include "llvm-c/Core.h"

// y[t,i] = x[t,i] + c[i], for the tile's rows; d0 = T.
static const char program_text[] =
    "module @p {\n"
    "llvm.func @k0(%b: !llvm.ptr, %d: !llvm.ptr, %t: !llvm.ptr, %s: !llvm.ptr) attributes {\n"
    "    mithril.grid = [\"d0\"], mithril.block = array<i64: 2>, mithril.work = \"8*d0\",\n"
    "    mithril.scratch = \"d0 floordiv 2\"} {\n"
    "  %x = llvm.load %b : !llvm.ptr -> !llvm.ptr\n"
    "  %cp = llvm.getelementptr %b[1] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr\n"
    "  %c = llvm.load %cp : !llvm.ptr -> !llvm.ptr\n"
    "  %yp = llvm.getelementptr %b[2] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr\n"
    "  %y = llvm.load %yp : !llvm.ptr -> !llvm.ptr\n"
    "  %begin = llvm.load %t : !llvm.ptr -> i64\n"
    "  %ep = llvm.getelementptr %t[1] : (!llvm.ptr) -> !llvm.ptr, i64\n"
    "  %end = llvm.load %ep : !llvm.ptr -> i64\n"
    "  %one = llvm.mlir.constant(1 : i64) : i64\n"
    "  %four = llvm.mlir.constant(4 : i64) : i64\n"
    "  %first = llvm.mul %begin, %four : i64\n"
    "  %last = llvm.mul %end, %four : i64\n"
    "  llvm.br ^head(%first : i64)\n"
    "^head(%i: i64):\n"
    "  %more = llvm.icmp \"slt\" %i, %last : i64\n"
    "  llvm.cond_br %more, ^body, ^done\n"
    "^body:\n"
    "  %xi = llvm.getelementptr %x[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32\n"
    "  %column = llvm.urem %i, %four : i64\n"
    "  %ci = llvm.getelementptr %c[%column] : (!llvm.ptr, i64) -> !llvm.ptr, f32\n"
    "  %yi = llvm.getelementptr %y[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32\n"
    "  %a = llvm.load %xi : !llvm.ptr -> f32\n"
    "  %k = llvm.load %ci : !llvm.ptr -> f32\n"
    "  %sum = llvm.fadd %a, %k : f32\n"
    "  llvm.store %sum, %yi : f32, !llvm.ptr\n"
    "  %next = llvm.add %i, %one : i64\n"
    "  llvm.br ^head(%next : i64)\n"
    "^done:\n"
    "  llvm.return\n"
    "}\n"
    "mithril.entry @twice(%x: tensor<?x4xf32, [\"T\"]> {mithril.port = \"x\"},\n"
    "    %w: tensor<?x4xf32, [\"T\"]> {mithril.port = \"w\", mithril.role = \"state\"})\n"
    "    -> (tensor<?x4xf32, [\"T\"]> {mithril.port = \"y\"}, tensor<?x4xf32, [\"T\"]> "
    "{mithril.port = \"w\"},\n"
    "        tensor<?x4xf32, [\"T\"]> {mithril.port = \"z\"})\n"
    "    attributes {mithril.workspace = \"64*((16*T + 63) floordiv 64)\"} {\n"
    "  %c = mithril.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>\n"
    "  %0 = mithril.launch @k0(%x, %c) dims [\"T\"] {mithril.places = [{offset = 0}]}\n"
    "      : (tensor<?x4xf32, [\"T\"]>, tensor<4xf32>) -> tensor<?x4xf32, [\"T\"]>\n"
    "  %1 = mithril.launch @k0(%0, %c) dims [\"T\"] {mithril.places = [{port = \"y\"}]}\n"
    "      : (tensor<?x4xf32, [\"T\"]>, tensor<4xf32>) -> tensor<?x4xf32, [\"T\"]>\n"
    "  mithril.return %1, %0, %w\n"
    "      : tensor<?x4xf32, [\"T\"]>, tensor<?x4xf32, [\"T\"]>, tensor<?x4xf32, [\"T\"]>\n"
    "}\n"
    "}\n";

typedef struct built {
  mth_target target;
  MlirContext context;
  MlirOperation module;
  mth_dim_table *dims;
  mth_arena arena;
  LLVMContextRef llvm;
  LLVMModuleRef optimized;
  LLVMMemoryBufferRef object;
  mth_registry *registry;
  mth_text header;
} built;

static const mth_location nowhere = {0};

static bool build_text(built *b, const char *text) {
  *b = (built){.arena = MTH_ARENA_INIT(mth_default_allocator())};
  if (mth_registry_create(mth_default_allocator(), &b->registry) != MTH_OK ||
      mth_target_init(&b->target, "native", NULL, nowhere) != MTH_OK ||
      mth_dim_table_create(mth_default_allocator(), &b->dims) != MTH_OK)
    return false;
  b->context = mth_ir_context_create(b->registry);
  mth_ir_context_open(b->context); // the text is a planned program, not a source
  b->module = mlirOperationCreateParse(b->context, mth_str(text), mth_str("test.mlir"));
  if (mlirOperationIsNull(b->module)) return false;
  b->llvm = mth_llvm_context_create(&nowhere);
  mth_pipeline pipeline = {.module = b->module, .tiles = b->target.tiles};
  mth_program_interface program;
  b->header = MTH_TEXT_INIT(mth_default_allocator());
  if (mth_program_interface_read(b->module, b->dims, &b->arena, &program) != MTH_OK ||
      mth_header_write(b->module, &program, b->dims, &b->arena, &b->header) != MTH_OK)
    return false;
  return mth_object_lower(&pipeline, &b->target, b->dims, &b->arena, b->llvm, nowhere, &program,
                          &b->optimized) == MTH_OK &&
         mth_object_generate(b->optimized, &b->target, b->registry, false, nowhere, &b->object) ==
             MTH_OK;
}

static inline bool build(built *b) { return build_text(b, program_text); }

static void unbuild(built *b) {
  if (b->object) LLVMDisposeMemoryBuffer(b->object);
  if (b->optimized) LLVMDisposeModule(b->optimized);
  if (b->llvm) LLVMContextDispose(b->llvm);
  if (!mlirOperationIsNull(b->module)) mlirOperationDestroy(b->module);
  mlirContextDestroy(b->context);
  mth_dim_table_destroy(b->dims);
  mth_arena_reset(&b->arena);
  mth_target_deinit(&b->target);
  mth_registry_destroy(b->registry);
  mth_text_deinit(&b->header);
}

#endif
