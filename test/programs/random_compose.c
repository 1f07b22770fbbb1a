// random_compose.c: the steps of a plan.
#include "test/programs/random_compose.h"

#include <stdio.h>
#include <string.h>

static const made_class classes[] = {
    {"Relu", NULL, ARG_NONE, false, 0, 0},          {"Tanh", NULL, ARG_NONE, false, 0, 0},
    {"Exponential", NULL, ARG_NONE, false, 0, 0},   {"Buffer", NULL, ARG_NONE, false, 0, 0},
    {"Add", NULL, ARG_NONE, false, 0, 0},           {"Multiply", NULL, ARG_NONE, false, 0, 0},
    {"Subtract", NULL, ARG_NONE, false, 0, 0},      {"MatrixMultiply", NULL, ARG_NONE, false, 0, 0},
    {"SquaredError", NULL, ARG_NONE, false, 0, 0},  {"Transpose", NULL, ARG_NONE, false, 0, 0},
    {"Linear", "dimension", ARG_INT, false, 2, 4},  {"Linear", NULL, ARG_NONE, false, 0, 0},
    {"LayerNorm", NULL, ARG_NONE, false, 0, 0},     {"Softmax", "axis", ARG_INT, false, -1, -1},
    {"Flatten", "start_dim", ARG_INT, false, 0, 1}, {"SwapAxes", NULL, ARG_NONE, true, 0, 1},
    {"Sum", "axis", ARG_INTS, false, -1, 1},        {"Mean", "axis", ARG_INTS, false, -1, 1},
    {"Reshape", "shape", ARG_SHAPE, false, 1, 4},   {"Concat", "axis", ARG_PARTS, false, -1, 1},
};

const made_class *made_class_at(int index) {
  return index < (int)(sizeof classes / sizeof *classes) ? &classes[index] : NULL;
}

static const made_expression expressions[] = {
    {"add", 2, "Add"},
    {"multiply", 2, "Multiply"},
    {"times_number", 1, "Multiply"},
    {"matmul", 2, "MatrixMultiply"},
    {"mean", 1, "Mean"},
    {"sum_last", 1, "Sum"},
    {"reverse", 1, "Transpose"},
    {"flat", 1, "Reshape"},
    {"reshape_like", 2, "Reshape"},
    {"where", 2, "Where"},
    {"compare", 2, "Where"},
    {"times_size", 2, "Multiply"},
    {"length_like", 2, "Add"},
    {"apply_relu", 1, "Relu"},
};

const made_expression *made_expression_at(int index) {
  return index < (int)(sizeof expressions / sizeof *expressions) ? &expressions[index] : NULL;
}

static mth_connection *express(mth_context *context, const char *what, mth_connection *x,
                               mth_connection *y) {
  static const int64_t last = -1;
  if (!strcmp(what, "add")) return mth_add(x, y);
  if (!strcmp(what, "multiply")) return mth_multiply(x, y);
  if (!strcmp(what, "times_number")) return mth_multiply_number(x, 2.5);
  if (!strcmp(what, "matmul")) return mth_matmul(x, y);
  if (!strcmp(what, "mean")) return mth_mean(x, 1, &last, true);
  if (!strcmp(what, "sum_last")) return mth_sum(x, 1, &last, false);
  if (!strcmp(what, "reverse")) return mth_reverse_axes(x);
  if (!strcmp(what, "flat")) return mth_reshape_to(x, 1, &last);
  if (!strcmp(what, "reshape_like")) return mth_reshape_by(x, mth_shape_of(y));
  if (!strcmp(what, "where")) return mth_where(mth_greater_number(x, 0), x, y);
  if (!strcmp(what, "times_size")) return mth_multiply(x, mth_size_of(y));
  if (!strcmp(what, "length_like")) return mth_add(x, mth_length_of(y));
  if (!strcmp(what, "compare")) return mth_where(mth_less(x, y), y, x);
  mth_model *relu = NULL;
  return mth_model_create_op(context, "Relu", NULL, 0, &relu) == MTH_OK ? mth_apply_to(relu, x)
                                                                        : NULL;
}

static const made_class *find_class(const plan_step *step) {
  for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
    if (!strcmp(classes[i].name, step->what) &&
        (classes[i].arg_kind == ARG_NONE) == (step->number == INT64_MIN))
      return &classes[i];
  return NULL;
}

mth_status composing_make(const composing *c, const plan_step *step, mth_model **out_child) {
  if (!step->what) return plan_compose(c->context, step->inner, c->order, out_child);
  const made_class *row = find_class(step);
  if (!row) return mth_model_create_class(c->context, step->what, NULL, 0, out_child);
  const int64_t shape[] = {-1, step->number};
  const mth_arg axes[] = {MTH_ARG_I("axis1", 0), MTH_ARG_I("axis2", 1)};
  if (row->is_two_axes) return mth_model_create_class(c->context, row->name, axes, 2, out_child);
  mth_arg arg = MTH_ARG_I(row->arg, step->number);
  if (row->arg_kind == ARG_INTS) arg = MTH_ARG_IS(row->arg, 1, &step->number);
  if (row->arg_kind == ARG_SHAPE) arg = MTH_ARG_IS(row->arg, 2, shape);
  if (row->arg_kind == ARG_PARTS)
    return mth_model_create_op_of(c->context, row->name, 2, &arg, 1, out_child);
  return mth_model_create_class(c->context, row->name, &arg, row->arg_kind != ARG_NONE, out_child);
}

// ---- nets ---------------------------------------------------------------------------------------

mth_connection *composing_net(const composing *c, int net) {
  const composed_net *n = &c->nets[net];
  const int maker = c->plan->nets[net].maker;
  if (maker >= 0 && !c->is_done[maker]) return NULL;
  return n->name[0] ? mth_model_find(c->model, n->name) : n->connection;
}

void composing_add_net(composing *c, int net) {
  c->nets[net] = (composed_net){.group = net};
  memcpy(c->nets[net].name, c->plan->nets[net].name, sizeof c->nets[net].name);
}

static void name_group(composing *c, int group, const char *name) {
  for (int i = 0; i < c->plan->net_count; i++)
    if (c->nets[i].group == group) snprintf(c->nets[i].name, sizeof c->nets[i].name, "%s", name);
}

static void join_groups(composing *c, int kept, int dropped, const char *name) {
  for (int i = 0; i < c->plan->net_count; i++)
    if (c->nets[i].group == dropped) c->nets[i].group = kept;
  name_group(c, kept, name);
}

bool composing_can(const composing *c, int step) {
  const plan_step *s = &c->plan->steps[step];
  for (int i = 0; i < 3; i++)
    if (s->after[i] >= 0 && !c->is_done[s->after[i]]) return false;
  for (int i = 0; plan_step_is_last(s) && i < c->plan->step_count; i++)
    if (!c->is_done[i] && !c->plan->steps[i].is_refused &&
        (!plan_step_is_last(&c->plan->steps[i]) || i < step))
      return false;
  for (int i = 0; i < s->net_count; i++)
    if (s->kind != STEP_INPUT && !composing_net(c, s->nets[i])) return false;
  for (int i = 0; i < s->wire_count + (s->kind == STEP_APPEND); i++) {
    const plan_wire *wire = &s->wires[i];
    if (wire->way == WAY_OPEN || wire->way == WAY_NUMBER) continue;
    const int maker = c->plan->nets[wire->net].maker;
    if (maker >= 0 && !c->is_done[maker]) return false;
  }
  return true;
}

// ---- steps --------------------------------------------------------------------------------------

static mth_shape shape_of_plan(const plan_shape *shape, mth_extent extents[most_extents]) {
  for (int i = 0; i < shape->rank; i++) {
    const plan_extent *e = &shape->extents[i];
    extents[i] = e->kind == 'n'   ? MTH_N(e->number)
                 : e->kind == 'l' ? MTH_LOCAL(e->name)
                 : e->kind == 'd' ? MTH_DECLARED(e->name)
                 : e->kind == 'r' ? MTH_REST
                 : e->kind == 'R' ? MTH_REST_OF(e->name)
                                  : MTH_ANY;
  }
  return (mth_shape){(size_t)shape->rank, extents};
}

static mth_status do_child(composing *c, const plan_step *s, mth_model *child) {
  mth_wire wires[most_wires];
  mth_extent extents[most_extents];
  const mth_shape shape = shape_of_plan(&s->shapes[0], extents);
  const mth_facts facts = {.shape = &shape};
  // In another order the chain ends elsewhere: what it led to then is said.
  const bool is_append = s->kind == STEP_APPEND && !c->order;
  const int count = s->wire_count + (s->kind == STEP_APPEND && c->order);
  for (int i = 0; i < count; i++) {
    const plan_wire *w = &s->wires[i];
    mth_connection *found =
        w->way == WAY_OPEN || w->way == WAY_NUMBER ? NULL : composing_net(c, w->net);
    const char *name = w->way == WAY_OPEN || w->way == WAY_NUMBER ? "" : c->nets[w->net].name;
    if (w->way == WAY_OPEN)
      wires[i] = (mth_wire){.key = w->key};
    else if (w->way == WAY_NUMBER)
      wires[i] = MTH_WIRE_F(w->key, w->number);
    else if ((w->way == WAY_CONNECTION && found) || !name[0])
      wires[i] = MTH_WIRE_TO(w->key, found);
    else
      wires[i] = MTH_WIRE(w->key, name);
    if (w->way == WAY_SHAPED) wires[i].facts = &facts;
  }
  return (is_append ? mth_model_append : mth_model_add)(c->model, child, s->name, wires,
                                                        (size_t)count);
}

static mth_status do_expression(composing *c, int step) {
  const plan_step *s = &c->plan->steps[step];
  mth_connection *x = composing_net(c, s->nets[0]);
  mth_connection *y = s->net_count > 1 ? composing_net(c, s->nets[1]) : NULL;
  mth_connection *made = express(c->context, s->what, x, y);
  if (!made) return mth_model_take_failure(c->model);
  for (int i = 0; i < c->plan->net_count; i++)
    if (c->plan->nets[i].maker == step) c->nets[i].connection = made;
  return MTH_OK;
}

static mth_status do_shapes(composing *c, const plan_step *s) {
  mth_extent extents[2][most_extents];
  mth_connection *const keys[] = {composing_net(c, s->nets[0]),
                                  s->net_count > 1 ? composing_net(c, s->nets[1]) : NULL};
  const mth_shape shapes[] = {shape_of_plan(&s->shapes[0], extents[0]),
                              shape_of_plan(&s->shapes[1], extents[1])};
  return mth_connections_set_shapes((size_t)s->net_count, keys, shapes);
}

static mth_status do_input(composing *c, const plan_step *s) {
  mth_extent extents[most_extents];
  mth_connection *made = NULL;
  mth_shape shape = {0, NULL};
  if (s->shapes[0].rank >= 0) shape = shape_of_plan(&s->shapes[0], extents);
  const mth_facts facts = {.shape = s->shapes[0].rank >= 0 ? &shape : NULL,
                           .families = s->families,
                           .differentiable = s->number != 0};
  return mth_model_add_input(c->model, c->plan->nets[s->nets[0]].name, &facts, &made);
}

static mth_status do_merge(composing *c, const plan_step *s) {
  mth_connection *const keys[] = {composing_net(c, s->nets[0]), composing_net(c, s->nets[1])};
  const composed_net *a = &c->nets[s->nets[0]], *b = &c->nets[s->nets[1]];
  const int kept = a->group, dropped = b->group;
  char name[16];
  memcpy(name, s->name[0] ? s->name : a->name[0] ? a->name : b->name, sizeof name);
  MTH_TRY(mth_model_merge(c->model, keys, 2, s->name[0] ? s->name : NULL));
  join_groups(c, kept, dropped, name);
  return MTH_OK;
}

static mth_status do_named(composing *c, const plan_step *s) {
  mth_connection *at = composing_net(c, s->nets[0]);
  if (s->kind == STEP_RENAME)
    MTH_TRY(mth_connection_rename(at, s->name));
  else
    MTH_TRY(mth_model_expose(c->model, at, s->name[0] ? s->name : NULL));
  if (s->name[0]) name_group(c, c->nets[s->nets[0]].group, s->name);
  return MTH_OK;
}

static mth_status do_step(composing *c, int step, mth_model *child) {
  const plan_step *s = &c->plan->steps[step];
  switch (s->kind) {
  case STEP_CHILD:
  case STEP_APPEND:
    return do_child(c, s, child);
  case STEP_INPUT:
    return do_input(c, s);
  case STEP_EXPRESSION:
    return do_expression(c, step);
  case STEP_SHAPES:
    return do_shapes(c, s);
  case STEP_FAMILIES:
    return mth_connection_set_families(composing_net(c, s->nets[0]), s->families);
  case STEP_MERGE:
    return do_merge(c, s);
  case STEP_RENAME:
  case STEP_EXPOSE:
    return do_named(c, s);
  case STEP_UNTRAINED:
    return mth_connection_set_differentiable(composing_net(c, s->nets[0]), false);
  }
  return MTH_INVALID;
}

mth_status composing_do(composing *c, int step, mth_model *child) {
  const mth_status status = do_step(c, step, child);
  if (status != MTH_OK) return status;
  c->is_done[step] = true;
  for (int i = 0; child && i < c->plan->net_count; i++)
    if (c->plan->nets[i].maker == step)
      c->nets[i].connection = mth_model_find(child, c->plan->nets[i].key);
  return MTH_OK;
}

// ---- whole plans --------------------------------------------------------------------------------

mth_status composing_create(composing *c, mth_context *context, const plan *p, draws *order) {
  *c = (composing){.context = context, .plan = p, .order = order};
  for (int i = 0; i < p->net_count; i++)
    composing_add_net(c, i);
  return mth_model_create(context, NULL, &c->model);
}

// A step that can be done now, or -1.
static int next_step(const composing *c) {
  int ready[most_steps], count = 0;
  for (int i = 0; i < c->plan->step_count; i++) {
    if (c->plan->steps[i].is_refused || c->is_done[i]) continue;
    if (!c->order) return i;
    if (composing_can(c, i)) ready[count++] = i;
  }
  return count ? ready[draw(c->order, count)] : -1;
}

static mth_status do_all(composing *c) {
  for (int step = next_step(c); step >= 0; step = next_step(c)) {
    const plan_step *s = &c->plan->steps[step];
    mth_model *child = NULL;
    if (s->kind == STEP_CHILD || s->kind == STEP_APPEND) MTH_TRY(composing_make(c, s, &child));
    const mth_status status = composing_do(c, step, child);
    if (status != MTH_OK) mth_model_destroy(child);
    MTH_TRY(status);
  }
  for (int i = 0; i < c->plan->step_count; i++)
    if (!c->is_done[i] && !c->plan->steps[i].is_refused) return MTH_INVALID; // no order goes on
  return MTH_OK;
}

mth_status plan_compose(mth_context *context, const plan *p, draws *order, mth_model **out_model) {
  composing c;
  MTH_TRY(composing_create(&c, context, p, order));
  const mth_status status = do_all(&c);
  if (status == MTH_OK)
    *out_model = c.model;
  else
    mth_model_destroy(c.model);
  return status;
}
