// random_plan.c: plans as text.
#include "test/programs/random_plan.h"

#include <stdlib.h>

int draw(draws *d, int below) { // splitmix64
  uint64_t z = (d->state += UINT64_C(0x9E3779B97F4A7C15));
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return (int)((z ^ (z >> 31)) % (uint64_t)below);
}

void plan_destroy(plan *p) {
  if (!p) return;
  for (int i = 0; i < p->inner_count; i++)
    plan_destroy(p->inners[i]);
  free(p);
}

bool plan_step_is_last(const plan_step *step) {
  return step->kind == STEP_EXPOSE || step->kind == STEP_UNTRAINED;
}

static void print_shape(const plan_shape *shape, mth_text *text) {
  mth_text_add(text, "[");
  for (int i = 0; i < shape->rank; i++) {
    const plan_extent *e = &shape->extents[i];
    if (i) mth_text_add(text, ", ");
    if (e->kind == 'n') mth_text_add(text, "%lld", (long long)e->number);
    if (e->kind == '*') mth_text_add(text, "*");
    if (e->kind == 'l') mth_text_add(text, "local %s", e->name);
    if (e->kind == 'd') mth_text_add(text, "declared %s", e->name);
    if (e->kind == 'r') mth_text_add(text, "...");
    if (e->kind == 'R') mth_text_add(text, "%s...", e->name);
  }
  mth_text_add(text, "]");
}

// A net is "n3" by its first name, or "child.key", or "$3", the result of step 3.
static void print_net(const plan *p, int net, mth_text *text) {
  const plan_net *n = &p->nets[net];
  if (n->name[0])
    mth_text_add(text, "%s", n->name);
  else if (n->key[0])
    mth_text_add(text, "%s.%s", p->steps[n->maker].name, n->key);
  else
    mth_text_add(text, "$%d", n->maker);
}

static void print_wire(const plan *p, const plan_wire *wire, const plan_shape *shape,
                       mth_text *text) {
  mth_text_add(text, "%s", wire->key);
  if (wire->way == WAY_OPEN) return;
  mth_text_add(text, " = ");
  if (wire->way == WAY_NUMBER) {
    mth_text_add(text, "%g", wire->number);
    return;
  }
  if (wire->way != WAY_CONNECTION) mth_text_add(text, "\"");
  print_net(p, wire->net, text);
  if (wire->way != WAY_CONNECTION) mth_text_add(text, "\"");
  if (wire->way == WAY_SHAPED) print_shape(shape, text);
}

static void print_made(const plan *p, const plan_step *s, int indent, mth_text *text) {
  mth_text_add(text, "%s(m, \"%s\", ", s->kind == STEP_APPEND ? "append" : "add", s->name);
  if (s->what)
    mth_text_add(text, "%s", s->what);
  else
    plan_print(s->inner, indent + 2, text);
  if (s->number != INT64_MIN) mth_text_add(text, "(%lld)", (long long)s->number);
  for (int i = 0; i < s->wire_count; i++) {
    mth_text_add(text, ", ");
    print_wire(p, &s->wires[i], &s->shapes[0], text);
  }
}

void plan_print_step(const plan *p, int index, int indent, mth_text *text) {
  static const char *const names[] = {[STEP_INPUT] = "input",   [STEP_EXPRESSION] = "express",
                                      [STEP_SHAPES] = "shapes", [STEP_FAMILIES] = "families",
                                      [STEP_MERGE] = "merge",   [STEP_RENAME] = "rename",
                                      [STEP_EXPOSE] = "expose", [STEP_UNTRAINED] = "untrained"};
  const plan_step *s = &p->steps[index];
  mth_text_add(text, "%*s%2d: ", indent, "", index);
  if (s->kind == STEP_CHILD || s->kind == STEP_APPEND) {
    print_made(p, s, indent, text);
  } else {
    mth_text_add(text, "%s(m", names[s->kind]);
    if (s->what) mth_text_add(text, ", %s", s->what);
    for (int i = 0; i < s->net_count; i++) {
      mth_text_add(text, ", ");
      print_net(p, s->nets[i], text);
      if (s->kind == STEP_SHAPES || (s->kind == STEP_INPUT && s->shapes[0].rank >= 0))
        print_shape(&s->shapes[i], text);
    }
    if (s->name[0]) mth_text_add(text, ", \"%s\"", s->name);
    if (s->kind == STEP_FAMILIES || s->kind == STEP_INPUT)
      mth_text_add(text, ", families %d", (int)s->families);
  }
  mth_text_add(text, ");%s\n", s->is_refused ? " // refused" : "");
}

void plan_print(const plan *p, int indent, mth_text *text) {
  mth_text_add(text, "{\n");
  for (int i = 0; i < p->step_count; i++)
    plan_print_step(p, i, indent + 2, text);
  mth_text_add(text, "%*s}", indent, "");
}
