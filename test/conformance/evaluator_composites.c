// evaluator_composites.c: dictionaries of submodels, in the order of what they need.
//
// A value is known by the child and key that make it; a list (ToList) is several values of one key.
#include "test/conformance/evaluator.h"

#include <stdio.h>
#include <string.h>

enum { values_max = 256, keys_max = 64 };

// Where a value comes from: a key of the composite itself (child NULL), or of a child.
typedef struct place {
  const char *child, *key;
} place;

typedef struct value {
  place place;
  real_array array;
} value;

typedef struct walk {
  evaluator *e;
  value values[values_max];
  size_t count;
} walk;

static void remember(walk *w, place place, real_array array) {
  if (w->count == values_max)
    evaluator_refuse(w->e, "a model with too many values");
  else
    w->values[w->count++] = (value){place, array};
}

static bool is_place(place a, place b) {
  const bool same_child = a.child && b.child ? strcmp(a.child, b.child) == 0 : a.child == b.child;
  return same_child && strcmp(a.key, b.key) == 0;
}

// The name that a form gives the connection, or NULL.
static const char *name_of(const json_t *form) {
  if (json_is_string(form)) return json_string_value(form);
  return json_string_value(json_object_get(json_object_get(form, "key"), "name"));
}

// Adds the inputs of a child under `key`. False while one of them is not computed yet.
static bool add_inputs(walk *w, const char *key, place from, real_key *keys, size_t *count) {
  const size_t before = *count;
  for (size_t i = 0; i < w->count && *count < keys_max; ++i)
    if (is_place(w->values[i].place, from)) keys[(*count)++] = (real_key){key, w->values[i].array};
  // several values under one key are its list: input1, input2, ...
  for (size_t i = before; *count - before > 1 && i < *count; ++i)
    keys[i].name = mth_arena_format(w->e->arena, "%s%zu", key, i - before + 1);
  return *count > before;
}

static bool add_literal(walk *w, const char *key, const json_t *form, real_key *keys,
                        size_t *count) {
  const json_t *const tensor = json_object_get(form, "tensor");
  const char *why;
  suite_tensor read;
  if (!suite_tensor_read(w->e->arena, tensor ? tensor : form, &read, &why)) return false;
  real_array array = evaluator_make(w->e, read.rank, read.extents);
  for (size_t i = 0; i < array.count && array.values; ++i)
    array.values[i] = (real)read.values[i];
  keys[(*count)++] = (real_key){key, array};
  return true;
}

static bool is_output_key(const char *key) { return strstr(key, "output") != NULL; }

// Evaluates a child if all that it is wired to is there.
static bool run_child(walk *w, const char *id, const json_t *child, const json_t *wires) {
  const char *const class_name = json_is_string(child)
                                     ? json_string_value(child)
                                     : json_string_value(json_object_get(child, "name"));
  real_key keys[keys_max];
  size_t count = 0;
  const char *key;
  json_t *form;
  json_object_foreach((json_t *)(uintptr_t)wires, key, form) {
    const json_t *const connect = json_object_get(json_object_get(form, "key"), "connect");
    const json_t *const first = json_array_get(connect, 0);
    if (is_output_key(key) || count + 1 >= keys_max) continue;
    if (first) {
      const place from = {json_string_value(json_array_get(first, 0)),
                          json_string_value(json_array_get(first, 1))};
      if (!from.child || !from.key || !add_inputs(w, key, from, keys, &count)) return false;
    } else if (name_of(form)) {
      if (!add_inputs(w, key, (place){NULL, name_of(form)}, keys, &count)) return false;
    } else if (!add_literal(w, key, form, keys, &count)) {
      return false;
    }
  }
  evaluator inner = {.arena = w->e->arena,
                     .class_name = class_name ? class_name : "",
                     .args = json_object_get(child, "args"),
                     .model = child,
                     .inputs = keys,
                     .input_count = count,
                     .stops = w->e->stops};
  if (!evaluator_run(&inner)) {
    evaluator_refuse(w->e, inner.why);
    return true;
  }
  for (size_t i = 0; i < inner.output_count; ++i) {
    const char *const name = name_of(json_object_get(wires, inner.outputs[i].name));
    remember(w, (place){id, inner.outputs[i].name}, inner.outputs[i].array);
    if (name) remember(w, (place){NULL, name}, inner.outputs[i].array);
  }
  return true;
}

// The keys that the composite gives: its exposed ones, or what nobody consumes.
static void give_outputs(walk *w) {
  const json_t *const exposed = json_object_get(w->e->model, "exposed_keys");
  for (size_t i = 0; i < w->count && !w->e->why; ++i) {
    const place at = w->values[i].place;
    bool is_exposed = !exposed && !at.child;
    for (size_t j = 0; j < json_array_size(exposed) && !at.child; ++j)
      is_exposed |= strcmp(json_string_value(json_array_get(exposed, j)), at.key) == 0;
    bool is_input = false;
    for (size_t j = 0; j < w->e->input_count; ++j)
      is_input |= !at.child && strcmp(w->e->inputs[j].name, at.key) == 0;
    if (is_exposed && !is_input) evaluator_output(w->e, at.key, w->values[i].array);
  }
}

static void run_model(evaluator *e) {
  const json_t *const children = json_object_get(e->model, "submodels");
  const json_t *const connections = json_object_get(e->model, "connections");
  walk *const w = MTH_NEW(e->arena, walk);
  if (!w || json_object_size(children) > keys_max) {
    evaluator_refuse(e, "a model with too many children");
    return;
  }
  w->e = e;
  for (size_t i = 0; i < e->input_count; ++i)
    remember(w, (place){NULL, e->inputs[i].name}, e->inputs[i].array);
  bool is_done[keys_max] = {false};
  for (bool moved = true; moved && !e->why;) {
    size_t at = 0;
    const char *id;
    json_t *child;
    moved = false;
    json_object_foreach((json_t *)(uintptr_t)children, id, child) {
      if (!is_done[at] && run_child(w, id, child, json_object_get(connections, id)))
        is_done[at] = moved = true;
      ++at;
    }
  }
  for (size_t i = 0; i < json_object_size(children); ++i)
    if (!is_done[i]) evaluator_refuse(e, "a child of a model waits for what nobody makes");
  give_outputs(w);
}

// Several values under one key.
static void run_to_list(evaluator *e) {
  for (size_t i = 1; i <= e->input_count && !e->why; ++i)
    evaluator_output(e, "output", evaluator_input(e, mth_arena_format(e->arena, "input%zu", i)));
}

static const evaluator_class classes[] = {{"model", run_model}, {"tolist", run_to_list}};

evaluator_table evaluator_composites(void) {
  return (evaluator_table){classes, sizeof classes / sizeof *classes};
}
