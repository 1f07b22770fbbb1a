// physical_model_summary_test.c: physical models as tables.
#include "ir/physical_model_summary.h"
#include "test/ir/model_fixture.h"

typedef struct fixture {
  mth_context *context;
  mth_model *net; // Linear 4, Linear 2
  mth_arena arena;
  const mth_physical_model *physical;
} fixture;

static fixture set_up(mth_extent in) {
  fixture f = {.context = new_context(), .arena = MTH_ARENA_INIT(mth_default_allocator())};
  f.net = new_model(f.context);
  EXPECT_INT(mth_model_append(f.net, new_linear(f.context, 4), "a", NULL, 0), MTH_OK);
  EXPECT_INT(mth_model_append(f.net, new_linear(f.context, 2), "b", NULL, 0), MTH_OK);
  const mth_key_shape shape = {MTH_REF("input"), MTH_SHAPE(MTH_ANY, in)};
  const mth_physical_options options = {
      .struct_bytes = sizeof options, .shapes = &shape, .shape_count = 1};
  EXPECT_INT(mth_physical_model_create(f.net, &options, &f.arena, &f.physical), MTH_OK);
  return f;
}

static void tear_down(fixture *f) {
  mth_arena_reset(&f->arena);
  mth_model_destroy(f->net);
  mth_context_destroy(f->context);
}

#define EXPECT_SUMMARY(options, wanted)                                                            \
  do {                                                                                             \
    mth_text text_ = MTH_TEXT_INIT(mth_default_allocator());                                       \
    EXPECT_INT(mth_physical_model_summary(f.physical, options, &text_), MTH_OK);                   \
    EXPECT_TEXT(mth_text_get(&text_), wanted);                                                     \
    mth_text_deinit(&text_);                                                                       \
  } while (0)

TEST(physical_model_summary, a_box_of_what_the_program_takes) {
  fixture f = set_up(MTH_N(5));
  EXPECT_SUMMARY(NULL, "                     Model Info\n"
                       "----------------------------------------------------\n"
                       "Precision         f32\n"
                       "Device            cpu\n"
                       "Output keys       output\n"
                       "Constant inputs   None\n"
                       "Static keys       axes_0, axes_1, input\n"
                       "Trainable keys    bias_0, bias_1, weight_0, weight_1\n"
                       "Total parameters  34\n"
                       "----------------------------------------------------\n");
  tear_down(&f);
}

TEST(physical_model_summary, what_is_not_known_makes_it_more) {
  fixture f = set_up(MTH_ANY);
  const mth_physical_summary_options options = {
      .struct_bytes = sizeof options, .float_dtype = MTH_F64, .device = "cpu:1"};
  EXPECT_SUMMARY(&options, "                     Model Info\n"
                           "----------------------------------------------------\n"
                           "Precision         f64\n"
                           "Device            cpu:1\n"
                           "Output keys       output\n"
                           "Constant inputs   None\n"
                           "Static keys       axes_0, axes_1, input\n"
                           "Trainable keys    bias_0, bias_1, weight_0, weight_1\n"
                           "Total parameters  >14\n"
                           "----------------------------------------------------\n");
  tear_down(&f);
}

TEST(physical_model_summary, operators_of_one_part) {
  fixture f = set_up(MTH_ANY);
  mth_physical_summary_options options = {.struct_bytes = sizeof options,
                                          .model = mth_model_find_child(f.net, "a"),
                                          .shows_operators = true,
                                          .shows_types = true};
  EXPECT_SUMMARY(&options,
                 "            Model Info\n"
                 "----------------------------------\n"
                 "Precision         f32\n"
                 "Device            cpu\n"
                 "Output keys       None\n"
                 "Constant inputs   None\n"
                 "Static keys       axes_0, input\n"
                 "Trainable keys    bias_0, weight_0\n"
                 "Total parameters  >4\n"
                 "----------------------------------\n"
                 "\n"
                 "                                    a\n"
                 "--------------------------------------------------------------------------\n"
                 "Operator          Keys               Shape         Type         Parameters\n"
                 "==========================================================================\n"
                 "a_Transpose       Inputs   weight_0  [4, None]     float        Unknown\n"
                 "                           axes_0    --            --\n"
                 "                  Outputs  output_0  [None, 4]     float\n"
                 "--------------------------------------------------------------------------\n"
                 "a_MatrixMultiply  Inputs   input     [None, None]  float | int\n"
                 "                           output_0  [None, 4]     float\n"
                 "                  Outputs  output_1  [None, 4]     float\n"
                 "--------------------------------------------------------------------------\n"
                 "a_Add             Inputs   output_1  [None, 4]     float\n"
                 "                           bias_0    [4]           float        4\n"
                 "                  Outputs  output_2  [None, 4]     float\n"
                 "--------------------------------------------------------------------------\n");
  options.hides_info = true;
  options.shows_types = false;
  options.title = "first";
  EXPECT_SUMMARY(&options, "                            first\n"
                           "-------------------------------------------------------------\n"
                           "Operator          Keys               Shape         Parameters\n"
                           "=============================================================\n"
                           "a_Transpose       Inputs   weight_0  [4, None]     Unknown\n"
                           "                           axes_0    --\n"
                           "                  Outputs  output_0  [None, 4]\n"
                           "-------------------------------------------------------------\n"
                           "a_MatrixMultiply  Inputs   input     [None, None]\n"
                           "                           output_0  [None, 4]\n"
                           "                  Outputs  output_1  [None, 4]\n"
                           "-------------------------------------------------------------\n"
                           "a_Add             Inputs   output_1  [None, 4]\n"
                           "                           bias_0    [4]           4\n"
                           "                  Outputs  output_2  [None, 4]\n"
                           "-------------------------------------------------------------\n");
  tear_down(&f);
}

TEST(physical_model_summary, lists_of_names_are_folded) {
  fixture f = {.context = new_context(), .arena = MTH_ARENA_INIT(mth_default_allocator())};
  f.net = new_model(f.context);
  for (size_t i = 0; i < 9; i++)
    EXPECT_INT(mth_model_append(f.net, new_linear(f.context, 2), NULL, NULL, 0), MTH_OK);
  ASSERT(mth_physical_model_create(f.net, NULL, &f.arena, &f.physical) == MTH_OK);
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  ASSERT(mth_physical_model_summary(f.physical, NULL, &text) == MTH_OK);
  EXPECT(strstr(mth_text_get(&text),
                "\nTrainable keys    bias_0, bias_1, bias_2, bias_3, bias_4, bias_5, bias_6,\n"
                "                  bias_7, bias_8, weight_0, weight_1, weight_2, weight_3,\n"
                "                  weight_4, weight_5, weight_6, weight_7, weight_8\n"));
  mth_text_deinit(&text);
  tear_down(&f);
}

TEST(physical_model_summary, a_model_from_elsewhere_is_refused) {
  fixture f = set_up(MTH_ANY);
  mth_model *other = new_op(f.context, "Relu");
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  const mth_physical_summary_options options = {.struct_bytes = sizeof options, .model = other};
  EXPECT_ERROR(f.context, mth_physical_model_summary(f.physical, &options, &text), "model 'Model'",
               "'Relu' is no part of the model");
  EXPECT_TEXT(mth_text_get(&text), "");
  mth_text_deinit(&text);
  mth_model_destroy(other);
  tear_down(&f);
}
