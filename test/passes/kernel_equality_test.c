// kernel_equality_test.c: every difference between two kernels keeps them two.
#include "ir/text.h"
#include "passes/kernel_equality.h"
#include "test/passes/parsed_module.h"

// Whether @a and @b of the text are equal, both ways.
static bool are_equal(const char *text) {
  parsed_module parsed;
  bool equal = false;
  if (parsed_module_init(&parsed, text)) {
    const MlirOperation a = parsed_symbol(&parsed, "a"), b = parsed_symbol(&parsed, "b");
    equal = mth_kernel_is_equal(a, b);
    EXPECT_INT(mth_kernel_is_equal(b, a), equal);
    if (equal) EXPECT(mth_kernel_hash(a) == mth_kernel_hash(b));
  }
  parsed_module_deinit(&parsed);
  return equal;
}

// The same for two bodies of functions (%x: f32, %y: f32).
static bool are_equal_bodies(const char *a, const char *b) {
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_text_add(&text, "func.func private @a(%%x: f32, %%y: f32) {\n%s\nreturn\n}\n", a);
  mth_text_add(&text, "func.func private @b(%%x: f32, %%y: f32) {\n%s\nreturn\n}\n", b);
  const bool equal = are_equal(mth_text_get(&text));
  mth_text_deinit(&text);
  return equal;
}

TEST(KernelEquality, NamesAndPlacesInTheTextDoNotCount) {
  EXPECT(are_equal_bodies(
      "%0 = \"t.f\"(%x) {p = 1, q = 2} : (f32) -> f32\n\"t.g\"(%0, %y) : (f32, f32) -> ()",
      "\n\n%s = \"t.f\"(%x) {q = 2, p = 1} : (f32) -> f32\n\"t.g\"(%s, %y) : (f32, f32) -> ()"));
}

TEST(KernelEquality, AnotherOp) {
  EXPECT(!are_equal_bodies("\"t.f\"() : () -> ()", "\"t.g\"() : () -> ()"));
}

TEST(KernelEquality, OneOpMore) {
  EXPECT(!are_equal_bodies("\"t.f\"() : () -> ()", "\"t.f\"() : () -> ()\n\"t.f\"() : () -> ()"));
}

TEST(KernelEquality, AnotherNumberOfOperands) {
  EXPECT(!are_equal_bodies("\"t.f\"(%x) : (f32) -> ()", "\"t.f\"(%x, %y) : (f32, f32) -> ()"));
}

TEST(KernelEquality, AnotherNumberOfResults) {
  EXPECT(!are_equal_bodies("\"t.f\"() : () -> f32", "\"t.f\"() : () -> (f32, f32)"));
}

TEST(KernelEquality, AnotherResultType) {
  EXPECT(!are_equal_bodies("\"t.f\"() : () -> f32", "\"t.f\"() : () -> f64"));
}

TEST(KernelEquality, AnAttributeMore) {
  EXPECT(!are_equal_bodies("\"t.f\"() : () -> ()", "\"t.f\"() {p = 1} : () -> ()"));
}

TEST(KernelEquality, AnotherAttribute) {
  EXPECT(!are_equal_bodies("\"t.f\"() {p = 1} : () -> ()", "\"t.f\"() {p = 2} : () -> ()"));
  EXPECT(!are_equal_bodies("\"t.f\"() {p = 1} : () -> ()", "\"t.f\"() {q = 1} : () -> ()"));
}

TEST(KernelEquality, AnotherOperandOfTheSameType) {
  EXPECT(!are_equal_bodies("\"t.f\"(%x, %x) : (f32, f32) -> ()",
                           "\"t.f\"(%x, %y) : (f32, f32) -> ()"));
}

TEST(KernelEquality, AnOperandOfAnotherOp) {
  EXPECT(!are_equal_bodies(
      "%0 = \"t.f\"() : () -> f32\n%1 = \"t.f\"() : () -> f32\n\"t.g\"(%0) : (f32) -> ()",
      "%0 = \"t.f\"() : () -> f32\n%1 = \"t.f\"() : () -> f32\n\"t.g\"(%1) : (f32) -> ()"));
}

TEST(KernelEquality, AnotherArgumentType) {
  EXPECT(!are_equal("func.func private @a(%x: f32) {\nreturn\n}\n"
                    "func.func private @b(%x: f64) {\nreturn\n}\n"));
}
