// json_reading.c: places in documents and reports about them.
#include "frontend/json_reading.h"

#include "ir/graph.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// ---- the reading --------------------------------------------------------------------------------

static void hear(void *user, const mth_diagnostic *diagnostic) {
  mth_json_reading *reading = user;
  if (reading->heard.status == MTH_OK) reading->heard = *diagnostic;
}

void mth_json_begin(mth_json_reading *reading, mth_context *context, const char *file) {
  *reading = (mth_json_reading){.context = context,
                                .arena = MTH_ARENA_INIT(context->allocator),
                                .file = file,
                                .saved = context->sink};
  context->sink = (mth_sink){hear, reading};
}

struct mth_json_made {
  mth_model *model; // NULL: released
  struct mth_json_made *older;
};

mth_status mth_json_keep(mth_json_reading *reading, mth_model *model) {
  struct mth_json_made *made = MTH_NEW(&reading->arena, struct mth_json_made);
  if (!made) {
    mth_model_destroy(model);
    return MTH_NO_MEMORY;
  }
  *made = (struct mth_json_made){model, reading->made};
  reading->made = made;
  return MTH_OK;
}

void mth_json_release(mth_json_reading *reading, const mth_model *model) {
  for (struct mth_json_made *made = reading->made; made; made = made->older)
    if (made->model == model) made->model = NULL;
}

mth_status mth_json_end(mth_json_reading *reading, mth_status status) {
  mth_context *context = reading->context;
  const mth_diagnostic *problem = &reading->problem;
  context->sink = reading->saved;
  // A parent is made before its children, so each of these is alive when it is asked for a parent.
  for (const struct mth_json_made *made = reading->made; made; made = made->older)
    mth_model_destroy(made->model);
  mth_arena_reset(&reading->arena);
  mth_release(context->allocator, reading->dims.slots);
  if (status == MTH_OK) return MTH_OK;
  const mth_location at = {&context->sink, problem->where};
  if (problem->status == MTH_OK)
    return mth_fail(status, (mth_location){&context->sink, reading->file ? reading->file : "json"},
                    "no memory to read it");
  return mth_fail(status, at, "%s", problem->message);
}

// ---- places -------------------------------------------------------------------------------------

static bool is_plain(const char *key) {
  for (const char *c = key; *c; c++)
    if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
          *c == '_'))
      return false;
  return key[0] != 0;
}

const char *mth_json_place_text(mth_json_reading *reading, const mth_json_place *place) {
  enum { most_bytes = sizeof reading->problem.where - 1 };
  mth_arena *arena = &reading->arena;
  const char *text = "";
  for (; place && text; place = place->up) {
    if (strlen(text) > most_bytes) continue; // cut below
    text = !place->key            ? mth_arena_format(arena, "[%zu]%s", place->index, text)
           : is_plain(place->key) ? mth_arena_format(arena, ".%.80s%s", place->key, text)
                                  : mth_arena_format(arena, "[\"%.80s\"]%s", place->key, text);
  }
  if (!text) return "$";
  const size_t file_bytes = reading->file ? strlen(reading->file) + 2 : 0;
  const size_t room = file_bytes + 64 < most_bytes ? most_bytes - file_bytes - 4 : 0;
  const size_t bytes = strlen(text);
  const char *root = bytes > room ? "$..." : "$";
  if (bytes > room) text += bytes - room;
  text = reading->file ? mth_arena_format(arena, "%s: %s%s", reading->file, root, text)
                       : mth_arena_format(arena, "%s%s", root, text);
  return text ? text : "$";
}

mth_status mth_json_fail(mth_json_reading *reading, mth_status code, const mth_json_place *place,
                         const char *format, ...) {
  mth_diagnostic *problem = &reading->problem;
  if (problem->status != MTH_OK) return code; // the first counts
  problem->status = code;
  snprintf(problem->where, sizeof problem->where, "%s", mth_json_place_text(reading, place));
  va_list args;
  va_start(args, format);
  vsnprintf(problem->message, sizeof problem->message, format, args);
  va_end(args);
  return code;
}

mth_status mth_json_forward(mth_json_reading *reading, const mth_json_place *place,
                            mth_status status) {
  const mth_diagnostic heard = reading->heard;
  reading->heard.status = MTH_OK;
  if (status == MTH_OK || heard.status == MTH_OK) return status;
  if (!heard.where[0]) return mth_json_fail(reading, status, place, "%s", heard.message);
  return mth_json_fail(reading, status, place, "%s: %s", heard.where, heard.message);
}

mth_status mth_json_enter(mth_json_reading *reading, const mth_json_place *place) {
  if (reading->level >= mth_json_most_levels)
    return mth_json_fail(reading, MTH_INVALID, place, "models and lists nest at most %d deep",
                         (int)mth_json_most_levels);
  reading->level += 1;
  return MTH_OK;
}

// ---- members ------------------------------------------------------------------------------------

static const char *type_name(json_type type) {
  switch (type) {
  case JSON_OBJECT:
    return "an object";
  case JSON_ARRAY:
    return "a list";
  case JSON_STRING:
    return "a string";
  case JSON_INTEGER:
    return "an integer";
  case JSON_REAL:
    return "a number";
  case JSON_TRUE:
  case JSON_FALSE:
    return "a bool";
  case JSON_NULL:
    return "null";
  }
  return "nothing";
}

const char *mth_json_kind(const json_t *value) {
  return value ? type_name(json_typeof(value)) : "nothing";
}

mth_status mth_json_check_members(mth_json_reading *reading, const json_t *object,
                                  const mth_json_place *place, const char *const *members) {
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)object, key, value) {
    bool known = false;
    for (size_t i = 0; members[i] && !known; i++)
      known = strcmp(members[i], key) == 0;
    if (!known)
      return mth_json_fail(reading, MTH_INVALID, MTH_JSON_KEY(place, key),
                           "there is no such member here");
  }
  return MTH_OK;
}

mth_status mth_json_member(mth_json_reading *reading, const json_t *object,
                           const mth_json_place *place, const char *key, json_type type,
                           const json_t **out) {
  const json_t *value = json_object_get(object, key);
  *out = value;
  if (!value || json_typeof(value) == type) return MTH_OK;
  return mth_json_fail(reading, MTH_INVALID, MTH_JSON_KEY(place, key), "wants %s, found %s",
                       type_name(type), mth_json_kind(value));
}
