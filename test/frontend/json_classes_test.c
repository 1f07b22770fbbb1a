// json_classes_test.c: every class and every op, with arguments of every kind that it takes.
#include "json_round_trip.h"

#include "ir/registry.h"

// ---- arguments ----------------------------------------------------------------------------------

// Values to try for a parameter.
typedef struct supply {
  mth_context *context;
  mth_model *models[3];
  mth_arg values[64];
  size_t count;
} supply;

static void offer(supply *s, mth_arg value) {
  if (s->count < sizeof s->values / sizeof *s->values) s->values[s->count++] = value;
}

static const int64_t one_two[] = {1, 2}, minus_one[] = {-1}, pair_of_twos[] = {2, 2},
                     rising[] = {0, 1, 2, 3};
static const mth_arg start_step[] = {
    {.kind = MTH_ARG_INT, .i = 1}, {.kind = MTH_ARG_NONE}, {.kind = MTH_ARG_INT, .i = 2}};
static const mth_arg inner_items[] = {{.kind = MTH_ARG_BOOL, .b = true},
                                      {.kind = MTH_ARG_NONE},
                                      {.kind = MTH_ARG_STRING, .s = "größe ☃ \"x\" \\ \n"}};
static const mth_arg nested_items[] = {
    {.kind = MTH_ARG_FLOAT, .f = -0.0},
    {.kind = MTH_ARG_TUPLE, .count = 3, .items = inner_items},
    {.kind = MTH_ARG_INTS, .count = 2, .ints = one_two},
    {.kind = MTH_ARG_TUPLE, .count = 0, .items = inner_items},
    {.kind = MTH_ARG_SLICE, .count = 3, .items = start_step},
    {.kind = MTH_ARG_ELLIPSIS},
};
static const mth_arg paddings[] = {{.kind = MTH_ARG_INTS, .count = 2, .ints = one_two},
                                   {.kind = MTH_ARG_INTS, .count = 2, .ints = pair_of_twos}};

static void fill(supply *s) {
  static const char *const texts[] = {"relu",
                                      "same",
                                      "SAME",
                                      "valid",
                                      "logits",
                                      "probs",
                                      "tanh",
                                      "none",
                                      "mean",
                                      "standard",
                                      "hinge",
                                      "RBFKernel",
                                      "constant",
                                      "euclidean",
                                      "Dtype.x",
                                      "(Ellipsis,)",
                                      "Constant.EPSILON",
                                      "",
                                      "größe ☃ \"x\" \\ \n"};
  static const double floats[] = {0.5, 1e-5, 1, 1e308, 5e-324, -0.0};
  static const int64_t ints[] = {1, 2, 3, 4, 0, -1, INT64_MAX, INT64_MIN};
  s->count = 0;
  for (size_t i = 0; i < sizeof ints / sizeof *ints; i++)
    offer(s, MTH_ARG_I(NULL, ints[i]));
  for (size_t i = 0; i < sizeof floats / sizeof *floats; i++)
    offer(s, MTH_ARG_F(NULL, floats[i]));
  offer(s, MTH_ARG_F(NULL, __builtin_inf()));
  offer(s, MTH_ARG_F(NULL, -__builtin_inf()));
  offer(s, MTH_ARG_NAMED(NULL, MTH_EPSILON));
  offer(s, MTH_ARG_B(NULL, true));
  offer(s, MTH_ARG_B(NULL, false));
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    offer(s, MTH_ARG_S(NULL, texts[i]));
  offer(s, MTH_ARG_IS(NULL, 2, one_two));
  offer(s, MTH_ARG_IS(NULL, 2, pair_of_twos));
  offer(s, MTH_ARG_IS(NULL, 1, minus_one));
  offer(s, MTH_ARG_IS(NULL, 4, rising));
  offer(s, MTH_ARG_IS(NULL, 0, rising));
  offer(s, MTH_ARG_T(NULL, MTH_F64));
  offer(s, MTH_ARG_T(NULL, MTH_I32));
  offer(s, MTH_ARG_D(NULL, mth_dim_symbol(mth_context_dims(s->context), "T")));
  offer(s, MTH_ARG_TUPLE_OF(NULL, 6, nested_items));
  offer(s, MTH_ARG_TUPLE_OF(NULL, 2, paddings));
  offer(s, (mth_arg){.kind = MTH_ARG_SLICE, .count = 3, .items = start_step});
  offer(s, (mth_arg){.kind = MTH_ARG_ELLIPSIS});
  offer(s, (mth_arg){.kind = MTH_ARG_NONE});
  offer(s, (mth_arg){.kind = MTH_ARG_OPEN});
}

static void add_models(supply *s, mth_arg pair[2]) {
  s->models[0] = new_op(s->context, "Relu");
  s->models[1] = new_linear(s->context, 2);
  s->models[2] = new_model(s->context);
  EXPECT_INT(mth_model_add(s->models[2], new_op(s->context, "Tanh"), "t", NULL, 0), MTH_OK);
  for (size_t i = 0; i < 3; i++)
    offer(s, MTH_ARG_M(NULL, s->models[i]));
  pair[0] = MTH_ARG_M(NULL, s->models[0]);
  pair[1] = MTH_ARG_M(NULL, s->models[2]);
  offer(s, MTH_ARG_TUPLE_OF(NULL, 2, pair));
}

// ---- models -------------------------------------------------------------------------------------

typedef struct making {
  mth_context *context;
  const char *name;
  const char *keys[32];
  bool is_required[32];
  size_t key_count;
  mth_arg args[32]; // of those that are given
  size_t arg_count;
  size_t part_count; // of an op that takes several tensors or values; SIZE_MAX: not said
} making;

static mth_model *make(const making *m) {
  mth_model *model = NULL;
  const mth_status status =
      m->part_count == SIZE_MAX
          ? mth_model_create_class(m->context, m->name, m->args, m->arg_count, &model)
          : mth_model_create_op_of(m->context, m->name, m->part_count, m->args, m->arg_count,
                                   &model);
  return status == MTH_OK ? model : NULL;
}

// Finds values for all parameters that must have one, the first ones that do. Parameters depend on
// each other little: a list of layers and one of their sizes are tried together.
static bool find_required(making *m, const supply *s, size_t from) {
  while (from < m->key_count && !m->is_required[from])
    from++;
  if (from == m->key_count) {
    mth_model *model = make(m);
    mth_model_destroy(model);
    return model != NULL;
  }
  const size_t at = m->arg_count++;
  for (size_t i = 0; i < s->count; i++) {
    m->args[at] = s->values[i];
    m->args[at].key = m->keys[from];
    if (find_required(m, s, from + 1)) return true;
    m->arg_count = at + 1;
  }
  m->arg_count = at;
  return false;
}

static void check_one(const making *m, trips *counts) {
  mth_model *model = make(m), *outer = NULL;
  if (!model) return;
  char what[128];
  snprintf(what, sizeof what, "%s with %zu arguments", m->name, m->arg_count);
  if (!expect_round_trip(model, what, counts)) {
    mth_model_destroy(model);
    return;
  }
  outer = new_model(m->context); // as a child, its keys named and not
  bool is_added = mth_model_add(outer, model, NULL, NULL, 0) == MTH_OK;
  if (is_added) model = make(m);
  is_added = is_added && mth_model_add(outer, model, "second", NULL, 0) == MTH_OK;
  if (is_added) {
    expect_round_trip(outer, what, counts);
  } else {
    EXPECT_TEXT(mth_context_diagnostic(m->context)->message, "");
    mth_model_destroy(model);
  }
  mth_model_destroy(outer);
}

// Each parameter in turn takes each value.
static void check_class(making *m, const supply *s, trips *counts) {
  m->arg_count = 0;
  bool is_made = find_required(m, s, 0);
  for (size_t k = 0; k < m->key_count && !is_made; k++) { // one of several must be given
    m->arg_count = 0;
    m->is_required[k] = true;
    is_made = find_required(m, s, 0);
    m->is_required[k] = false;
  }
  harness_check(is_made, false, __FILE__, __LINE__, "no arguments were found for %s", m->name);
  if (!is_made) return;
  const size_t given = m->arg_count;
  check_one(m, counts);
  for (size_t k = 0; k < m->key_count; k++) {
    size_t at = 0;
    while (at < given && m->args[at].key != m->keys[k])
      at++;
    const mth_arg kept = m->args[at];
    m->arg_count = at < given ? given : given + 1;
    for (size_t i = 0; i < s->count; i++) {
      m->args[at] = s->values[i];
      m->args[at].key = m->keys[k];
      check_one(m, counts);
    }
    m->args[at] = kept;
    m->arg_count = given;
  }
}

// ---- a class of a user's that takes everything --------------------------------------------------

static mth_status make_any(mth_context *context, const mth_arg *args, mth_model **out_model) {
  mth_model *relu = NULL, *m = NULL;
  (void)args;
  MTH_TRY(mth_model_create(context, "Any", &m));
  mth_status status = mth_model_create_op(context, "Relu", NULL, 0, &relu);
  if (status == MTH_OK) status = mth_model_append(m, relu, NULL, &MTH_WIRE("input", "input"), 1);
  if (status == MTH_OK) status = mth_model_freeze(m);
  if (status == MTH_OK) *out_model = m;
  if (status != MTH_OK) mth_model_destroy(m);
  return status;
}

static const mth_class_param any_params[] = {{.name = "what",
                                              .takes = ~(uint32_t)0 & ~MTH_TAKES(OPEN),
                                              .value = {.kind = MTH_ARG_FLOAT, .f = 0.1}}};
static const mth_class any = {.struct_bytes = sizeof any,
                              .abi = MTH_CLASS_ABI,
                              .name = "Any",
                              .params = any_params,
                              .param_count = 1,
                              .create = make_any};

// ---- tests --------------------------------------------------------------------------------------

static void end(supply *s) {
  for (size_t i = 0; i < 3; i++)
    mth_model_destroy(s->models[i]);
  mth_context_destroy(s->context);
}

TEST(json_classes, keep_arguments_of_every_kind) {
  supply s = {.context = new_context()};
  mth_arg pair[2];
  trips counts = {0};
  EXPECT_INT(mth_register_class(s.context, &any), MTH_OK);
  fill(&s);
  add_models(&s, pair);
  for (size_t i = 0; i < mth_class_count(s.context); i++) {
    const mth_class *class_ = mth_class_get(s.context, i);
    making m = {.context = s.context,
                .name = class_->name,
                .key_count = class_->param_count,
                .part_count = SIZE_MAX};
    ASSERT(class_->param_count < 32);
    for (size_t k = 0; k < class_->param_count; k++) {
      m.keys[k] = class_->params[k].name;
      m.is_required[k] = class_->params[k].is_required;
    }
    check_class(&m, &s, &counts);
  }
  printf("%d documents, %d programs\n", counts.documents, counts.programs);
  EXPECT(counts.documents > 500 && counts.programs > 100);
  end(&s);
}

TEST(json_classes, ops_keep_arguments_of_every_kind) {
  supply s = {.context = new_context()};
  trips counts = {0};
  fill(&s);
  const mth_registry *registry = mth_context_registry(s.context);
  for (size_t i = 0; i < mth_registry_count(registry); i++) {
    const mth_op *op = mth_registry_get(registry, i);
    if (!op->model) continue; // of programs alone
    making m = {.context = s.context, .name = op->model, .part_count = SIZE_MAX};
    for (size_t k = 0; k < op->input_count && m.key_count < 31; k++)
      if (op->inputs[k].kind == MTH_KEY_TENSORS || op->inputs[k].kind == MTH_KEY_ARGS)
        m.part_count = 2;
      else
        m.keys[m.key_count++] = op->inputs[k].name;
    check_class(&m, &s, &counts);
  }
  printf("%d documents, %d programs\n", counts.documents, counts.programs);
  EXPECT(counts.documents > 2000 && counts.programs > 1000);
  end(&s);
}
