// number_test.c: arithmetic, comparison and logic of compile-time numbers.
#include "test/ir/value_fixture.h"

TEST(number, arithmetic_is_computed) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[256];
  static const struct {
    const char *op, *wanted, *real;
  } cases[] = {{"ScalarAdd", "B + 3", "4.5"},
               {"ScalarSubtract", "B - 3", "-1.5"},
               {"ScalarMultiply", "3*B", "4.5"},
               {"ScalarDivide", "?", "0.5"},
               {"ScalarFloorDivide", "B floordiv 3", "0"},
               {"ScalarModulo", "B mod 3", "1.5"},
               {"ScalarMinimum", "min(B, 3)", "1.5"},
               {"ScalarMaximum", "max(B, 3)", "3"}};
  add_input(m, "x", MTH_SHAPE(MTH_DECLARED("B")));
  ADD(m, "Length", "b", MTH_WIRE("input", "x"));
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char name[32];
    snprintf(name, sizeof name, "i%zu", i);
    ADD(m, cases[i].op, name, MTH_WIRE("left", "b"), MTH_WIRE_I("right", 3));
    EXPECT_TEXT(value_text(m, name, text), cases[i].wanted);
    snprintf(name, sizeof name, "r%zu", i);
    ADD(m, cases[i].op, name, MTH_WIRE_F("left", 1.5), MTH_WIRE_I("right", 3));
    EXPECT_TEXT(value_text(m, name, text), cases[i].real);
  }
  ADD(m, "ScalarNegate", "n", MTH_WIRE("input", "b"));
  ADD(m, "ScalarNegate", "f", MTH_WIRE_F("input", 2.5));
  ADD(m, "ScalarAdd", "t", MTH_WIRE_B("left", true), MTH_WIRE_I("right", 1));
  EXPECT_TEXT(value_text(m, "n", text), "-B");
  EXPECT_TEXT(value_text(m, "f", text), "-2.5");
  EXPECT_TEXT(value_text(m, "t", text), "2");
  mth_model *divide = new_op(context, "ScalarDivide");
  const mth_wire zero[] = {MTH_WIRE_I("left", 1), MTH_WIRE_I("right", 0)};
  EXPECT_REFUSED(context, m, mth_model_add(m, divide, NULL, zero, 2),
                 "model 'Model', key '$29' (ScalarDivide.right)",
                 "ScalarDivide: a number is divided by 0");
  mth_model *down = new_op(context, "ScalarFloorDivide"), *rest = new_op(context, "ScalarModulo");
  EXPECT_REFUSED(context, m, mth_model_add(m, down, NULL, zero, 2),
                 "model 'Model', key '$29' (ScalarFloorDivide.right)",
                 "ScalarFloorDivide: a number is divided by 0");
  const mth_wire symbolic[] = {MTH_WIRE("left", "b"), MTH_WIRE_I("right", 0)};
  EXPECT_REFUSED(context, m, mth_model_add(m, rest, NULL, symbolic, 2),
                 "model 'Model', key '$28' (ScalarModulo.right)",
                 "ScalarModulo: a number is divided by 0");
  mth_model_destroy(down);
  mth_model_destroy(rest);
  const mth_wire tuple[] = {VALUE("left", MTH_ARG_TUPLE_OF("left", 0, NULL))};
  EXPECT_INT(mth_model_add(m, divide, NULL, tuple, 1), MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "ScalarDivide: 'left' wants a number, found ()");
  mth_model_destroy(divide);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(number, an_operand_is_found_from_an_integer_result) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[256];
  add_input(m, "x", MTH_SHAPE(MTH_N(12)));
  ADD(m, "Length", "length", MTH_WIRE("input", "x"));
  ADD(m, "ScalarMultiply", "product", MTH_WIRE("left", "groups"), MTH_WIRE_I("right", 3));
  ADD(m, "ToTuple", "sizes", PARTS("inputs", MTH_WIRE(NULL, "product")));
  ADD(m, "Reshape", "y", MTH_WIRE("input", "x"), MTH_WIRE("shape", "sizes"));
  EXPECT_TEXT(value_text(m, "groups", text), "4");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(number, powers) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[256];
  add_input(m, "x", MTH_SHAPE(MTH_DECLARED("B")));
  ADD(m, "Length", "b", MTH_WIRE("input", "x"));
  ADD(m, "ScalarPower", "square", MTH_WIRE("left", "b"), MTH_WIRE_I("right", 2));
  ADD(m, "ScalarPower", "one", MTH_WIRE("left", "b"), MTH_WIRE_I("right", 0));
  ADD(m, "ScalarPower", "far", MTH_WIRE_I("left", -1), MTH_WIRE_I("right", 1000001));
  ADD(m, "ScalarPower", "half", MTH_WIRE_I("left", 2), MTH_WIRE_I("right", -1));
  ADD(m, "ScalarPower", "root", MTH_WIRE_I("left", 9), MTH_WIRE_F("right", 0.5));
  ADD(m, "ScalarPower", "open", MTH_WIRE_I("left", 2), MTH_WIRE("right", "b"));
  EXPECT_TEXT(value_text(m, "square", text), "B*B");
  EXPECT_TEXT(value_text(m, "one", text), "1");
  EXPECT_TEXT(value_text(m, "far", text), "-1");
  EXPECT_TEXT(value_text(m, "half", text), "0.5");
  EXPECT_TEXT(value_text(m, "root", text), "3");
  EXPECT_TEXT(value_text(m, "open", text), "?");
  mth_model *power = new_op(context, "ScalarPower");
  const mth_wire zero[] = {MTH_WIRE_I("left", 0), MTH_WIRE_I("right", -1)};
  const mth_wire root[] = {MTH_WIRE_I("left", -1), MTH_WIRE_F("right", 0.5)};
  EXPECT_INT(mth_model_add(m, power, NULL, zero, 2), MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(context)->message, "ScalarPower: 0 has no power below 0");
  EXPECT_INT(mth_model_add(m, power, NULL, root, 2), MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(context)->message, "ScalarPower: -1 has no power 0.5");
  mth_model_destroy(power);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(number, comparisons_wait_until_they_are_decided) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[256], name[32];
  static const struct {
    const char *op, *less, *equal, *greater;
  } cases[] = {
      {"ScalarEqual", "false", "true", "false"},   {"ScalarNotEqual", "true", "false", "true"},
      {"ScalarLess", "true", "false", "false"},    {"ScalarLessEqual", "true", "true", "false"},
      {"ScalarGreater", "false", "false", "true"}, {"ScalarGreaterEqual", "false", "true", "true"}};
  add_input(m, "x", MTH_SHAPE(MTH_DECLARED("B")));
  ADD(m, "Length", "b", MTH_WIRE("input", "x"));
  ADD(m, "ScalarAdd", "more", MTH_WIRE("left", "b"), MTH_WIRE_I("right", 1));
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    snprintf(name, sizeof name, "l%zu", i);
    ADD(m, cases[i].op, name, MTH_WIRE("left", "b"), MTH_WIRE("right", "more"));
    EXPECT_TEXT(value_text(m, name, text), cases[i].less); // whatever B is
    snprintf(name, sizeof name, "e%zu", i);
    ADD(m, cases[i].op, name, MTH_WIRE_F("left", 2), MTH_WIRE_I("right", 2));
    EXPECT_TEXT(value_text(m, name, text), cases[i].equal);
    snprintf(name, sizeof name, "g%zu", i);
    ADD(m, cases[i].op, name, MTH_WIRE_B("left", true), MTH_WIRE_F("right", 0.5));
    EXPECT_TEXT(value_text(m, name, text), cases[i].greater);
    snprintf(name, sizeof name, "o%zu", i);
    ADD(m, cases[i].op, name, MTH_WIRE("left", "b"), MTH_WIRE_I("right", 4));
    EXPECT_TEXT(value_text(m, name, text), "?");
  }
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(number, bits_of_integers_and_bools) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[256];
  add_input(m, "x", MTH_SHAPE(MTH_DECLARED("B")));
  ADD(m, "Length", "b", MTH_WIRE("input", "x"));
  ADD(m, "ScalarAnd", "and", MTH_WIRE_I("left", 12), MTH_WIRE_I("right", 10));
  ADD(m, "ScalarOr", "or", MTH_WIRE_I("left", 12), MTH_WIRE_I("right", 10));
  ADD(m, "ScalarXOr", "xor", MTH_WIRE_I("left", 12), MTH_WIRE_I("right", 10));
  ADD(m, "ScalarXOr", "truth", MTH_WIRE_B("left", true), MTH_WIRE_B("right", false));
  ADD(m, "ScalarAnd", "mixed", MTH_WIRE_B("left", true), MTH_WIRE_I("right", 3));
  ADD(m, "ScalarAnd", "open", MTH_WIRE("left", "b"), MTH_WIRE_I("right", 3));
  ADD(m, "ScalarShiftLeft", "up", MTH_WIRE("left", "b"), MTH_WIRE_I("right", 3));
  ADD(m, "ScalarShiftRight", "down", MTH_WIRE("left", "b"), MTH_WIRE_I("right", 1));
  ADD(m, "ScalarShiftRight", "below", MTH_WIRE_I("left", -5), MTH_WIRE_I("right", 1));
  EXPECT_TEXT(value_text(m, "and", text), "8");
  EXPECT_TEXT(value_text(m, "or", text), "14");
  EXPECT_TEXT(value_text(m, "xor", text), "6");
  EXPECT_TEXT(value_text(m, "truth", text), "true");
  EXPECT_TEXT(value_text(m, "mixed", text), "1");
  EXPECT_TEXT(value_text(m, "open", text), "?");
  EXPECT_TEXT(value_text(m, "up", text), "8*B");
  EXPECT_TEXT(value_text(m, "down", text), "B floordiv 2");
  EXPECT_TEXT(value_text(m, "below", text), "-3");
  mth_model *and = new_op(context, "ScalarAnd"), *shift = new_op(context, "ScalarShiftLeft");
  const mth_wire real[] = {MTH_WIRE_F("left", 1.5), MTH_WIRE_I("right", 1)};
  const mth_wire far[] = {MTH_WIRE_I("left", 1), MTH_WIRE_I("right", 63)};
  EXPECT_INT(mth_model_add(m, and, NULL, real, 2), MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "ScalarAnd: 'left' wants an integer or a bool, found 1.5");
  EXPECT_INT(mth_model_add(m, shift, NULL, real, 2), MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "ScalarShiftLeft: 'left' wants an integer or a bool, found 1.5");
  EXPECT_INT(mth_model_add(m, shift, NULL, far, 2), MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "ScalarShiftLeft: wanted a shift of 0 to 62, found 63");
  mth_model_destroy(and);
  mth_model_destroy(shift);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
