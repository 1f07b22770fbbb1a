// random_generate.c: drawing the steps of a plan.
#include "test/programs/random_generate.h"

#include "ir/model_core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct generating {
  composing c;
  plan *p;
  draws *d;
  int depth, next_name;
  random_counts *counts;
  mth_text *failure;
} generating;

static bool chance(generating *g, int percent) { return draw(g->d, 100) < percent; }

static int new_net(generating *g, const char *letter, int maker, const char *key) {
  plan_net *n = &g->p->nets[g->p->net_count];
  *n = (plan_net){.maker = maker, .naming = -1};
  if (letter) snprintf(n->name, sizeof n->name, "%s%d_", letter, g->next_name++);
  snprintf(n->key, sizeof n->key, "%s", key);
  composing_add_net(&g->c, g->p->net_count);
  return g->p->net_count++;
}

// A net that is there, or -1.
static int pick_net(generating *g) {
  int found[most_nets], count = 0;
  for (int i = 0; i < g->p->net_count; i++)
    if (composing_net(&g->c, i)) found[count++] = i;
  return count ? found[draw(g->d, count)] : -1;
}

static int pick_input(generating *g) {
  for (int tries = 0; tries < 4; tries++) {
    const int net = pick_net(g);
    if (net >= 0 && g->c.nets[net].name[0] &&
        mth_connection_class(composing_net(&g->c, net)) == MTH_KEY_INPUT)
      return net;
  }
  return -1;
}

static plan_step *new_step(generating *g, plan_kind kind) {
  plan_step *s = &g->p->steps[g->p->step_count++];
  *s = (plan_step){.kind = kind, .number = INT64_MIN, .after = {-1, -1, -1}};
  return s;
}

// ---- shapes -------------------------------------------------------------------------------------

static plan_extent draw_extent(generating *g) {
  plan_extent e = {.kind = '*'};
  const int kind = draw(g->d, 20);
  if (kind < 8) e = (plan_extent){.kind = 'n', .number = 1 + draw(g->d, 4)};
  if (kind >= 8 && kind < 13) e = (plan_extent){.kind = 'l', .name = {(char)('a' + draw(g->d, 2))}};
  if (kind == 13) e = (plan_extent){.kind = 'd', .name = "T"};
  return e;
}

static plan_shape draw_shape(generating *g) {
  plan_shape shape = {.rank = draw(g->d, 4)};
  const int rest = chance(g, 30) ? draw(g->d, shape.rank + 1) : -1;
  for (int i = 0; i < shape.rank; i++)
    shape.extents[i] = draw_extent(g);
  if (rest >= 0) {
    shape.rank += rest == shape.rank;
    shape.extents[rest] = (plan_extent){.kind = chance(g, 50) ? 'r' : 'R', .name = "V"};
  }
  return shape;
}

// ---- steps --------------------------------------------------------------------------------------

static void draw_input(generating *g) {
  plan_step *s = new_step(g, STEP_INPUT);
  s->nets[s->net_count++] = new_net(g, "i", g->p->step_count - 1, "");
  s->shapes[0].rank = -1;
  if (chance(g, 60)) s->shapes[0] = draw_shape(g);
  s->families = chance(g, 70) ? MTH_FAMILY_FLOAT : chance(g, 50) ? MTH_FAMILY_INT : 0;
  s->number = s->families == MTH_FAMILY_FLOAT && chance(g, 20);
}

static void draw_input_wire(generating *g, plan_step *s, plan_wire *w) {
  const int kind = draw(g->d, 20), net = pick_net(g), step = g->p->step_count - 1;
  if (kind < 10 && net >= 0) {
    w->net = net;
    w->way = g->c.nets[net].name[0] && chance(g, 50) ? WAY_NAME : WAY_CONNECTION;
  } else if (kind == 10) {
    w->way = WAY_NUMBER;
    w->number = 1.5;
  } else if (kind < 15) {
    w->way = WAY_NAME;
    w->net = new_net(g, "n", -1, "");
  } else if (kind == 15 && s->shapes[0].rank < 0) {
    w->way = WAY_SHAPED;
    w->net = new_net(g, "n", -1, "");
    s->shapes[0] = draw_shape(g);
  } else {
    w->net = new_net(g, NULL, step, w->key);
  }
}

static void draw_output_wire(generating *g, plan_wire *w) {
  const int input = chance(g, 15) ? pick_input(g) : -1;
  if (input >= 0) {
    w->net = input;
    w->way = chance(g, 50) ? WAY_NAME : WAY_CONNECTION;
  } else if (chance(g, 40)) {
    w->way = WAY_NAME;
    w->net = new_net(g, "o", -1, "");
  } else {
    w->net = new_net(g, NULL, g->p->step_count - 1, w->key);
  }
}

// Wires of the child's keys but `chained`.
static void draw_wires(generating *g, plan_step *s, const mth_model *child, const char *chained) {
  s->shapes[0].rank = -1;
  for (size_t i = 0; i < mth_model_connection_count(child); i++) {
    const mth_connection *at = mth_model_connection(child, i);
    const mth_key_class kind = mth_connection_class(at);
    if (!mth_connection_is_tensor(at) || !mth_connection_is_named(at)) continue;
    const bool is_output = kind == MTH_KEY_OUTPUT;
    if ((!is_output && kind != MTH_KEY_INPUT) || s->wire_count == most_wires - 1) continue;
    if (g->p->net_count == most_nets || strlen(mth_connection_key(at)) >= sizeof s->wires[0].key)
      continue;
    if (!strcmp(mth_connection_key(at), chained) || (!is_output && chance(g, 15))) continue;
    plan_wire *w = &s->wires[s->wire_count++];
    snprintf(w->key, sizeof w->key, "%s", mth_connection_key(at));
    if (is_output)
      draw_output_wire(g, w);
    else
      draw_input_wire(g, s, w);
  }
}

// What an append of `child` would lead to its input, if that can be said in another order.
static bool find_chain(generating *g, const mth_model *child, plan_wire *out_wire) {
  mth_connection *chain = NULL;
  if (!mth_model_child_count(g->c.model) || !mth_model_canonical_output_count(g->c.model) ||
      mth_model_canonical_output(g->c.model, &chain) != MTH_OK ||
      mth_model_canonical_input_count(child) != 1)
    return false;
  const mth_connection *entry = mth_model_canonical_input_at(child, 0);
  *out_wire = (plan_wire){.way = WAY_CONNECTION};
  if (!mth_connection_is_named(entry) || strlen(mth_connection_key(entry)) >= sizeof out_wire->key)
    return false;
  snprintf(out_wire->key, sizeof out_wire->key, "%s", mth_connection_key(entry));
  for (int i = 0; i < g->p->net_count; i++) {
    const mth_connection *at = composing_net(&g->c, i);
    out_wire->net = i;
    if (at && mth_net_of(at) == mth_net_of(chain)) return true;
  }
  return false;
}

static int count_classes(void) {
  int count = 0;
  while (made_class_at(count))
    count++;
  return count;
}

// The child of a new step; NULL: a property does not hold.
static mth_model *draw_child(generating *g) {
  plan_step *s = new_step(g, STEP_CHILD);
  mth_model *child = NULL;
  snprintf(s->name, sizeof s->name, "c%d_", g->next_name++);
  if (g->depth < 2 && g->p->inner_count < most_inners && chance(g, 15)) {
    plan **inner = &g->p->inners[g->p->inner_count];
    const bool holds =
        plan_generate(g->c.context, g->d, g->depth + 1, g->counts, g->failure, inner, &child);
    g->p->inner_count += *inner != NULL;
    s->inner = *inner;
    if (!holds) return NULL;
  } else {
    const made_class *row = made_class_at(draw(g->d, count_classes()));
    s->what = row->name;
    if (row->arg_kind != ARG_NONE) s->number = row->least + draw(g->d, row->most - row->least + 1);
    if (composing_make(&g->c, s, &child) != MTH_OK) {
      mth_text_add(g->failure, "%s is not made: %s\n", s->what,
                   mth_context_diagnostic(g->c.context)->message);
      return NULL;
    }
  }
  plan_wire chain;
  const bool is_append = chance(g, 40) && find_chain(g, child, &chain);
  draw_wires(g, s, child, is_append ? chain.key : "");
  if (is_append) {
    s->kind = STEP_APPEND;
    s->wires[s->wire_count] = chain;
  }
  return child;
}

static bool draw_expression(generating *g) {
  int rows = 0;
  while (made_expression_at(rows))
    rows++;
  const made_expression *row = made_expression_at(draw(g->d, rows));
  const int x = pick_net(g), y = pick_net(g);
  if (x < 0) return false;
  plan_step *s = new_step(g, STEP_EXPRESSION);
  s->what = row->name;
  s->nets[s->net_count++] = x;
  if (row->operand_count > 1) s->nets[s->net_count++] = y;
  new_net(g, NULL, g->p->step_count - 1, "");
  return true;
}

static bool draw_facts(generating *g) {
  const int x = pick_net(g), y = pick_net(g);
  if (x < 0) return false;
  if (chance(g, 25)) {
    plan_step *s = new_step(g, STEP_FAMILIES);
    s->nets[s->net_count++] = x;
    s->families = chance(g, 70) ? MTH_FAMILY_FLOAT : MTH_FAMILY_INT;
    return true;
  }
  plan_step *s = new_step(g, STEP_SHAPES);
  s->nets[s->net_count++] = x;
  s->shapes[0] = draw_shape(g);
  if (x == y || chance(g, 50)) return true;
  s->nets[s->net_count++] = y;
  s->shapes[1] = draw_shape(g);
  return true;
}

static void come_after(const generating *g, plan_step *s) {
  for (int i = 0; i < s->net_count; i++)
    s->after[i] = g->p->nets[s->nets[i]].naming;
}

static bool draw_naming(generating *g) {
  const int x = pick_net(g), y = pick_net(g);
  if (x < 0) return false;
  const bool is_merge = chance(g, 60);
  if (is_merge && (g->c.nets[x].group == g->c.nets[y].group ||
                   (!g->c.nets[x].name[0] && !g->c.nets[y].name[0])))
    return false;
  if (!is_merge && !g->c.nets[x].name[0]) return false;
  plan_step *s = new_step(g, is_merge ? STEP_MERGE : STEP_RENAME);
  s->nets[s->net_count++] = x;
  if (is_merge) s->nets[s->net_count++] = y;
  if (!is_merge || (g->c.nets[x].name[0] && g->c.nets[y].name[0]))
    snprintf(s->name, sizeof s->name, "r%d_", g->next_name++);
  come_after(g, s);
  return true;
}

static bool draw_last(generating *g) {
  const int x = pick_net(g);
  if (x < 0) return false;
  if (chance(g, 20)) {
    if (!(mth_connection_families(composing_net(&g->c, x)) & MTH_FAMILY_FLOAT)) return false;
    plan_step *s = new_step(g, STEP_UNTRAINED);
    s->nets[s->net_count++] = x;
    return true;
  }
  plan_step *s = new_step(g, STEP_EXPOSE);
  s->nets[s->net_count++] = x;
  if (!g->c.nets[x].name[0] || chance(g, 20))
    snprintf(s->name, sizeof s->name, "e%d_", g->next_name++);
  come_after(g, s);
  return true;
}

static void note_naming(generating *g, int step) {
  const plan_step *s = &g->p->steps[step];
  if (s->is_refused || s->kind < STEP_MERGE || s->kind == STEP_UNTRAINED) return;
  for (int i = 0; i < g->p->net_count; i++)
    if (g->c.nets[i].group == g->c.nets[s->nets[0]].group) g->p->nets[i].naming = step;
}

// One more step. False: a property does not hold.
static bool go_on(generating *g, bool is_last) {
  const int net_count = g->p->net_count, kind = draw(g->d, 100);
  mth_model *child = NULL;
  bool is_drawn = true;
  if (kind < 18) return random_wrong(&g->c, g->d, g->counts, g->failure);
  if (is_last) {
    is_drawn = draw_last(g);
  } else if (kind < 25) {
    draw_input(g);
  } else if (kind < 60) {
    child = draw_child(g);
    if (!child) return false;
  } else if (kind < 72) {
    is_drawn = draw_expression(g);
  } else if (kind < 88) {
    is_drawn = draw_facts(g);
  } else {
    is_drawn = draw_naming(g);
  }
  if (!is_drawn) return true;
  const int step = g->p->step_count - 1;
  if (!random_attempt(&g->c, g->p, child, g->counts, g->failure)) return false;
  if (g->p->steps[step].is_refused) g->p->net_count = net_count;
  note_naming(g, step);
  return true;
}

bool plan_generate(mth_context *context, draws *d, int depth, random_counts *counts,
                   mth_text *failure, plan **out_plan, mth_model **out_model) {
  plan *p = calloc(1, sizeof *p);
  generating g = {.p = p, .d = d, .depth = depth, .counts = counts, .failure = failure};
  if (!p || composing_create(&g.c, context, p, NULL) != MTH_OK) {
    free(p);
    return false;
  }
  *out_plan = p;
  const int first = depth ? 2 + draw(d, 5) : 4 + draw(d, 16), last = 1 + draw(d, 4);
  bool holds = true;
  for (int i = 0; i < first + last && holds && p->step_count < most_steps; i++)
    holds = p->net_count + most_wires >= most_nets || go_on(&g, i >= first);
  if (holds)
    *out_model = g.c.model;
  else
    mth_model_destroy(g.c.model);
  return holds;
}
