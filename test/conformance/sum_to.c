// sum_to.c: cases about a gradient that is summed over the axes along which an operand was
// broadcast: the gradient of a sum of two inputs, one of which has the gradient's shape.
#include "test/conformance/assemble.h"
#include "test/conformance/evaluate.h"

#include <string.h>

static bool read_shape(const json_t *json, suite_tensor *out) {
  *out = (suite_tensor){.rank = json_array_size(json)};
  for (size_t i = 0; i < out->rank && i < suite_rank_max; ++i)
    out->extents[i] = json_integer_value(json_array_get(json, i));
  return json_is_array(json) && out->rank <= suite_rank_max;
}

static mth_status make_sum(mth_context *context, mth_model **out_model) {
  mth_model *add = NULL;
  MTH_TRY(mth_model_create(context, NULL, out_model));
  MTH_TRY(mth_model_create_class(context, "Add", NULL, 0, &add));
  const mth_wire wires[] = {MTH_WIRE("left", "small"), MTH_WIRE("right", "large"),
                            MTH_WIRE("output", "sum")};
  const mth_status status = mth_model_add(*out_model, add, NULL, wires, 3);
  if (status != MTH_OK) mth_model_destroy(add);
  MTH_TRY(status);
  return mth_connection_set_differentiable(mth_model_find(*out_model, "small"), true);
}

void run_sum_to(suite_run *run, const json_t *case_) {
  const json_t *const kwargs = json_object_get(case_, "kwargs");
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  assembled a = {0};
  named_tensor small = {"small", {0}}, large = {"large", {0}}, cotangent = {"sum", {0}};
  suite_tensor shape, wanted;
  const char *why = "there is no shape";
  size_t worst;
  if (!suite_tensor_read(&arena, json_object_get(kwargs, "gradient"), &cotangent.tensor, &why) ||
      !read_shape(json_object_get(kwargs, "input_shape"), &shape) ||
      !suite_tensor_read(&arena, json_object_get(case_, "result"), &wanted, &why)) {
    report_failure(run->report, "%s", why);
    goto done;
  }
  cotangent.tensor.kind = SUITE_FLOAT;
  const suite_tensor *const g = &cotangent.tensor;
  if (!suite_tensor_make(&arena, SUITE_FLOAT, shape.rank, shape.extents, &small.tensor) ||
      !suite_tensor_make(&arena, SUITE_FLOAT, g->rank, g->extents, &large.tensor))
    goto done;
  evaluation found;
  if (mth_context_create(NULL, &a.context) == MTH_OK && make_sum(a.context, &a.model) == MTH_OK) {
    const evaluation_request request = {.model = a.model,
                                        .inputs = {&small, 1},
                                        .constants = {&large, 1},
                                        .cotangents = {&cotangent, 1}};
    if (evaluate(&request, &arena, &found) == MTH_OK) {
      const suite_tensor *const sum = &found.gradients.items[0].tensor;
      if (found.gradients.count != 1 || !suite_tensor_same_shape(sum, &wanted))
        report_failure(run->report, "the gradient has not the shape of the result");
      else if (!suite_tensor_is_exact(sum, &wanted, &worst))
        report_failure(run->report, "element %zu is %.17g, wanted %.17g", worst, sum->values[worst],
                       wanted.values[worst]);
      goto done;
    }
  }
  report_failure(run->report, "%s",
                 a.context ? last_error(&arena, a.context) : "there is no context");
done:
  assembled_free(&a);
  mth_arena_reset(&arena);
}
