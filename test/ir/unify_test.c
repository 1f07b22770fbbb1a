// unify_test.c: equations between dims are solved where they have one solution.
#include "ir/dim_node.h"
#include "test/ir/model_fixture.h"
#include "test/ir/solver_fixture.h"

static const mth_dim *parse(solver_fixture *f, const char *text) {
  const mth_dim *dim = NULL;
  EXPECT(mth_dim_parse(f->dims, text, here(f), &dim) == MTH_OK);
  return dim;
}

static mth_status equate(solver_fixture *f, const char *a, const char *b) {
  return mth_solver_equate(f->solver, parse(f, a), parse(f, b), here(f));
}

static const char *value(solver_fixture *f, const char *text) {
  return mth_dim_text(f->dims, mth_solver_simplify(f->solver, parse(f, text)));
}

TEST(unify, solves_what_is_linear_in_an_unknown) {
  solver_fixture f;
  open_solver(&f);
  EXPECT(equate(&f, "?1 + 3", "10") == MTH_OK);
  EXPECT_TEXT(value(&f, "?1"), "7");
  EXPECT(equate(&f, "4*?2", "2*T + 4*?3 + 2*T") == MTH_OK);
  EXPECT_TEXT(value(&f, "?2 - ?3"), "T");
  EXPECT(equate(&f, "T*?4*8", "T*S*24") == MTH_OK); // T is not 0
  EXPECT_TEXT(value(&f, "?4"), "3*S");
  close_solver(&f);
}

TEST(unify, waits_for_what_it_cannot_solve) {
  solver_fixture f;
  open_solver(&f);
  EXPECT(equate(&f, "?1 floordiv 2", "?2") == MTH_OK);
  EXPECT(equate(&f, "?3*?4", "12") == MTH_OK);
  EXPECT(equate(&f, "?5 mod 4", "1") == MTH_OK);
  EXPECT_TEXT(value(&f, "?2"), "?1 floordiv 2");
  EXPECT_TEXT(value(&f, "?4"), "?4");
  EXPECT(equate(&f, "?3", "4") == MTH_OK);
  EXPECT_TEXT(value(&f, "?4"), "3");
  EXPECT(equate(&f, "?5", "8") == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "two sizes are to be equal: 0 and 1");
  EXPECT(equate(&f, "?5", "9") == MTH_OK);
  close_solver(&f);
}

TEST(unify, refuses_what_has_no_solution) {
  solver_fixture f;
  open_solver(&f);
#undef EXPECT_REFUSED
#define EXPECT_REFUSED(a, b, wanted)                                                               \
  do {                                                                                             \
    EXPECT(equate(&f, a, b) == MTH_INVALID);                                                       \
    EXPECT_TEXT(f.seen.message, "two sizes are to be equal: " wanted);                             \
  } while (0)
  EXPECT_REFUSED("3", "4", "3 and 4");
  EXPECT_REFUSED("T", "S", "T and S");
  EXPECT_REFUSED("2*T", "T + 4", "2*T and T + 4"); // T does not become 4
  EXPECT_REFUSED("2*?1", "7", "2*? and 7");
  EXPECT_REFUSED("?1", "?1 + 1", "? and ? + 1");
  EXPECT_REFUSED("3*T*?1", "2*T*?1", "3*?*T and 2*?*T"); // neither becomes 0
  close_solver(&f);
}

TEST(unify, sizes_of_a_convolution_flow_forward) {
  solver_fixture f;
  open_solver(&f);
  // two layers of out = (in + 2*1 - 3) floordiv 2 + 1, found before the input is known
  EXPECT(equate(&f, "?2", "(?1 - 1) floordiv 2 + 1") == MTH_OK);
  EXPECT(equate(&f, "?3", "(?2 - 1) floordiv 2 + 1") == MTH_OK);
  EXPECT(equate(&f, "?1", "32") == MTH_OK);
  EXPECT_TEXT(value(&f, "?3"), "8");
  close_solver(&f);
}

// Known in front and behind they wait for each other, but not alone: all in front are one.
TEST(unify, shapes_that_wait_for_one_agree) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  mth_connection *x = NULL;
  EXPECT_INT(mth_model_add_input(m, "x", NULL, &x), MTH_OK);
  EXPECT_INT(mth_connection_set_shape(x, MTH_SHAPE(MTH_REST, MTH_ANY)), MTH_OK);
  EXPECT_INT(mth_connection_set_shape(x, MTH_SHAPE(MTH_N(2), MTH_REST)), MTH_OK);
  EXPECT_ERROR(context, mth_connection_set_shape(x, MTH_SHAPE(MTH_N(4), MTH_N(1), MTH_REST)),
               "model 'Model', key 'x'", "'x' has shape [2, ...] and [..., ?], wanted [4, 1, ...]");
  EXPECT_INT(mth_connection_set_shape(x, MTH_SHAPE(MTH_N(2), MTH_N(1), MTH_REST)), MTH_OK);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

// Deep models state little else: an expression for each such equation would stay in the table.
TEST(unify, leaves_become_equal_without_an_expression) {
  solver_fixture f;
  open_solver(&f);
  const char *const leaves[] = {"?1", "?2", "?3", "T", "4"};
  for (size_t i = 0; i < sizeof leaves / sizeof *leaves; ++i)
    parse(&f, leaves[i]);
  const size_t count = f.dims->count;
  EXPECT(equate(&f, "?1", "?2") == MTH_OK);
  EXPECT(equate(&f, "T", "?1") == MTH_OK);
  EXPECT(equate(&f, "?3", "4") == MTH_OK);
  EXPECT_TEXT(value(&f, "?2"), "T");
  EXPECT_TEXT(value(&f, "?3"), "4");
  EXPECT(f.dims->count == count);
  close_solver(&f);
}

// What an expression is equal to is read wherever it stands, in either order of the two facts.
TEST(unify, knows_expressions_that_it_cannot_solve) {
  solver_fixture f;
  open_solver(&f);
  EXPECT(equate(&f, "T*?1", "6") == MTH_OK);
  EXPECT(equate(&f, "?2", "T*?1") == MTH_OK);
  EXPECT_TEXT(value(&f, "?2"), "6");
  EXPECT(equate(&f, "?3", "2*?4") == MTH_OK);
  EXPECT(equate(&f, "?3", "S") == MTH_OK); // 2 need not divide S
  EXPECT_TEXT(value(&f, "?3"), "S");
  EXPECT(equate(&f, "?1", "3") == MTH_INVALID); // T is no number
  EXPECT_TEXT(f.seen.message, "two sizes are to be equal: 3*T and 6");
  EXPECT_TEXT(value(&f, "?2"), "6");
  close_solver(&f);
}
