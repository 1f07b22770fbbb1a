// dim_test.c: normal forms against evaluation, and the text form.
#include "ir/dim.h"
#include "test/harness/harness.h"

#include <stdlib.h>
#include <string.h>

static mth_dim_table *make_table(void) {
  mth_dim_table *table = NULL;
  EXPECT(mth_dim_table_create(mth_default_allocator(), &table) == MTH_OK);
  return table;
}

static const mth_dim *parse(mth_dim_table *table, const char *text) {
  const mth_dim *dim = NULL;
  EXPECT(mth_dim_parse(table, text, (mth_location){0}, &dim) == MTH_OK);
  return dim;
}

#define EXPECT_NORMAL(text, normal)                                                                \
  do {                                                                                             \
    EXPECT_TEXT(mth_dim_text(table, parse(table, text)), normal);                                  \
    EXPECT(parse(table, text) == parse(table, normal));                                            \
  } while (0)

TEST(dim, has_a_normal_form) {
  mth_dim_table *table = make_table();
  EXPECT_NORMAL("1 + 2*T - T", "T + 1");
  EXPECT_NORMAL("T - T", "0");
  EXPECT_NORMAL("H*B", "B*H");
  EXPECT_NORMAL("(A + B)*(A - B)", "A*A - B*B");
  EXPECT_NORMAL("-T + 5", "-T + 5");
  EXPECT_NORMAL("3 - 2*T", "-2*T + 3");
  EXPECT_NORMAL("(4*T + 6) floordiv 4", "T + 1");
  EXPECT_NORMAL("(4*T + 7) floordiv 4", "T + 1");
  EXPECT_NORMAL("(T + 15) floordiv 16", "(T + 15) floordiv 16");
  EXPECT_NORMAL("(T - 1) floordiv 16", "(T + 15) floordiv 16 - 1");
  EXPECT_NORMAL("(8*T + 3) mod 8", "3");
  EXPECT_NORMAL("B*T floordiv T", "B");
  EXPECT_NORMAL("T mod T", "0");
  EXPECT_NORMAL("max(T, T + 1)", "T + 1");
  EXPECT_NORMAL("min(64, T)", "min(T, 64)");
  EXPECT_NORMAL("2*((T + 1) floordiv 2)", "2*((T + 1) floordiv 2)");
  EXPECT_NORMAL("?10 + ?2", "?2 + ?10");
  mth_dim_table_destroy(table);
}

TEST(dim, fresh_symbols_avoid_those_of_a_text) {
  mth_dim_table *table = make_table();
  const mth_dim *read = parse(table, "?0");
  EXPECT(mth_dim_fresh(table) != read);
  EXPECT_TEXT(mth_dim_text(table, mth_dim_fresh(table)), "?2");
  mth_dim_table_destroy(table);
}

#define EXPECT_REFUSED(text, wanted)                                                               \
  do {                                                                                             \
    mth_diagnostic seen = {0};                                                                     \
    const mth_sink sink = mth_sink_keep_first(&seen);                                              \
    const mth_dim *dim = NULL;                                                                     \
    EXPECT(mth_dim_parse(table, text, (mth_location){&sink, "here"}, &dim) == MTH_INVALID);        \
    EXPECT(dim == NULL);                                                                           \
    EXPECT_TEXT(seen.message, wanted);                                                             \
    EXPECT_TEXT(seen.where, "here");                                                               \
  } while (0)

TEST(dim, says_where_a_text_is_wrong) {
  mth_dim_table *table = make_table();
  EXPECT_REFUSED("",
                 "dim expression \"\", column 1: wanted a number, a symbol or '(', found the end");
  EXPECT_REFUSED(
      "T +", "dim expression \"T +\", column 4: wanted a number, a symbol or '(', found the end");
  EXPECT_REFUSED("T T",
                 "dim expression \"T T\", column 3: wanted an operator or the end, found 'T'");
  EXPECT_REFUSED("(T", "dim expression \"(T\", column 3: wanted ')', found the end");
  EXPECT_REFUSED("min(T)", "dim expression \"min(T)\", column 6: wanted ',', found ')'");
  EXPECT_REFUSED("12x",
                 "dim expression \"12x\", column 3: wanted the end of the number, found 'x'");
  EXPECT_REFUSED("?x", "dim expression \"?x\", column 2: wanted a number after '?', found 'x'");
  EXPECT_REFUSED(
      "9223372036854775808",
      "dim expression \"9223372036854775808\", column 19: wanted a number below 2^63, found '8'");
  EXPECT_REFUSED("T mod 0", "dim expression \"T mod 0\", column 8: a number leaves 63 bits, "
                            "a divisor is 0, or it is too long written out");
  EXPECT_REFUSED(NULL, "dim expression: wanted a text, found NULL");
  char deep[400];
  memset(deep, '(', sizeof deep - 1);
  deep[sizeof deep - 1] = 0;
  const mth_dim *dim = NULL;
  EXPECT(mth_dim_parse(table, deep, (mth_location){0}, &dim) == MTH_INVALID);
  mth_dim_table_destroy(table);
}

static bool value_of(void *user, const char *symbol, int64_t *out_value) {
  *out_value = ((const int64_t *)user)[symbol[0] - 'A'];
  return true;
}

// A random expression and, computed beside it without normal forms, its value.
static const mth_dim *draw(mth_dim_table *table, int depth, const int64_t *values,
                           int64_t *out_value) {
  const int choice = depth == 0 ? rand() % 2 : rand() % 9;
  if (choice == 0) {
    *out_value = rand() % 9 - 3;
    return mth_dim_constant(table, *out_value);
  }
  if (choice == 1) {
    const char name[2] = {(char)('A' + rand() % 4), 0};
    *out_value = values[name[0] - 'A'];
    return mth_dim_symbol(table, name);
  }
  int64_t a, b;
  const mth_dim *x = draw(table, depth - 1, values, &a);
  if (choice == 5 || choice == 6) { // by a positive number
    b = 1 + rand() % 7;
    const mth_dim *by = mth_dim_constant(table, b);
    const int64_t quotient = (a - ((a % b) + b) % b) / b;
    *out_value = choice == 5 ? quotient : a - quotient * b;
    return choice == 5 ? mth_dim_floordiv(table, x, by) : mth_dim_mod(table, x, by);
  }
  const mth_dim *y = draw(table, depth - 1, values, &b);
  switch (choice) {
  case 2:
    return *out_value = a + b, mth_dim_add(table, x, y);
  case 3:
    return *out_value = a - b, mth_dim_subtract(table, x, y);
  case 4:
    return *out_value = a * b, mth_dim_multiply(table, x, y);
  case 7:
    return *out_value = a < b ? a : b, mth_dim_min(table, x, y);
  default:
    return *out_value = a > b ? a : b, mth_dim_max(table, x, y);
  }
}

TEST(dim, normal_forms_keep_the_value_and_survive_their_text) {
  mth_dim_table *table = make_table();
  srand(1);
  for (int round = 0; round < 5000; ++round) {
    const int64_t values[] = {rand() % 20, rand() % 20, rand() % 3, 1 + rand() % 50};
    int64_t wanted, found = 0;
    const mth_dim *dim = draw(table, 4, values, &wanted);
    ASSERT(dim != NULL);
    ASSERT(mth_dim_evaluate(dim, value_of, (void *)(uintptr_t)values, &found));
    EXPECT_INT(found, wanted);
    EXPECT(parse(table, mth_dim_text(table, dim)) == dim);
  }
  mth_dim_table_destroy(table);
}

static const mth_dim *swap_a_b(void *user, const mth_dim *symbol) {
  const char *name = mth_dim_name(symbol);
  return strcmp(name, "A") == 0 ? mth_dim_symbol(user, "B") : mth_dim_symbol(user, "A");
}

TEST(dim, substitution_normalises_again) {
  mth_dim_table *table = make_table();
  const mth_dim *dim = parse(table, "2*A - B + max(A, 3)");
  EXPECT_TEXT(mth_dim_text(table, mth_dim_substitute(table, dim, swap_a_b, table)),
              "-A + 2*B + max(B, 3)");
  mth_dim_table_destroy(table);
}

TEST(dim, belongs_to_one_table) {
  mth_dim_table *table = make_table(), *other = make_table();
  const mth_dim *here = parse(table, "2*A + 1"), *there = parse(other, "2*A + 1");
  EXPECT(mth_dim_table_has(table, here) && mth_dim_table_has(other, there));
  EXPECT(!mth_dim_table_has(table, there));
  EXPECT(!mth_dim_table_has(table, mth_dim_symbol(other, "B")));
  mth_dim_table_destroy(table);
  mth_dim_table_destroy(other);
}

TEST(dim, a_number_that_does_not_fit_gives_no_dim) {
  mth_dim_table *table = make_table();
  const mth_dim *most = mth_dim_constant(table, INT64_MAX);
  EXPECT_INT(mth_dim_table_failure(table), MTH_DIM_FAILURE_NONE);
  EXPECT(mth_dim_add(table, most, mth_dim_constant(table, 1)) == NULL);
  EXPECT_INT(mth_dim_table_failure(table), MTH_DIM_FAILURE_RANGE);
  EXPECT(mth_dim_floordiv(table, most, mth_dim_constant(table, 0)) == NULL);
  EXPECT_INT(mth_dim_table_failure(table), MTH_DIM_FAILURE_ZERO);
  EXPECT(mth_dim_multiply(table, most, mth_dim_constant(table, 2)) == NULL);
  EXPECT_INT(mth_dim_table_failure(table), MTH_DIM_FAILURE_RANGE);
  EXPECT(mth_dim_add(table, NULL, most) == NULL);
  int64_t value;
  const mth_dim *square = parse(table, "A*A");
  const int64_t values[] = {INT64_MAX};
  EXPECT(!mth_dim_evaluate(square, value_of, (void *)(uintptr_t)values, &value));
  mth_dim_table_destroy(table);
}

// The quotient times the divisor leaves 64 bits; the rest does not.
TEST(dim, remainder_of_the_largest_number_fits) {
  mth_dim_table *table = make_table();
  const mth_dim *most = mth_dim_constant(table, INT64_MAX), *minus_4 = mth_dim_constant(table, -4);
  EXPECT(mth_dim_mod(table, most, minus_4) == mth_dim_constant(table, -1));
  const mth_dim *mod = mth_dim_mod(table, mth_dim_symbol(table, "A"), minus_4);
  const int64_t values[] = {INT64_MAX};
  int64_t value = 0;
  EXPECT(mth_dim_evaluate(mod, value_of, (void *)(uintptr_t)values, &value));
  EXPECT_INT(value, -1);
  mth_dim_table_destroy(table);
}

typedef struct countdown {
  int left;
} countdown;

static void *allocate_or_not(void *user, size_t bytes, size_t alignment) {
  countdown *c = user;
  return c->left-- > 0 ? mth_default_allocator()->allocate(NULL, bytes, alignment) : NULL;
}

static void release(void *user, void *memory) {
  (void)user;
  free(memory);
}

TEST(dim, survives_every_failed_allocation) {
  bool done = false;
  for (int k = 0; !done && k < 10000; ++k) {
    countdown c = {k};
    const mth_allocator allocator = {allocate_or_not, release, &c};
    mth_dim_table *table;
    if (mth_dim_table_create(&allocator, &table) != MTH_OK) continue;
    const mth_dim *dim = NULL;
    if (mth_dim_parse(table, "2*((T + 1) floordiv 2)*B - min(A*B, 3) + C mod 7", (mth_location){0},
                      &dim) == MTH_OK)
      done = mth_dim_text(table, dim) != NULL;
    mth_dim_table_destroy(table);
  }
  EXPECT(done);
}

TEST(dim, sums_have_at_most_4096_terms) {
  mth_dim_table *table;
  ASSERT(mth_dim_table_create(mth_default_allocator(), &table) == MTH_OK);
  const mth_dim *product = mth_dim_constant(table, 1);
  for (char name[] = "a"; name[0] < 'm'; ++name[0]) // (a + 1)(b + 1)...(l + 1)
    product = mth_dim_multiply(
        table, product,
        mth_dim_add(table, mth_dim_symbol(table, name), mth_dim_constant(table, 1)));
  EXPECT(product != NULL);
  EXPECT_INT(mth_dim_operand_count(product), 4096);
  EXPECT(mth_dim_add(table, product, mth_dim_symbol(table, "z")) == NULL);
  EXPECT_INT(mth_dim_table_failure_count(table), 0);
  mth_dim_table_destroy(table);
}

TEST(dim, numbers_its_symbols) {
  mth_dim_table *table = make_table();
  const mth_dim *first = mth_dim_fresh(table), *second = mth_dim_symbol(table, "T");
  EXPECT(mth_dim_add(table, first, second) != NULL);
  EXPECT_INT(mth_dim_symbol_number(first), 0);
  EXPECT_INT(mth_dim_symbol_number(second), 1);
  EXPECT_INT(mth_dim_symbol_number(mth_dim_fresh(table)), 2); // the sum between has none
  EXPECT_INT(mth_dim_symbol_number(mth_dim_symbol(table, "T")), 1);
  mth_dim_table_destroy(table);
}

// Few nodes that share their operands make an expression that no one can print.
TEST(dim, expressions_that_double_end) {
  mth_dim_table *table = NULL;
  ASSERT(mth_dim_table_create(mth_default_allocator(), &table) == MTH_OK);
  const mth_dim *dim = mth_dim_symbol(table, "T");
  const mth_dim *two = mth_dim_constant(table, 2), *three = mth_dim_constant(table, 3);
  int rounds = 0;
  while (dim && rounds < 64) {
    const mth_dim *half = mth_dim_floordiv(table, dim, two);
    const mth_dim *third = mth_dim_floordiv(table, dim, three);
    dim = mth_dim_mod(table, mth_dim_add(table, half, third), mth_dim_constant(table, 1009));
    ++rounds;
  }
  EXPECT(rounds > 10 && rounds < 20);
  EXPECT(mth_dim_table_failure(table) == MTH_DIM_FAILURE_RANGE);
  mth_dim_table_destroy(table);
}
