// arg_copy_test.c: copies of argument values share nothing with what was given.
#include "ir/arg_copy.h"

#include "ir/model_core.h"
#include "test/ir/model_fixture.h"

static const mth_dim *twice(void *user, const mth_dim *dim) { return mth_dim_add(user, dim, dim); }

TEST(arg_copy, outlives_the_giver) {
  mth_context *context = new_context();
  mth_model *owner = new_model(context), *relu = new_op(context, "Relu");
  mth_dim_table *table = mth_context_dims(context);
  const mth_dim *T = mth_dim_symbol(table, "T");
  char name[] = "SAME";
  int64_t ints[] = {1, 2};
  const mth_dim *dims[] = {T};
  mth_arg slice[] = {MTH_ARG_I(NULL, 1), {.kind = MTH_ARG_NONE}, MTH_ARG_D(NULL, T)};
  mth_arg items[] = {MTH_ARG_S(NULL, name),     MTH_ARG_IS(NULL, 2, ints),
                     MTH_ARG_DS(NULL, 1, dims), {.kind = MTH_ARG_SLICE, .count = 3, .items = slice},
                     MTH_ARG_M(NULL, relu),     {.kind = MTH_ARG_ELLIPSIS}};
  const mth_arg given = MTH_ARG_TUPLE_OF("all", 6, items);
  mth_arg copy;
  ASSERT(mth_arg_copy(owner, &given, twice, table, &copy) == MTH_OK);
  name[0] = 'L', ints[1] = 7, dims[0] = NULL;
  memset(slice, 0, sizeof slice);
  memset(items, 0, sizeof items);
  mth_model_destroy(relu);
  EXPECT_TEXT(copy.key, "all");
  EXPECT_TEXT(copy.items[0].s, "SAME");
  EXPECT_INT(copy.items[1].ints[1], 2);
  EXPECT(copy.items[2].dims[0] == mth_dim_add(table, T, T));
  EXPECT_INT(copy.items[3].items[0].i, 1);
  EXPECT(copy.items[3].items[2].dim == mth_dim_add(table, T, T));
  EXPECT_TEXT(mth_model_class_name(copy.items[4].model), "Relu");
  EXPECT_INT(copy.items[5].kind, MTH_ARG_ELLIPSIS);
  mth_arg_drop(&copy);
  mth_model_destroy(owner);
  mth_context_destroy(context);
}
