// bare_dim_test.c: of an input only a dim is used, as an argument: w in as many rows as x has. x is
// an input of the program as long as its rows are no number.
#include "test/programs/program_fixture.h"

enum { columns = 3 };

static mth_connection *sizes_of(mth_connection *x, mth_connection *w) {
  mth_connection *items[] = {mth_tuple_item(mth_shape_of(x), 0),
                             mth_tuple_item(mth_shape_of(w), 1)};
  return mth_tuple(2, items);
}

// broadcast_to(w, (x.shape[0], 3)); `as_value`: with the tuple made by ops.
static mth_model *new_rows(mth_context *context, bool as_value) {
  const mth_shape any = MTH_SHAPE(MTH_ANY, MTH_N(4)), row = MTH_SHAPE(MTH_N(1), MTH_N(columns));
  mth_connection *x = mth_free_input(context, "x", &(mth_facts){.shape = &any});
  mth_connection *w = mth_input_beside(x, "w", &(mth_facts){.shape = &row});
  (void)mth_input_beside(x, "idle", NULL); // of which nothing is used: left out
  const mth_dim *sizes[] = {mth_shape_dim(x, 0),
                            mth_dim_constant(mth_context_dims(context), columns)};
  mth_model *broadcast =
      MAKE(context, "BroadcastTo",
           as_value ? MTH_ARG_OPEN_AS_INPUT("shape") : MTH_ARG_DS("shape", 2, sizes));
  const mth_wire wires[] = {MTH_WIRE_TO("input", w),
                            MTH_WIRE_TO("shape", as_value ? sizes_of(x, w) : NULL)};
  const mth_named_output output = {"output", mth_apply(broadcast, NULL, wires, as_value ? 2 : 1)};
  mth_model *m = NULL;
  check_ok(context, mth_model_from(context, "Rows", &output, 1, &m));
  return m;
}

static mth_program *compile(mth_context *context, mth_model *m, const mth_entry_shape *shape) {
  const mth_entry_request entry = {.name = "evaluate", .shapes = shape, .shape_count = 1};
  return compile_f64(context, m, 1, &entry);
}

static void check_rows(mth_program *program, int64_t rows) {
  bound_entry e;
  ASSERT(bind_all(&e, program, "evaluate", rows));
  ASSERT(port_of(&e, "w") >= 0);
  fill_inputs(&e, 3);
  ASSERT(mth_call_run(e.call) == MTH_OK);
  const int y = port_of(&e, "output");
  EXPECT_INT(e.shapes[y][0], rows);
  for (int64_t i = 0; i < rows * columns; i++)
    EXPECT_NEAR(e.data[y][i], data_of(&e, "w")[i % columns], 0);
  unbind_all(&e);
}

TEST(bare_dim, its_tensor_is_an_input) {
  mth_context *context = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  mth_model *m = new_rows(context, false);
  EXPECT(mth_model_find(m, "x") && !mth_model_find(m, "idle"));
  const mth_entry_shape open = {"x", MTH_SHAPE(MTH_DECLARED("B"), MTH_N(4))};
  mth_program *program = compile(context, m, &open);
  ASSERT(program != NULL);
  check_rows(program, 2);
  check_rows(program, 5);
  mth_program_destroy(program);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(bare_dim, a_number_needs_no_tensor) {
  mth_context *context = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  mth_model *m = new_rows(context, false);
  const mth_entry_shape fixed = {"x", MTH_SHAPE(MTH_N(7), MTH_N(4))};
  mth_program *program = compile(context, m, &fixed);
  ASSERT(program != NULL);
  EXPECT_INT(mth_program_get_desc(program)->entries[0].port_count, 2); // w, output
  check_rows(program, 7);
  mth_program_destroy(program);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

// Nothing is said of x: its rows are those of the tensor that is bound first.
static void check_first_run(bool as_value) {
  mth_context *context = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  mth_model *m = new_rows(context, as_value);
  const mth_entry_request entry = {.name = "evaluate"}; // needed at the first run
  mth_program *program = compile_f64(context, m, 1, &entry);
  ASSERT(program != NULL);
  const mth_call_options call_options = {.struct_bytes = sizeof call_options,
                                         .sink = mth_context_sink(context)};
  mth_call *call = NULL;
  ASSERT(mth_call_create(program, "evaluate", &call_options, &call) == MTH_OK);
  double x[3 * 4] = {0}, w[columns] = {1, 2, 3};
  const DLTensor x_view = mth_tensor_make(MTH_F64, 2, (int64_t[]){3, 4}, x);
  const DLTensor w_view = mth_tensor_make(MTH_F64, 2, (int64_t[]){1, columns}, w), *y = NULL;
  ASSERT(mth_call_bind(call, "x", &x_view) == MTH_OK &&
         mth_call_bind(call, "w", &w_view) == MTH_OK);
  ASSERT(mth_call_run(call) == MTH_OK && mth_call_output(call, "output", &y) == MTH_OK);
  EXPECT_INT(y->shape[0], 3);
  for (int i = 0; i < 3 * columns; i++)
    EXPECT_NEAR(((const double *)mth_tensor_data(y))[i], w[i % columns], 0);
  mth_call_destroy(call);
  mth_program_destroy(program);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(bare_dim, is_read_at_the_first_run) { check_first_run(false); }

TEST(bare_dim, computed_with_is_read_at_the_first_run) { check_first_run(true); }
