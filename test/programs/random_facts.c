// random_facts.c: keys by their paths.
#include "test/programs/random_facts.h"

#include "ir/shape_writer.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct fact {
  char path[160];
  mth_connection *key;
} fact;

typedef struct facts {
  fact *items;
  size_t count, capacity;
} facts;

static void add(facts *f, const char *path, mth_connection *key) {
  if (f->count == f->capacity) {
    f->capacity = f->capacity ? 2 * f->capacity : 64;
    f->items = realloc(f->items, f->capacity * sizeof *f->items);
    if (!f->items) abort();
  }
  snprintf(f->items[f->count].path, sizeof f->items[0].path, "%s%s", path, mth_connection_key(key));
  f->items[f->count++].key = key;
}

// What a class made is as the class says; elsewhere names of children may be numbers in the order
// of composing, unless a plan gave them: "c12_".
static bool has_own_name(const mth_model *parent, const mth_model *child) {
  const char *name = mth_model_name(child);
  return name && (mth_model_class(parent) || (name[0] == 'c' && isdigit((unsigned char)name[1])));
}

static void collect(facts *f, const mth_model *model, const char *path) {
  char inner[120];
  for (size_t i = 0; i < mth_model_connection_count(model); i++)
    if (mth_connection_is_named(mth_model_connection(model, i)))
      add(f, path, mth_model_connection(model, i));
  for (size_t i = 0; i < mth_model_child_count(model); i++) {
    const mth_model *child = mth_model_child(model, i);
    if (!has_own_name(model, child)) continue;
    snprintf(inner, sizeof inner, "%s%s/", path, mth_model_name(child));
    collect(f, child, inner);
  }
}

static int compare(const void *a, const void *b) {
  return strcmp(((const fact *)a)->path, ((const fact *)b)->path);
}

static void write_key(mth_shape_writer *writer, const fact *f, mth_text *text) {
  const mth_connection *key = f->key;
  mth_text_add(text, "%s: class %d, ", f->path, (int)mth_connection_class(key));
  if (mth_connection_is_tensor(key))
    mth_text_add(text, "families %d, ", (int)mth_connection_families(key));
  if (mth_connection_is_differentiable(key)) mth_text_add(text, "trained, ");
  const mth_arg *value = mth_connection_value(key);
  if (value) mth_text_add(text, "value of kind %d, ", (int)value->kind);
  if (value && value->kind == MTH_ARG_INT) mth_text_add(text, "%lld, ", (long long)value->i);
  if (writer->hides_symbols && mth_connection_rank(key) < 0)
    mth_text_add(text, "unknown rank");
  else
    mth_shape_writer_add(writer, key, text);
  mth_text_add(text, "\n");
}

static mth_text write(const mth_model *model, const facts *f, bool hides_symbols) {
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_shape_writer writer = {.context = mth_model_context(model), .hides_symbols = hides_symbols};
  for (size_t i = 0; i < f->count; i++)
    write_key(&writer, &f->items[i], &text);
  mth_shape_writer_deinit(&writer);
  return text;
}

static bool same_text(const mth_model *const models[2], const facts facts[2], bool hides_symbols,
                      mth_text *failure) {
  mth_text a = write(models[0], &facts[0], hides_symbols);
  mth_text b = write(models[1], &facts[1], hides_symbols);
  const bool same = !strcmp(mth_text_get(&a), mth_text_get(&b));
  if (!same && failure)
    mth_text_add(failure, "other facts:\n%s\nand\n%s\n", mth_text_get(&a), mth_text_get(&b));
  mth_text_deinit(&a);
  mth_text_deinit(&b);
  return same;
}

// Tells both models the same number, or rank if axis < 0, where it is not known. False: one of them
// refuses it.
static bool tell(const fact *const keys[2], int32_t rank, int32_t axis, int64_t number,
                 mth_text *failure) {
  enum { most_rank = 16 };
  mth_extent extents[most_rank];
  mth_status status[2];
  if (rank > most_rank) return true;
  for (int32_t i = 0; i < rank; i++)
    extents[i] = i == axis ? MTH_N(number) : MTH_ANY;
  for (int i = 0; i < 2; i++)
    status[i] = mth_connection_set_shape(keys[i]->key, (mth_shape){(size_t)rank, extents});
  if (status[0] == status[1]) return true;
  mth_text_add(failure, "%s is told rank %d, dim %d is %lld: status %d and %d\n", keys[0]->path,
               rank, axis, (long long)number, (int)status[0], (int)status[1]);
  return false;
}

static bool tell_all(const facts facts[2], draws *d, mth_text *failure) {
  for (size_t i = 0; i < facts[0].count; i++) {
    const fact *const keys[] = {&facts[0].items[i], &facts[1].items[i]};
    if (!mth_connection_is_tensor(keys[0]->key)) continue;
    if (mth_connection_rank(keys[0]->key) < 0 && !tell(keys, draw(d, 4), -1, 0, failure))
      return false;
    for (int32_t axis = 0; axis < mth_connection_rank(keys[0]->key); axis++) {
      const mth_dim *dim = NULL;
      if (mth_connection_dim(keys[0]->key, axis, &dim) != MTH_OK) return false;
      if (!mth_dim_is_constant(dim, NULL) &&
          !tell(keys, mth_connection_rank(keys[0]->key), axis, 1 + draw(d, 4), failure))
        return false;
    }
  }
  return true;
}

void add_facts(const mth_model *model, mth_text *text) {
  facts found = {.items = NULL};
  collect(&found, model, "");
  mth_text written = write(model, &found, false);
  mth_text_add(text, "%s\n", mth_text_get(&written));
  mth_text_deinit(&written);
  free(found.items);
}

bool same_facts(mth_model *a, mth_model *b, draws *d, mth_text *failure) {
  const mth_model *const models[] = {a, b};
  facts found[2] = {{.items = NULL}, {.items = NULL}};
  for (int i = 0; i < 2; i++) {
    collect(&found[i], models[i], "");
    if (found[i].count) qsort(found[i].items, found[i].count, sizeof(fact), compare);
  }
  const bool same = same_text(models, found, false, NULL) ||
                    (same_text(models, found, true, failure) && tell_all(found, d, failure) &&
                     same_text(models, found, true, failure));
  free(found[0].items);
  free(found[1].items);
  return same;
}
