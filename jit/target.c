// target.c: target machines from names.
#include "jit/target.h"

#include "dialect/llvm_capi.h"

#include "llvm-c/Core.h"
#include "llvm-c/Target.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

// One row per instruction set, widest first. The products fill the vector registers: rows *
// columns / lanes accumulators, plus columns / lanes for a row of B and one broadcast of A.
static const struct {
  const char *features[2]; // all that are wanted
  mth_register_tiles tiles;
} instruction_sets[] = {
    {{"avx512f", NULL}, {14, 32, 14, 16}}, // 28 + 2 + 1 of 32
    {{"avx2", "fma"}, {6, 16, 6, 8}},      // 12 + 2 + 1 of 16
    {{NULL, NULL}, {4, 8, 4, 4}},          // 8 + 2 + 1 of 16
};

static void register_native_target(void) {
  LLVMInitializeNativeTarget();
  LLVMInitializeNativeAsmPrinter();
}

// What LLVM takes from a processor's name or a list of features, and then dies of or never ends at.
static const struct {
  const char *feature;
  bool wanted;
} requirements[] = {{"64bit", true},
                    {"64bit-mode", true},
                    {"32bit-mode", false},
                    {"16bit-mode", false},
                    {"soft-float", false}};

static LLVMTargetMachineRef create_machine(const char *cpu, const char *features) {
  char *const triple = LLVMGetDefaultTargetTriple();
  char *message = NULL;
  LLVMTargetRef architecture = NULL;
  LLVMTargetMachineRef machine = NULL;
  if (!LLVMGetTargetFromTriple(triple, &architecture, &message))
    machine = LLVMCreateTargetMachine(architecture, triple, cpu, features, LLVMCodeGenLevelDefault,
                                      LLVMRelocPIC, LLVMCodeModelDefault);
  LLVMDisposeMessage(message);
  LLVMDisposeMessage(triple);
  return machine;
}

// Checks "+a,-b" against what the architecture has.
static mth_status check_features(LLVMTargetMachineRef machine, const char *features,
                                 mth_location at) {
  for (const char *rest = features; *rest;) {
    const size_t length = strcspn(rest, ",");
    char name[64];
    if ((*rest != '+' && *rest != '-') || length < 2 || length > sizeof name)
      return mth_fail(MTH_INVALID, at, "a target feature is '+name' or '-name', found '%.*s'",
                      (int)length, rest);
    memcpy(name, rest + 1, length - 1);
    name[length - 1] = 0;
    if (!mth_llvm_knows_feature(machine, name))
      return mth_fail(MTH_INVALID, at, "this architecture has no feature '%s'", name);
    rest += length;
    rest += *rest == ',';
  }
  return MTH_OK;
}

static mth_register_tiles find_tiles(LLVMTargetMachineRef machine) {
  size_t row = 0;
  for (size_t f = 0; f < 2;) {
    const char *const wanted = instruction_sets[row].features[f];
    if (!wanted) break;
    if (mth_llvm_has_feature(machine, wanted))
      ++f;
    else
      ++row, f = 0;
  }
  return instruction_sets[row].tiles;
}

static mth_status check_requirements(LLVMTargetMachineRef machine, mth_location at) {
  for (size_t i = 0; i < sizeof requirements / sizeof requirements[0]; ++i) {
    const char *const feature = requirements[i].feature;
    if (mth_llvm_knows_feature(machine, feature) &&
        mth_llvm_has_feature(machine, feature) != requirements[i].wanted)
      return mth_fail(MTH_UNSUPPORTED, at, "wanted a target %s the feature '%s'",
                      requirements[i].wanted ? "with" : "without", feature);
  }
  return MTH_OK;
}

static mth_status create_named(const char *cpu, const char *features, mth_location at,
                               LLVMTargetMachineRef *out_machine) {
  LLVMTargetMachineRef any = create_machine("", "");
  if (!any) return mth_fail(MTH_UNSUPPORTED, at, "LLVM has no code generator for this machine");
  mth_status status = MTH_OK;
  if (*cpu && !mth_llvm_knows_cpu(any, cpu))
    status = mth_fail(MTH_INVALID, at, "this architecture has no processor '%s'", cpu);
  if (status == MTH_OK) status = check_features(any, features, at);
  LLVMDisposeTargetMachine(any);
  MTH_TRY(status);
  LLVMTargetMachineRef machine = create_machine(cpu, features);
  status = check_requirements(machine, at);
  if (status == MTH_OK)
    *out_machine = machine;
  else
    LLVMDisposeTargetMachine(machine);
  return status;
}

mth_status mth_target_init(mth_target *target, const char *cpu, const char *features,
                           mth_location at) {
  static pthread_once_t once = PTHREAD_ONCE_INIT; // LLVM's target list is process-wide
  pthread_once(&once, register_native_target);

  if (!features) features = "";
  const bool native = !cpu || strcmp(cpu, "native") == 0;
  LLVMTargetMachineRef machine = NULL;
  if (native) {
    char *const host_cpu = LLVMGetHostCPUName();
    char *const host_features = LLVMGetHostCPUFeatures();
    char all[8192];
    const size_t host_length = strlen(host_features), length = strlen(features);
    mth_status status = MTH_OK;
    if (host_length + length + 2 > sizeof all) {
      status = mth_fail(MTH_INVALID, at, "the list of target features is too long");
    } else {
      memcpy(all, host_features, host_length);
      all[host_length] = ',';
      memcpy(all + host_length + 1, features, length + 1); // the last mention of a feature wins
      if (!length) all[host_length] = 0;
      status = create_named(host_cpu, all, at, &machine);
    }
    LLVMDisposeMessage(host_cpu);
    LLVMDisposeMessage(host_features);
    MTH_TRY(status);
  } else {
    MTH_TRY(create_named(cpu, features, at, &machine));
  }
  assert(machine);
  *target = (mth_target){.machine = machine, .tiles = find_tiles(machine)};
  return MTH_OK;
}

void mth_target_deinit(mth_target *target) {
  if (target->machine) LLVMDisposeTargetMachine(target->machine);
  target->machine = NULL;
}
