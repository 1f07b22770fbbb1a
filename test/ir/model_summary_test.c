// model_summary_test.c: logical models as tables.
#include "ir/model_summary.h"
#include "test/ir/failing_heap.h"
#include "test/ir/train_fixture.h"

#define EXPECT_SUMMARY(model, options, wanted)                                                     \
  do {                                                                                             \
    mth_text text_ = MTH_TEXT_INIT(mth_default_allocator());                                       \
    mth_model_summary(model, options, &text_);                                                     \
    EXPECT_TEXT(mth_text_get(&text_), wanted);                                                     \
    mth_text_deinit(&text_);                                                                       \
  } while (0)

// x -> Linear 4 with weight `w` -> Relu -> y, exposed; the Linear's output is `h`.
static mth_model *new_net(mth_context *context) {
  mth_model *net = new_model(context);
  const mth_wire linear[] = {MTH_WIRE("input", "x"), MTH_WIRE("weight", "w"),
                             MTH_WIRE("output", "h")};
  const mth_wire relu = MTH_WIRE("output", "y");
  EXPECT_INT(mth_model_append(net, new_linear(context, 4), "first", linear, 3), MTH_OK);
  EXPECT_INT(mth_model_append(net, new_op(context, "Relu"), NULL, &relu, 1), MTH_OK);
  return net;
}

TEST(model_summary, a_block_for_each_child) {
  mth_context *context = new_context();
  mth_model *net = new_net(context);
  EXPECT_SUMMARY(net, NULL,
                 "                           Model\n"
                 "------------------------------------------------------------\n"
                 "Model  Keys             Shape                Connection\n"
                 "============================================================\n"
                 "first  Inputs   weight  [4, u1]              'w'\n"
                 "                input   [(V1, ...), u2, u1]  'x'\n"
                 "                bias    [4]                  'bias'\n"
                 "       Outputs  output  [(V1, ...), u2, 4]   'h', Relu.input\n"
                 "------------------------------------------------------------\n"
                 "Relu   Inputs   input   [(V1, ...), u2, 4]   first.output\n"
                 "       Outputs  output  [(V1, ...), u2, 4]   'y'\n"
                 "------------------------------------------------------------\n");
  mth_model_destroy(net);
  mth_context_destroy(context);
}

TEST(model_summary, types_instead_of_shapes_and_tables_of_children) {
  mth_context *context = new_context();
  mth_model *net = new_net(context);
  const mth_summary_options options = {.struct_bytes = sizeof options,
                                       .title = "a net",
                                       .depth = 1,
                                       .hides_shapes = true,
                                       .shows_types = true};
  EXPECT_SUMMARY(net, &options,
                 "                       a net\n"
                 "----------------------------------------------------\n"
                 "Model  Keys             Type         Connection\n"
                 "====================================================\n"
                 "first  Inputs   weight  float        'w'\n"
                 "                input   float | int  'x'\n"
                 "                bias    float        'bias'\n"
                 "       Outputs  output  float        'h', Relu.input\n"
                 "----------------------------------------------------\n"
                 "Relu   Inputs   input   float        first.output\n"
                 "       Outputs  output  float        'y'\n"
                 "----------------------------------------------------\n"
                 "\n"
                 "                            a net.first\n"
                 "-------------------------------------------------------------------\n"
                 "Model           Keys             Type         Connection\n"
                 "===================================================================\n"
                 "Transpose       Inputs   input   float        'weight'\n"
                 "                         axes    --           None\n"
                 "                Outputs  output  float        MatrixMultiply.right\n"
                 "-------------------------------------------------------------------\n"
                 "MatrixMultiply  Inputs   left    float | int  'input'\n"
                 "                         right   float        Transpose.output\n"
                 "                Outputs  output  float        Add.left\n"
                 "-------------------------------------------------------------------\n"
                 "Add             Inputs   left    float        MatrixMultiply.output\n"
                 "                         right   float        'bias'\n"
                 "                Outputs  output  float        'output'\n"
                 "-------------------------------------------------------------------\n");
  mth_model_destroy(net);
  mth_context_destroy(context);
}

TEST(model_summary, values_unknown_shapes_and_an_op_by_itself) {
  mth_context *context = new_context();
  mth_model *mean = NULL, *net = new_model(context);
  const mth_arg axis = MTH_ARG_IS("axis", 1, ((const int64_t[]){-1}));
  const mth_wire wires[] = {MTH_WIRE("input", "x"), MTH_WIRE_F("right", 0.5)};
  ASSERT(mth_model_create_op(context, "mean", &axis, 1, &mean) == MTH_OK);
  const mth_summary_options hidden = {.struct_bytes = sizeof hidden, .hides_symbols = true};
  EXPECT_SUMMARY(mean, &hidden,
                 "                      Mean\n"
                 "------------------------------------------------\n"
                 "Model  Keys              Shape        Connection\n"
                 "================================================\n"
                 "Mean   Inputs   input    [..., None]  'input'\n"
                 "                axis     --           (-1,)\n"
                 "                keepdim  --           False\n"
                 "       Outputs  output   [...]        'output'\n"
                 "------------------------------------------------\n");
  const mth_wire product[] = {MTH_WIRE("left", "x"), wires[1]};
  ASSERT(mth_model_append(net, new_op(context, "Multiply"), NULL, product, 2) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(net, "x"), MTH_SCALAR_SHAPE) == MTH_OK);
  EXPECT_SUMMARY(net, NULL,
                 "                        Model\n"
                 "------------------------------------------------------\n"
                 "Model     Keys             Shape  Connection\n"
                 "======================================================\n"
                 "Multiply  Inputs   left    []     'x'\n"
                 "                   right   []     0.5\n"
                 "          Outputs  output  []     '_Multiply_0_output'\n"
                 "------------------------------------------------------\n");
  mth_model_destroy(mean);
  mth_model_destroy(net);
  mth_context_destroy(context);
}

TEST(model_summary, of_many_users_the_first_are_named) {
  mth_context *context = new_context();
  mth_model *net = new_model(context);
  const mth_wire made[] = {MTH_WIRE("input", "x"), MTH_WIRE("output", "y")};
  const mth_wire used = MTH_WIRE("input", "y");
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  ASSERT(mth_model_add(net, new_op(context, "Relu"), "first", made, 2) == MTH_OK);
  for (size_t i = 0; i < 6; i++)
    ASSERT(mth_model_add(net, new_op(context, "Tanh"), NULL, &used, 1) == MTH_OK);
  ASSERT(mth_model_freeze(net) == MTH_OK);
  mth_model_summary(net, NULL, &text);
  EXPECT(strstr(mth_text_get(&text), " 'y', Tanh_0.input, Tanh_1.input, Tanh_2.input, Tanh_3.input "
                                     "and 2 more\n"));
  mth_text_deinit(&text);
  mth_model_destroy(net);
  mth_context_destroy(context);
}

TEST(model_summary, a_child_is_titled_by_its_name_and_class) {
  mth_context *context = new_context();
  mth_model *net = new_net(context);
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_model_summary(mth_model_find_child(net, "first"), NULL, &text);
  EXPECT(strstr(mth_text_get(&text), " first (Linear)\n----"));
  mth_text_deinit(&text);
  mth_model_destroy(net);
  mth_context_destroy(context);
}

TEST(model_summary, without_memory_the_text_says_so) {
  mth_context *context = new_context();
  mth_model *net = new_net(context);
  size_t n = 0;
  for (bool refused = true; refused; n++) {
    failing_heap heap = {.refused = n};
    const mth_allocator allocator = failing_allocator(&heap);
    mth_text text = MTH_TEXT_INIT(&allocator);
    mth_model_summary(net, NULL, &text);
    refused = heap.count > n;
    EXPECT_INT(text.status, refused ? MTH_NO_MEMORY : MTH_OK);
    mth_text_deinit(&text);
    EXPECT_INT(heap.live, 0);
  }
  EXPECT(n > 10);
  mth_model_destroy(net);
  mth_context_destroy(context);
}
