// shape_writer.c: shapes of several connections as text.
#include "ir/shape_writer.h"

#include "ir/graph.h"
#include "ir/model_core.h"

#include <stdint.h>
#include <stdio.h>

void mth_shape_writer_deinit(mth_shape_writer *writer) {
  mth_release(writer->context->allocator, writer->dims.slots);
  mth_release(writer->context->allocator, writer->rests.slots);
}

// The number under `key`, from 1; a new one if it is new, 0 without memory.
static size_t number_of(const mth_shape_writer *writer, mth_name_map *map, const void *key,
                        size_t *count) {
  const size_t known = (size_t)(uintptr_t)mth_name_map_get(map, key);
  if (known) return known;
  return mth_name_map_set(map, writer->context->allocator, key, (void *)(uintptr_t)(*count + 1))
             ? ++*count
             : 0;
}

// What stands for a symbol in the text.
static const mth_dim *name_symbol(void *user, const mth_dim *symbol) {
  mth_shape_writer *writer = user;
  char name[32];
  if (mth_dim_name(symbol)[0] != '?') return symbol;
  if (writer->hides_symbols) return mth_dim_symbol(writer->context->dims, "None");
  const size_t number = number_of(writer, &writer->dims, symbol, &writer->dim_count);
  snprintf(name, sizeof name, "u%zu", number);
  return number ? mth_dim_symbol(writer->context->dims, name) : NULL;
}

static void add_dim(mth_shape_writer *writer, const mth_dim *dim, mth_text *text) {
  mth_dim_table *dims = writer->context->dims;
  const mth_dim *known = mth_solver_simplify(writer->context->solver, dim);
  const mth_dim *named = known ? mth_dim_substitute(dims, known, name_symbol, writer) : NULL;
  const char *written = named ? mth_dim_text(dims, named) : NULL;
  // Of an expression over unknown dims nothing is known either.
  const bool is_hidden = writer->hides_symbols && named != known;
  if (!written)
    text->status = MTH_NO_MEMORY;
  else
    mth_text_add(text, "%s", is_hidden ? "None" : written);
}

static void add_rest(mth_shape_writer *writer, uint32_t rest, mth_text *text) {
  char name[32];
  if (writer->hides_symbols) {
    mth_text_add(text, "...");
    return;
  }
  snprintf(name, sizeof name, "rest%u", (unsigned)rest);
  const char *key = mth_names_intern(&writer->context->names, name);
  const size_t number = key ? number_of(writer, &writer->rests, key, &writer->rest_count) : 0;
  if (!number) text->status = MTH_NO_MEMORY;
  mth_text_add(text, "(V%zu, ...)", number);
}

static void add_form(mth_shape_writer *writer, const mth_shape_facts *facts, mth_text *text) {
  const char *separator = "[";
  for (size_t i = 0; i < facts->prefix_count; i++, separator = ", ") {
    mth_text_add(text, "%s", separator);
    add_dim(writer, facts->prefix[i], text);
  }
  if (facts->has_rest) {
    mth_text_add(text, "%s", separator);
    add_rest(writer, facts->rest, text);
    separator = ", ";
  }
  for (size_t i = 0; i < facts->suffix_count; i++, separator = ", ") {
    mth_text_add(text, "%s", separator);
    add_dim(writer, facts->suffix[i], text);
  }
  mth_text_add(text, separator[0] == '[' ? "[]" : "]");
}

void mth_shape_writer_add(mth_shape_writer *writer, const mth_connection *connection,
                          mth_text *text) {
  mth_shape_facts facts;
  const mth_net *net = mth_net_of(connection);
  if (!net->is_tensor) {
    mth_text_add(text, "--");
    return;
  }
  if (mth_solver_shape(writer->context->solver, net->var, &facts) != MTH_OK) {
    text->status = MTH_NO_MEMORY;
    return;
  }
  const mth_shape_facts front = mth_shape_front_form(&facts);
  add_form(writer, &front, text);
  if (facts.front_count == facts.prefix_count) return;
  mth_text_add(text, " and ");
  add_form(writer, &facts, text);
}
