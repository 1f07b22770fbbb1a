// keys.c: cases about keys alone: which are static, which are discarded. Nothing is computed.
#include "test/conformance/assemble.h"

#include <stdlib.h>
#include <string.h>

typedef struct keys_case {
  suite_run *run;
  const json_t *case_;
  mth_arena arena;
  assembled assembled;
  const mth_physical_model *physical;
} keys_case;

// "a, b" of a set, sorted; of a list of the file, which is sorted too.
static const char *set_text(keys_case *k, mth_key_set set) {
  const size_t count = mth_physical_key_count(k->physical);
  const mth_physical_key **const keys =
      MTH_NEW_ARRAY(&k->arena, const mth_physical_key *, count + 1);
  const size_t found = keys ? mth_physical_list(k->physical, set, keys) : 0;
  const char *text = "";
  for (size_t i = 0; i < found && text; ++i)
    text = mth_arena_format(&k->arena, "%s%s%s", text, i ? ", " : "", keys[i]->name);
  return text ? text : "";
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *list_text(keys_case *k, const json_t *list) {
  const size_t count = json_array_size(list);
  const char **const names = MTH_NEW_ARRAY(&k->arena, const char *, count + 1), *text = "";
  for (size_t i = 0; names && i < count; ++i) {
    names[i] = json_string_value(json_array_get(list, i));
    if (!names[i]) names[i] = "?";
  }
  if (names) qsort(names, count, sizeof *names, by_name);
  for (size_t i = 0; names && i < count && text; ++i)
    text = mth_arena_format(&k->arena, "%s%s%s", text, i ? ", " : "", names[i]);
  return text ? text : "";
}

static void compare(keys_case *k, const char *what, mth_key_set set, const char *result) {
  const json_t *const wanted = json_object_get(json_object_get(k->case_, "results"), result);
  if (!json_is_array(wanted)) {
    report_failure(k->run->report, "its results have no list '%s'", result);
    return;
  }
  const char *const found_text = set_text(k, set), *const wanted_text = list_text(k, wanted);
  if (strcmp(found_text, wanted_text) != 0)
    report_failure(k->run->report, "%s are {%s}, wanted {%s}", what, found_text, wanted_text);
}

static bool begin(keys_case *k, suite_run *run, const json_t *case_) {
  *k = (keys_case){.run = run, .case_ = case_, .arena = MTH_ARENA_INIT(mth_default_allocator())};
  if (assemble(case_, json_object_get(case_, "model"), &k->assembled) == MTH_OK) return true;
  report_assembly(run->report, &k->assembled);
  return false;
}

static bool make_physical(keys_case *k, const mth_physical_options *options) {
  if (mth_physical_model_create(k->assembled.model, options, &k->arena, &k->physical) == MTH_OK)
    return true;
  report_failure(k->run->report, "%s", last_error(&k->arena, k->assembled.context));
  return false;
}

static void end(keys_case *k) {
  assembled_free(&k->assembled);
  mth_arena_reset(&k->arena);
}

void run_discard(suite_run *run, const json_t *case_) {
  keys_case k;
  if (begin(&k, run, case_)) {
    const json_t *const discard = json_object_get(case_, "discard_keys");
    const size_t count = json_array_size(discard);
    mth_key_ref *const refs = MTH_NEW_ARRAY(&k.arena, mth_key_ref, count + 1);
    for (size_t i = 0; refs && i < count; ++i)
      refs[i] = MTH_REF(json_string_value(json_array_get(discard, i)));
    const mth_physical_options options = {.struct_bytes = sizeof options,
                                          .discard_keys = refs,
                                          .discard_count = count,
                                          .inference = true,
                                          .safe_shapes = true};
    if (refs && make_physical(&k, &options)) {
      compare(&k, "the outputs", MTH_KEYS_OUTPUTS, "output_keys");
      compare(&k, "the discarded keys", MTH_KEYS_DISCARDED, "discard_keys");
    }
  }
  end(&k);
}

// Shapes of constants whose numbers do not matter.
static bool list_constants(keys_case *k, const json_t *shapes, mth_key_constant *constants,
                           mth_key_shape *out_shapes) {
  const char *name;
  json_t *shape;
  size_t i = 0;
  json_object_foreach((json_t *)(uintptr_t)shapes, name, shape) {
    const size_t rank = json_array_size(shape);
    mth_extent *const extents = MTH_NEW_ARRAY(&k->arena, mth_extent, rank + 1);
    bool is_shape = json_is_array(shape);
    for (size_t j = 0; extents && j < rank; ++j) {
      extents[j] = MTH_N(json_integer_value(json_array_get(shape, j)));
      is_shape &= json_is_integer(json_array_get(shape, j));
    }
    if (!is_shape) report_failure(k->run->report, "'%s': wanted a list of integers", name);
    if (!extents || !is_shape) return false;
    constants[i] = (mth_key_constant){.key = MTH_REF(name)};
    out_shapes[i++] = (mth_key_shape){.key = MTH_REF(name), .shape = {rank, extents}};
  }
  return true;
}

void run_static(suite_run *run, const json_t *case_) {
  keys_case k;
  if (begin(&k, run, case_)) {
    const json_t *const given = json_object_get(case_, "static_input_shapes");
    const size_t count = json_object_size(given);
    mth_key_constant *const constants = MTH_NEW_ARRAY(&k.arena, mth_key_constant, count + 1);
    mth_key_shape *const shapes = MTH_NEW_ARRAY(&k.arena, mth_key_shape, count + 1);
    const mth_physical_options options = {.struct_bytes = sizeof options,
                                          .constants = constants,
                                          .constant_count = count,
                                          .shapes = shapes,
                                          .shape_count = count,
                                          .inference = true,
                                          .safe_shapes = true};
    if (constants && shapes && list_constants(&k, given, constants, shapes) &&
        make_physical(&k, &options))
      compare(&k, "the static keys", MTH_KEYS_STATIC, "static_keys");
  }
  end(&k);
}
