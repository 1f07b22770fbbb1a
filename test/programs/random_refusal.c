// random_refusal.c: calls that may be refused, and calls that must be.
#include "test/programs/random_refusal.h"
#include "test/programs/random_facts.h"

#include <string.h>

enum { most_words = 1024 };

// What the user said that a report may name.
typedef struct words {
  const char *items[most_words];
  int count;
} words;

static void add_word(words *w, const char *word) {
  if (word && word[0] && w->count < most_words) w->items[w->count++] = word;
}

static void add_net(words *w, const composing *c, int net) {
  const plan_net *n = &c->plan->nets[net];
  add_word(w, c->nets[net].name);
  add_word(w, n->name);
  add_word(w, n->key[0] || n->name[0] ? n->key : "output"); // of an expression
  if (n->maker >= 0) add_word(w, c->plan->steps[n->maker].name);
}

static void add_step(words *w, const composing *c, const plan_step *s) {
  add_word(w, s->name);
  add_word(w, s->what);
  for (int i = 0; i < s->wire_count; i++) {
    add_word(w, s->wires[i].key);
    if (s->wires[i].way != WAY_NUMBER && s->wires[i].net >= 0) add_net(w, c, s->wires[i].net);
  }
  for (int i = 0; i < s->net_count; i++)
    add_net(w, c, s->nets[i]);
}

// Names and classes of the children made so far, inside of them too.
static void add_children(words *w, const plan *p) {
  for (int i = 0; i < p->step_count; i++) {
    const char *what = p->steps[i].what;
    add_word(w, what);
    for (int k = 0; made_expression_at(k) && what; k++)
      if (!strcmp(made_expression_at(k)->name, what)) add_word(w, made_expression_at(k)->ops);
    add_word(w, p->steps[i].name);
    if (p->steps[i].inner) add_children(w, p->steps[i].inner);
  }
  for (int i = 0; i < p->net_count; i++)
    add_word(w, p->nets[i].name);
}

static bool is_told(const mth_diagnostic *report, const words *w) {
  for (int i = 0; i < w->count; i++)
    if (strstr(report->message, w->items[i]) || strstr(report->where, w->items[i])) return true;
  return false;
}

static bool is_equal_to(const mth_model *model, const mth_model *copy, const char *what,
                        mth_text *failure) {
  bool is_equal = false;
  mth_text difference = MTH_TEXT_INIT(mth_default_allocator());
  const mth_status status = mth_model_equal(model, copy, &is_equal, &difference);
  if (status != MTH_OK || !is_equal) {
    mth_text_add(failure, "%s: differs in %s\n", what, mth_text_get(&difference));
    add_facts(model, failure);
    add_facts(copy, failure);
  }
  mth_text_deinit(&difference);
  return status == MTH_OK && is_equal;
}

typedef struct before {
  mth_model *copy;
  mth_text tree;
} before;

static bool note_before(const mth_model *model, before *b, mth_text *failure) {
  *b = (before){.tree = MTH_TEXT_INIT(mth_default_allocator())};
  mth_model_tree(model, 100, &b->tree);
  if (mth_model_copy(model, &b->copy) != MTH_OK) {
    mth_text_add(failure, "no copy: %s\n",
                 mth_context_diagnostic(mth_model_context(model))->message);
    return false;
  }
  return is_equal_to(model, b->copy, "a copy", failure);
}

static void forget_before(before *b) {
  mth_model_destroy(b->copy);
  mth_text_deinit(&b->tree);
}

static bool is_as_before(const mth_model *model, const before *b, const char *what,
                         mth_text *failure) {
  mth_text tree = MTH_TEXT_INIT(mth_default_allocator());
  mth_model_tree(model, 100, &tree);
  bool holds = !strcmp(mth_text_get(&tree), mth_text_get(&b->tree));
  if (!holds)
    mth_text_add(failure, "%s changes\n%s\nto\n%s\n", what, mth_text_get(&b->tree),
                 mth_text_get(&tree));
  mth_text_deinit(&tree);
  return holds && is_equal_to(model, b->copy, what, failure);
}

static bool check_report(const composing *c, mth_status status, const char *what, const words *w,
                         mth_text *failure) {
  const mth_diagnostic *report = mth_context_diagnostic(c->context);
  if (status == MTH_INVALID && is_told(report, w)) return true;
  mth_text_add(failure, "%s: status %d, a report without a name of it: \"%s: %s\"\n", what,
               (int)status, report->where, report->message);
  return false;
}

bool random_attempt(composing *c, plan *p, mth_model *child, random_counts *counts,
                    mth_text *failure) {
  const int step = p->step_count - 1;
  plan_step *s = &p->steps[step];
  before model_before = {0}, child_before = {0};
  mth_text what = MTH_TEXT_INIT(mth_default_allocator());
  bool holds = note_before(c->model, &model_before, failure) &&
               (!child || note_before(child, &child_before, failure));
  const mth_status status = holds ? composing_do(c, step, child) : MTH_INVALID;
  counts->steps++;
  s->is_refused = status != MTH_OK;
  if (holds && s->is_refused) {
    words w = {.count = 0};
    counts->refused++;
    add_step(&w, c, s);
    add_children(&w, p);
    plan_print_step(p, step, 0, &what);
    holds = check_report(c, status, mth_text_get(&what), &w, failure) &&
            is_as_before(c->model, &model_before, mth_text_get(&what), failure) &&
            (!child || is_as_before(child, &child_before, mth_text_get(&what), failure));
  }
  if (s->is_refused) mth_model_destroy(child);
  forget_before(&model_before);
  if (child) forget_before(&child_before);
  mth_text_deinit(&what);
  return holds;
}

// ---- what must be refused -----------------------------------------------------------------------

typedef struct wrong_call {
  composing *c;
  draws *d;
  words names;
  mth_model *child, *stranger; // that the call may use; destroyed after it
  bool is_possible;            // the model allows the mistake
} wrong_call;

// A net that exists and answers to `wanted`, or -1.
static int pick(const wrong_call *w, bool (*wanted)(const mth_connection *)) {
  int found[most_nets], count = 0;
  for (int i = 0; i < w->c->plan->net_count; i++) {
    const mth_connection *at = composing_net(w->c, i);
    if (at && w->c->nets[i].name[0] && wanted(at)) found[count++] = i;
  }
  return count ? found[draw(w->d, count)] : -1;
}

static bool is_any(const mth_connection *at) { return at != NULL; }
static bool is_input(const mth_connection *at) { return mth_connection_class(at) == MTH_KEY_INPUT; }
static bool is_made(const mth_connection *at) { return !is_input(at); }
static bool has_rank(const mth_connection *at) { return mth_connection_rank(at) >= 0; }
static bool has_one_family(const mth_connection *at) {
  return mth_connection_families(at) == MTH_FAMILY_FLOAT;
}

static mth_connection *take(wrong_call *w, int net) {
  w->is_possible = net >= 0;
  if (net < 0) return NULL;
  add_net(&w->names, w->c, net);
  return composing_net(w->c, net);
}

static mth_status make_relu(wrong_call *w, mth_model **out) {
  return mth_model_create_op(w->c->context, "Relu", NULL, 0, out);
}

static mth_status unknown_key(wrong_call *w) {
  MTH_TRY(make_relu(w, &w->child));
  add_word(&w->names, "nosuch");
  return mth_model_add(w->c->model, w->child, "wrong", &MTH_WIRE("nosuch", "x"), 1);
}

static mth_status other_rank(wrong_call *w) {
  mth_extent extents[16];
  mth_connection *at = take(w, pick(w, has_rank));
  if (!at) return MTH_OK;
  const size_t rank = (size_t)mth_connection_rank(at) + 1;
  w->is_possible = rank <= 16;
  for (size_t i = 0; i < rank && i < 16; i++)
    extents[i] = MTH_ANY;
  return w->is_possible ? mth_connection_set_shape(at, (mth_shape){rank, extents}) : MTH_OK;
}

static mth_status other_dim(wrong_call *w) {
  mth_connection *at = take(w, pick(w, has_rank));
  const mth_dim *dim = NULL;
  int64_t value = 0;
  mth_extent extents[16];
  if (!at) return MTH_OK;
  const int32_t rank = mth_connection_rank(at);
  w->is_possible = rank > 0 && rank <= 16;
  if (!w->is_possible) return MTH_OK;
  MTH_TRY(mth_connection_dim(at, rank - 1, &dim));
  w->is_possible = mth_dim_is_constant(dim, &value);
  if (!w->is_possible) return MTH_OK;
  for (int32_t i = 0; i < rank; i++)
    extents[i] = i < rank - 1 ? MTH_ANY : MTH_N(value + 1);
  return mth_connection_set_shape(at, (mth_shape){(size_t)rank, extents});
}

static mth_status second_driver(wrong_call *w) {
  mth_connection *at = take(w, pick(w, is_made));
  if (!at) return MTH_OK;
  MTH_TRY(make_relu(w, &w->child));
  return mth_model_add(w->c->model, w->child, "wrong", &MTH_WIRE_TO("output", at), 1);
}

static mth_status cycle(wrong_call *w) {
  mth_connection *at = take(w, pick(w, is_input));
  if (!at) return MTH_OK;
  MTH_TRY(make_relu(w, &w->child));
  const mth_wire wires[] = {MTH_WIRE_TO("input", at), MTH_WIRE_TO("output", at)};
  return mth_model_add(w->c->model, w->child, "wrong", wires, 2);
}

static mth_status used_child(wrong_call *w) {
  w->is_possible = mth_model_child_count(w->c->model) > 0;
  if (!w->is_possible) return MTH_OK;
  mth_model *child = mth_model_child(w->c->model, 0);
  add_word(&w->names, mth_model_name(child));
  add_word(&w->names, mth_model_class_name(child));
  return mth_model_add(w->c->model, child, "wrong", NULL, 0);
}

static mth_status bad_name(wrong_call *w) {
  static const char *const bad[] = {"$bad", "", "4th", "a b"};
  mth_connection *at = take(w, pick(w, is_any));
  const char *name = bad[draw(w->d, 4)];
  add_word(&w->names, name[0] ? name : "found ''");
  return at ? mth_connection_rename(at, name) : MTH_OK;
}

static mth_status taken_name(wrong_call *w) {
  mth_connection *at = take(w, pick(w, is_any)), *other = take(w, pick(w, is_any));
  w->is_possible = at && other && mth_connection_key(at) != mth_connection_key(other) &&
                   strcmp(mth_connection_key(at), mth_connection_key(other)) != 0;
  return w->is_possible ? mth_connection_rename(at, mth_connection_key(other)) : MTH_OK;
}

static mth_status other_type(wrong_call *w) {
  mth_connection *at = take(w, pick(w, has_one_family));
  return at ? mth_connection_set_families(at, MTH_FAMILY_BOOL) : MTH_OK;
}

static mth_status make_stranger(wrong_call *w, mth_connection **out) {
  MTH_TRY(mth_model_create(w->c->context, "Stranger", &w->stranger));
  add_word(&w->names, "stranger");
  return mth_model_add_input(w->stranger, "stranger", NULL, out);
}

static mth_status stranger(wrong_call *w) {
  mth_connection *far = NULL;
  MTH_TRY(make_stranger(w, &far));
  MTH_TRY(make_relu(w, &w->child));
  return mth_model_add(w->c->model, w->child, "wrong", &MTH_WIRE_TO("input", far), 1);
}

static mth_status two_outputs(wrong_call *w) {
  const int a = pick(w, is_made), b = pick(w, is_made);
  mth_connection *const both[] = {take(w, a), take(w, b)};
  w->is_possible = a >= 0 && b >= 0 && w->c->nets[a].group != w->c->nets[b].group;
  return w->is_possible ? mth_model_merge(w->c->model, both, 2, "wrong") : MTH_OK;
}

static mth_status wrong_class(wrong_call *w) {
  add_word(&w->names, "NoSuchClass");
  return mth_model_create_class(w->c->context, "NoSuchClass", NULL, 0, &w->child);
}

static mth_status wrong_argument(wrong_call *w) {
  add_word(&w->names, "nosuch");
  return mth_model_create_class(w->c->context, "Linear", &MTH_ARG_I("nosuch", 3), 1, &w->child);
}

static mth_status strange_operand(wrong_call *w) {
  mth_connection *at = take(w, pick(w, is_any)), *far = NULL;
  if (!at) return MTH_OK;
  MTH_TRY(make_stranger(w, &far));
  if (mth_add(at, far)) return MTH_OK;
  const mth_status first = mth_model_take_failure(w->c->model);
  const mth_status second = mth_model_take_failure(w->stranger);
  return first != MTH_OK ? first : second;
}

static mth_status frozen_child(wrong_call *w) {
  w->is_possible = mth_model_child_count(w->c->model) > 0;
  if (!w->is_possible) return MTH_OK;
  mth_model *child = mth_model_child(w->c->model, 0);
  w->is_possible = mth_model_connection_count(child) > 0;
  if (!w->is_possible) return MTH_OK;
  add_word(&w->names, mth_model_name(child));
  add_word(&w->names, mth_model_class_name(child));
  return mth_connection_rename(mth_model_connection(child, 0), "wrong");
}

static mth_status taken_input(wrong_call *w) {
  mth_connection *at = take(w, pick(w, is_any)), *made = NULL;
  return at ? mth_model_add_input(w->c->model, mth_connection_key(at), NULL, &made) : MTH_OK;
}

typedef struct wrong_row {
  const char *what;
  mth_status (*call)(wrong_call *w);
} wrong_row;

bool random_wrong(composing *c, draws *d, random_counts *counts, mth_text *failure) {
  static const wrong_row rows[] = {{"a wire to an unknown key", unknown_key},
                                   {"another rank", other_rank},
                                   {"another dim", other_dim},
                                   {"a second driver", second_driver},
                                   {"a cycle", cycle},
                                   {"a child twice", used_child},
                                   {"a bad name", bad_name},
                                   {"a taken name", taken_name},
                                   {"another type", other_type},
                                   {"a stranger", stranger},
                                   {"two outputs merged", two_outputs},
                                   {"an unknown class", wrong_class},
                                   {"an unknown argument", wrong_argument},
                                   {"an operand from elsewhere", strange_operand},
                                   {"a change of a child", frozen_child},
                                   {"an input of a taken name", taken_input}};
  const wrong_row *row = &rows[draw(d, sizeof rows / sizeof *rows)];
  wrong_call w = {.c = c, .d = d, .is_possible = true};
  before model_before;
  bool holds = note_before(c->model, &model_before, failure);
  const mth_status status = holds ? row->call(&w) : MTH_INVALID;
  if (holds && w.is_possible) {
    counts->wrong++;
    holds = check_report(c, status, row->what, &w.names, failure) &&
            is_as_before(c->model, &model_before, row->what, failure);
  }
  if (status != MTH_OK || !w.is_possible) mth_model_destroy(w.child);
  mth_model_destroy(w.stranger);
  forget_before(&model_before);
  return holds;
}
