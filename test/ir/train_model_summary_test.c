// train_model_summary_test.c: the tables of a TrainModel.
#include "test/ir/train_fixture.h"

TEST(train_model_summary, losses_regularizers_and_metrics) {
  mth_context *context = new_context();
  mth_train_model *train = new_train(context, new_linear(context, 3));
  mth_model *const steps[] = {new_op(context, "Sum"), new_op(context, "Square")};
  const mth_loss_options loss = {.struct_bytes = sizeof loss,
                                 .steps = steps,
                                 .step_count = 2,
                                 .coef = MTH_COEF(0.5),
                                 .key_name = "first"};
  const mth_regularization_options all = {.struct_bytes = sizeof all, .pattern = "weight|bias"};
  const mth_wire wire = MTH_WIRE("input", "output");
  mth_text text = MTH_TEXT_INIT(mth_default_allocator()), model = text;
  ASSERT(add_error(train, "output", "t", &loss) == MTH_OK);
  ASSERT(add_error(train, "output", "t", NULL) == MTH_OK);
  ASSERT(mth_train_model_add_regularization(train, new_op(context, "Sum"), MTH_COEF(0.1), NULL, 0,
                                            &all) == MTH_OK);
  ASSERT(mth_train_model_add_metric(train, new_op(context, "Absolute"), &wire, 1, NULL) == MTH_OK);
  mth_model_summary(mth_train_model_get(train), NULL, &model);
  mth_train_model_summary(train, NULL, &text);
  const char *tables = mth_text_get(&text);
  ASSERT(strncmp(tables, mth_text_get(&model), model.byte_count) == 0);
  EXPECT_TEXT(tables + model.byte_count,
              "\n"
              "                            Losses\n"
              "--------------------------------------------------------------\n"
              "Loss          Keys    Connection     Reduce steps  Coef  Name\n"
              "==============================================================\n"
              "SquaredError  input   Linear.output  Sum, Square   0.5   first\n"
              "              target  't'\n"
              "--------------------------------------------------------------\n"
              "SquaredError  input   Linear.output  Mean\n"
              "              target  't'\n"
              "--------------------------------------------------------------\n"
              "\n"
              "             Regularizations\n"
              "------------------------------------------\n"
              "Regularizer  Keys   Connection  Coef  Name\n"
              "==========================================\n"
              "Sum          input  'weight'    0.1\n"
              "------------------------------------------\n"
              "Sum          input  'bias'      0.1\n"
              "------------------------------------------\n"
              "\n"
              "                       Metrics\n"
              "------------------------------------------------------\n"
              "Metric    Keys   Connection     Reduce steps  Name\n"
              "======================================================\n"
              "Absolute  input  Linear.output  Buffer        absolute\n"
              "------------------------------------------------------\n");
  mth_text_deinit(&text);
  mth_text_deinit(&model);
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

TEST(train_model_summary, of_what_is_not_there_there_is_no_table) {
  mth_context *context = new_context();
  mth_train_model *train = new_train(context, new_linear(context, 3));
  mth_text text = MTH_TEXT_INIT(mth_default_allocator()), model = text;
  mth_model_summary(mth_train_model_get(train), NULL, &model);
  mth_train_model_summary(train, NULL, &text);
  EXPECT_TEXT(mth_text_get(&text), mth_text_get(&model));
  mth_text_deinit(&text);
  mth_text_deinit(&model);
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}
