// logical_model.c: the rules of docs/logical-model.md at work: chains, inference, a refusal, lists,
// what a program makes of the keys. Prints what holds; nothing here is run.
#include "frontend/mithril.h"

#include <stdio.h>

#define WIRES(...) (mth_wire[]){__VA_ARGS__}, sizeof((mth_wire[]){__VA_ARGS__}) / sizeof(mth_wire)

static mth_model *make(mth_context *context, const char *name, size_t count, const mth_arg *args) {
  mth_model *model = NULL;
  return mth_model_create_class(context, name, args, count, &model) == MTH_OK ? model : NULL;
}

// Linear, Relu, Linear, and a second head on the hidden layer.
static mth_status compose(mth_context *context, mth_model **out_model) {
  const mth_arg eight = MTH_ARG_I("dimension", 8), two = MTH_ARG_I("dimension", 2);
  mth_model *m = NULL;
  MTH_TRY(mth_model_create(context, "Net", &m));
  *out_model = m;
  const mth_shape rows = MTH_SHAPE(MTH_DECLARED("B"), MTH_ANY);
  MTH_TRY(mth_model_append(
      m, make(context, "Linear", 1, &eight), "first",
      WIRES(MTH_WIRE_AS("input", .name = "x", .shape = &rows), MTH_WIRE("weight", "w"))));
  MTH_TRY(mth_model_append(m, make(context, "Relu", 0, NULL), NULL,
                           WIRES(MTH_WIRE("output", "hidden"))));
  MTH_TRY(mth_model_append(m, make(context, "Linear", 1, &two), "head",
                           WIRES(MTH_WIRE_OUT("output", "logits"))));
  return mth_model_add(m, make(context, "Sigmoid", 0, NULL), NULL,
                       WIRES(MTH_WIRE("input", "hidden"), MTH_WIRE_OUT("output", "gate")));
}

// output = a * sigmoid(b), where a and b are the halves of a Linear.
static mth_status make_gated(mth_context *context, int64_t size, mth_model **out_model) {
  const mth_arg dimension = MTH_ARG_I("dimension", 2 * size);
  const mth_arg halves[] = {MTH_ARG_I("split_size", size), MTH_ARG_I("axis", -1)};
  mth_connection *x = mth_free_input(context, "input", NULL), *a = NULL, *b = NULL;
  mth_connection *both = mth_apply_to(make(context, "Linear", 1, &dimension), x);
  mth_connection *parts = mth_apply_to(make(context, "Split", 2, halves), both);
  MTH_TRY(mth_connection_part(parts, 0, &a));
  MTH_TRY(mth_connection_part(parts, 1, &b));
  const mth_named_output output = {"output", mth_multiply(a, mth_sigmoid(b))};
  return mth_model_from(context, "Gated", &output, 1, out_model);
}

// The tensors that a program of the model would have if nobody wanted `gate`.
static mth_status show_keys(const mth_model *m, mth_arena *arena, mth_text *text) {
  static const char *const roles[] = {
      [MTH_ROLE_TRAINABLE] = "trained", [MTH_ROLE_DATA] = "given at each run",
      [MTH_ROLE_CONSTANT] = "constant", [MTH_ROLE_INTERNAL] = "computed",
      [MTH_ROLE_STATE] = "kept",        [MTH_ROLE_UNUSED] = "unused",
      [MTH_ROLE_DISCARDED] = "dropped"};
  const mth_key_ref gate = MTH_REF("gate");
  const mth_physical_options options = {
      .struct_bytes = sizeof options, .discard_keys = &gate, .discard_count = 1};
  const mth_physical_model *program;
  MTH_TRY(mth_physical_model_create(m, &options, arena, &program));
  for (size_t i = 0; i < mth_physical_key_count(program); ++i) {
    const mth_physical_key *key = mth_physical_key_at(program, i);
    if (key->is_tensor && (key->is_input || key->is_output || key->role == MTH_ROLE_DISCARDED))
      mth_text_add(text, "%-10s %-16s %s\n", key->name, key->path, roles[key->role]);
  }
  return MTH_OK;
}

static void add_shape(mth_model *m, const char *key, mth_text *text) {
  mth_text_add(text, "%s ", key);
  mth_connection_shape_text(mth_model_find(m, key), text);
  mth_text_add(text, "\n");
}

// The shape of a weight says what the input is; another input is refused, and says why.
static mth_status infer(mth_context *context, mth_model *m, mth_text *text) {
  mth_connection *x = mth_model_find(m, "x"), *w = mth_model_find(m, "w");
  MTH_TRY(mth_connection_set_shape(w, MTH_SHAPE(MTH_ANY, MTH_N(4))));
  if (mth_connection_set_shape(x, MTH_SHAPE(MTH_ANY, MTH_N(3))) == MTH_OK) return MTH_INTERNAL;
  const mth_diagnostic *why = mth_context_diagnostic(context);
  mth_text_add(text, "%s: %s\n", why->where, why->message);
  add_shape(m, "x", text);
  add_shape(m, "w", text);
  add_shape(m, "logits", text);
  return MTH_OK;
}

static mth_status run(mth_context *context, mth_arena *arena, mth_text *text) {
  mth_model *m = NULL, *gated = NULL;
  mth_status status = compose(context, &m);
  if (status == MTH_OK) status = infer(context, m, text);
  if (status == MTH_OK) status = show_keys(m, arena, text);
  if (status == MTH_OK) status = make_gated(context, 4, &gated);
  if (status == MTH_OK)
    status = mth_connection_set_shape(mth_model_find(gated, "input"), MTH_SHAPE(MTH_N(7), MTH_ANY));
  if (status == MTH_OK) add_shape(gated, "output", text);
  mth_model_destroy(gated);
  mth_model_destroy(m);
  return status;
}

int main(void) {
  mth_context *context = NULL;
  if (mth_context_create(NULL, &context) != MTH_OK) return 1;
  mth_arena arena = MTH_ARENA_INIT(mth_context_allocator(context));
  mth_text text = MTH_TEXT_INIT(mth_context_allocator(context));
  const mth_status status = run(context, &arena, &text);
  printf("%s", mth_text_get(&text));
  if (status != MTH_OK) fprintf(stderr, "%s\n", mth_context_diagnostic(context)->message);
  mth_text_deinit(&text);
  mth_arena_reset(&arena);
  mth_context_destroy(context);
  return status == MTH_OK ? 0 : 1;
}
