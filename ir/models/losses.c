// losses.c: losses whose arguments choose a formula, as classes.
//
//   CrossEntropy(input_type="logits", weights="", robust=false, threshold=None, categorical=true)
//   BinaryCrossEntropy(input_type="logits", pos_weight=1, threshold=None, robust=false)
//
// CrossEntropy is -log p[target] weight[target] for class ids, or with categorical=false
// -sum over classes of target log p weight. p is softmax(input) ("logits"), input ("probs") or
// exp(input) ("log_probs"); weights are a list with a number for each class, "" for 1, or "auto"
// for sum of all / (C sum of the class), counted in the target. BinaryCrossEntropy is -pos_weight
// target log p - (1 - target) log(1 - p), p = sigmoid(input) or input; pos_weight "auto" is (1 - m)
// / m, m the mean of the target, for logits of sigmoid(target). robust replaces log by the robust
// log of ir/ops/elementary.c; with logits nothing is near 0.
//
// Shapes  CrossEntropy: input [N, C, V...], target [N, V...] or as the input, output [N, V...].
//         BinaryCrossEntropy: all of one shape. No mean is taken.
// Keys    input, target, output
#include "ir/models/class_tables.h"
#include "ir/sketch.h"

#include <string.h>

static mth_status refuse(mth_context *context, const char *class_name, const char *key,
                         const char *wanted, const char *found) {
  return mth_fail(MTH_INVALID, (mth_location){mth_context_sink(context), class_name},
                  "wanted %s in '%s', found \"%s\"", wanted, key, found);
}

static bool is_text(const mth_arg *arg, const char *text) {
  return arg->kind == MTH_ARG_STRING && strcmp(arg->s, text) == 0;
}

// ---- CrossEntropy -------------------------------------------------------------------------------

enum { input_type, weights, robust, threshold, categorical };

// log p, or the robust log of it.
static mth_connection *logarithm(mth_sketch *s, mth_connection *p, const mth_arg *args) {
  const mth_arg given[] = {args[robust], args[threshold]};
  return mth_sketch_op(s, "log", 1, &p, args[robust].b ? 2 : 0, given);
}

static mth_connection *of_ids(mth_sketch *s, mth_connection *x, mth_connection *target,
                              const mth_arg *args) {
  if (is_text(&args[input_type], "logits")) return mth_sketch_binary(s, "cross_entropy", x, target);
  mth_connection *picked = mth_sketch_binary(s, "pick", x, target);
  if (is_text(&args[input_type], "probs")) picked = logarithm(s, picked, args);
  return mth_sketch_unary(s, "negate", picked);
}

static mth_connection *sum_classes(mth_sketch *s, mth_connection *x) {
  const int64_t axis = 1;
  return mth_sketch_op(s, "sum", 1, &x, 1, (mth_arg[]){MTH_ARG_IS("axis", 1, &axis)});
}

static mth_connection *of_shares(mth_sketch *s, mth_connection *x, mth_connection *target,
                                 const mth_arg *args) {
  const mth_arg axis = MTH_ARG_I("axis", 1);
  if (is_text(&args[input_type], "logits")) x = mth_sketch_op(s, "log_softmax", 1, &x, 1, &axis);
  if (is_text(&args[input_type], "probs")) x = logarithm(s, x, args);
  return mth_sketch_unary(s, "negate", sum_classes(s, mth_sketch_binary(s, "multiply", target, x)));
}

static double number_of(const mth_arg *arg, size_t index) {
  if (arg->kind == MTH_ARG_INTS) return (double)arg->ints[index];
  const mth_arg *item = &arg->items[index];
  return item->kind == MTH_ARG_INT ? (double)item->i : item->f;
}

// The list as a constant [C].
static mth_connection *listed_weights(mth_sketch *s, const mth_arg *list) {
  mth_connection *made = NULL;
  if (s->status != MTH_OK) return NULL;
  mth_arena arena = MTH_ARENA_INIT(mth_context_allocator(s->context));
  double *numbers = MTH_NEW_ARRAY(&arena, double, list->count);
  for (size_t i = 0; numbers && i < list->count; i++)
    numbers[i] = number_of(list, i);
  const int64_t extent = (int64_t)list->count;
  const mth_constant constant = {.dtype = MTH_F64, .rank = 1, .extents = &extent, .data = numbers};
  s->status = numbers ? mth_model_add_constant(s->model, &constant, &made) : MTH_NO_MEMORY;
  mth_arena_reset(&arena);
  return made;
}

// The weights [C], or NULL where all are 1.
static mth_connection *class_weights(mth_sketch *s, mth_connection *x, mth_connection *target,
                                     const mth_arg *args) {
  const mth_arg *given = &args[weights];
  if (given->kind == MTH_ARG_TUPLE || given->kind == MTH_ARG_INTS) return listed_weights(s, given);
  if (!is_text(given, "auto")) return NULL;
  if (args[categorical].b) target = mth_sketch_binary(s, "one_hot", target, x);
  return mth_sketch_unary(s, "class_weights", target);
}

static mth_connection *cross_entropy(mth_sketch *s, mth_connection *x, mth_connection *target,
                                     const mth_arg *args) {
  mth_connection *w = class_weights(s, x, target, args);
  if (args[categorical].b) {
    mth_connection *loss = of_ids(s, x, target, args);
    if (args[weights].kind != MTH_ARG_STRING) // gathering takes more of them than classes
      mth_sketch_shape(s, x, MTH_SHAPE(MTH_ANY, MTH_N((int64_t)args[weights].count), MTH_REST));
    return w ? mth_sketch_binary(s, "multiply", loss, mth_sketch_binary(s, "gather", w, target))
             : loss;
  }
  if (w)
    target = mth_sketch_binary(s, "multiply", target, mth_sketch_binary(s, "along_axis", w, x));
  return of_shares(s, x, target, args);
}

static mth_status check_weights(mth_context *context, const mth_arg *given) {
  if (given->kind == MTH_ARG_STRING && *given->s && strcmp(given->s, "auto") != 0)
    return refuse(context, "CrossEntropy", "weights", "\"\", \"auto\" or numbers", given->s);
  for (size_t i = 0; given->kind == MTH_ARG_TUPLE && i < given->count; i++)
    if (given->items[i].kind != MTH_ARG_INT && given->items[i].kind != MTH_ARG_FLOAT)
      return refuse(context, "CrossEntropy", "weights", "numbers", "something else");
  return MTH_OK;
}

static mth_status make_cross_entropy(mth_context *context, const mth_arg *args,
                                     mth_model **out_model) {
  const char *type = args[input_type].s;
  if (strcmp(type, "logits") != 0 && strcmp(type, "probs") != 0 && strcmp(type, "log_probs") != 0)
    return refuse(context, "CrossEntropy", "input_type", "\"logits\", \"probs\" or \"log_probs\"",
                  type);
  MTH_TRY(check_weights(context, &args[weights]));
  mth_sketch s;
  mth_sketch_begin(&s, context, "CrossEntropy");
  mth_connection *x = mth_sketch_input(&s, "input"), *target = mth_sketch_input(&s, "target");
  mth_sketch_shape(&s, x, MTH_SHAPE(MTH_ANY, MTH_ANY, MTH_REST));
  const mth_shape same = MTH_SHAPE(MTH_LOCAL("N"), MTH_LOCAL("C"), MTH_REST_OF("V"));
  if (s.status == MTH_OK && !args[categorical].b)
    s.status = mth_connections_set_shapes(2, (mth_connection *[]){x, target},
                                          (const mth_shape[]){same, same});
  mth_sketch_output(&s, cross_entropy(&s, x, target, args), "output");
  return mth_sketch_end(&s, out_model);
}

// ---- BinaryCrossEntropy -------------------------------------------------------------------------

enum { binary_type, pos_weight, binary_threshold, binary_robust };

static mth_connection *positive_weight(mth_sketch *s, mth_connection *target, bool is_logits,
                                       const mth_arg *given) {
  if (given->kind == MTH_ARG_FLOAT) return mth_sketch_number(s, given->f);
  if (is_logits) target = mth_sketch_unary(s, "sigmoid", target);
  mth_connection *m = mth_sketch_unary(s, "mean", target);
  return mth_sketch_binary(s, "divide",
                           mth_sketch_binary(s, "subtract", mth_sketch_number(s, 1), m), m);
}

static mth_status make_binary(mth_context *context, const mth_arg *args, mth_model **out_model) {
  const char *type = args[binary_type].s;
  const bool is_logits = strcmp(type, "logits") == 0;
  if (!is_logits && strcmp(type, "probs") != 0)
    return refuse(context, "BinaryCrossEntropy", "input_type", "\"logits\" or \"probs\"", type);
  if (args[pos_weight].kind == MTH_ARG_STRING && !is_text(&args[pos_weight], "auto"))
    return refuse(context, "BinaryCrossEntropy", "pos_weight", "\"auto\" or a number",
                  args[pos_weight].s);
  mth_sketch s;
  mth_sketch_begin(&s, context, "BinaryCrossEntropy");
  mth_connection *x = mth_sketch_input(&s, "input"), *target = mth_sketch_input(&s, "target");
  mth_connection *const operands[] = {x, target,
                                      positive_weight(&s, target, is_logits, &args[pos_weight])};
  const mth_arg given[] = {args[binary_robust], args[binary_threshold]};
  mth_sketch_output(
      &s,
      is_logits ? mth_sketch_op(&s, "binary_cross_entropy_with_logits", 3, operands, 0, NULL)
                : mth_sketch_op(&s, "binary_cross_entropy", 3, operands,
                                args[binary_robust].b ? 2 : 0, given),
      "output");
  return mth_sketch_end(&s, out_model);
}

// ---- the table ----------------------------------------------------------------------------------

#define FLAG(name, value) MTH_PARAM_OR(name, MTH_TAKES(BOOL), {.kind = MTH_ARG_BOOL, .b = (value)})
#define THRESHOLD                                                                                  \
  MTH_PARAM_OR("threshold", MTH_TAKES(FLOAT) | MTH_TAKES(NONE), {.kind = MTH_ARG_NONE})
#define LOGITS                                                                                     \
  MTH_PARAM_OR("input_type", MTH_TAKES(STRING), {.kind = MTH_ARG_STRING, .s = "logits"})

static const mth_class_param entropy[] = {
    LOGITS,
    MTH_PARAM_OR("weights", MTH_TAKES(STRING) | MTH_TAKES(TUPLE) | MTH_TAKES(INTS),
                 {.kind = MTH_ARG_STRING, .s = ""}),
    FLAG("robust", false), THRESHOLD, FLAG("categorical", true)};
static const mth_class_param binary[] = {LOGITS,
                                         MTH_PARAM_OR("pos_weight",
                                                      MTH_TAKES(FLOAT) | MTH_TAKES(STRING),
                                                      {.kind = MTH_ARG_FLOAT, .f = 1}),
                                         THRESHOLD, FLAG("robust", false)};

static const mth_class classes[] = {
    MTH_CLASS("CrossEntropy", entropy, make_cross_entropy),
    MTH_CLASS("BinaryCrossEntropy", binary, make_binary),
};

mth_class_table mth_losses_classes(void) {
  return (mth_class_table){classes, sizeof classes / sizeof *classes};
}
