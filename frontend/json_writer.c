// json_writer.c: models as documents: the steps, the names of dims, the text.
#include "frontend/json.h"
#include "frontend/json_train.h"
#include "frontend/json_value.h"
#include "frontend/json_writing.h"

#include "ir/model_core.h"
#include "ir/model_equal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_rounds = 5, most_documents = 8, line_bytes = 100 };

mth_status mth_json_unsupported(mth_json_writing *writing, const char *format, ...) {
  va_list args;
  if (writing->status != MTH_NO_MEMORY) return writing->status; // the first counts
  va_start(args, format);
  vsnprintf(writing->message, sizeof writing->message, format, args);
  va_end(args);
  return writing->status = MTH_UNSUPPORTED;
}

// ---- names of dims ------------------------------------------------------------------------------

bool mth_json_is_unknown(const mth_dim *dim) {
  return mth_dim_is_symbol(dim) && mth_dim_name(dim)[0] == '?';
}

static const char *make_name(mth_json_writing *writing) {
  for (;;) {
    char *text = mth_arena_format(&writing->arena, "u%zu", ++writing->number);
    const char *name = text ? mth_names_intern(&writing->context->names, text) : NULL;
    if (!name || !mth_name_map_get(&writing->taken, name)) return name;
  }
}

mth_json_name *mth_json_name_of(mth_json_writing *writing, const mth_dim *dim) {
  mth_json_name *name = mth_name_map_get(&writing->name_of, mth_json_address(dim));
  if (name) return name;
  mth_journal journal = MTH_JOURNAL_INIT(writing->context->allocator);
  name = MTH_NEW(&writing->arena, mth_json_name);
  if (!name) return NULL;
  *name = (mth_json_name){.dim = dim, .name = make_name(writing)};
  if (!name->name || mth_list_push(&writing->names, &journal, name) != MTH_OK ||
      !mth_name_map_set(&writing->name_of, writing->context->allocator, mth_json_address(dim),
                        name))
    return NULL;
  return name;
}

// The user's own name of a declared dim.
static bool note_symbol(mth_json_writing *writing, const char *text) {
  mth_journal journal = MTH_JOURNAL_INIT(writing->context->allocator);
  const char *name = mth_names_intern(&writing->context->names, text);
  if (!name) return false;
  for (size_t i = 0; i < writing->symbols.count; i++)
    if (writing->symbols.items[i] == name) return true;
  return mth_list_push(&writing->symbols, &journal, (void *)(uintptr_t)name) == MTH_OK;
}

static const mth_dim *spell(void *user, const mth_dim *symbol) {
  mth_json_writing *writing = user;
  if (!mth_json_is_unknown(symbol))
    return note_symbol(writing, mth_dim_name(symbol)) ? symbol : NULL;
  mth_json_name *name = mth_json_name_of(writing, symbol);
  if (!name) return NULL;
  name->is_declared = true;
  return mth_dim_symbol(writing->context->dims, name->name);
}

const char *mth_json_declare_dim(void *user, const mth_dim *dim) {
  mth_json_writing *writing = user;
  dim = mth_context_resolve(writing->context, dim);
  dim = dim ? mth_dim_substitute(writing->context->dims, dim, spell, writing) : NULL;
  return dim ? mth_dim_text(writing->context->dims, dim) : NULL;
}

// Declared dims of a model keep their names, so generated ones are others.
static bool take_names(mth_json_writing *writing, const mth_dim *dim) {
  if (mth_dim_is_symbol(dim)) {
    if (mth_json_is_unknown(dim)) return true;
    const char *name = mth_names_intern(&writing->context->names, mth_dim_name(dim));
    return name && mth_name_map_set(&writing->taken, writing->context->allocator, name,
                                    (void *)(uintptr_t)name);
  }
  if (mth_dim_is_constant(dim, NULL)) return true;
  for (size_t i = 0; i < mth_dim_operand_count(dim); i++)
    if (!take_names(writing, mth_dim_operand(dim, i))) return false;
  return true;
}

static bool has_unknown(const mth_dim *dim) {
  if (mth_dim_is_symbol(dim)) return mth_json_is_unknown(dim);
  if (mth_dim_is_constant(dim, NULL)) return false;
  for (size_t i = 0; i < mth_dim_operand_count(dim); i++)
    if (has_unknown(mth_dim_operand(dim, i))) return true;
  return false;
}

static bool note_formula(mth_json_writing *writing, const mth_dim *dim) {
  dim = mth_context_resolve(writing->context, dim);
  if (dim && !mth_dim_is_symbol(dim)) writing->has_formulas |= has_unknown(dim);
  return dim != NULL;
}

static mth_status take_all_names(mth_json_writing *writing, const mth_model *model) {
  for (size_t i = 0; i < model->children.count; i++)
    MTH_TRY(take_all_names(writing, model->children.items[i]));
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_net *net = mth_net_of(model->connections.items[i]);
    mth_shape_facts facts = {0};
    if (!net->is_tensor) continue;
    MTH_TRY(mth_solver_shape(writing->context->solver, net->var, &facts));
    for (size_t d = 0; d < facts.prefix_count + facts.suffix_count; d++) {
      const mth_dim *dim =
          d < facts.prefix_count ? facts.prefix[d] : facts.suffix[d - facts.prefix_count];
      if (!take_names(writing, dim) || !note_formula(writing, dim)) return MTH_NO_MEMORY;
    }
    for (size_t d = facts.prefix_count; d < facts.front_count; d++)
      if (!take_names(writing, facts.front[d])) return MTH_NO_MEMORY;
  }
  return MTH_OK;
}

// ---- trees --------------------------------------------------------------------------------------

// Every name of the document stands for a new dim in the copy.
static mth_status declare_names(mth_json_tree *tree) {
  mth_json_writing *w = tree->writing;
  const mth_allocator *allocator = w->context->allocator;
  for (size_t i = 0; i < w->names.count; i++) {
    const mth_json_name *name = w->names.items[i];
    const mth_dim *dim = name->is_declared ? mth_dim_fresh(w->context->dims) : NULL;
    if (name->is_declared && (!dim || !mth_name_map_set(&tree->reading.dims, allocator, name->name,
                                                        (void *)(uintptr_t)dim)))
      return MTH_NO_MEMORY;
  }
  for (size_t i = 0; i < w->symbols.count; i++) {
    const char *name = w->symbols.items[i];
    const mth_dim *dim = mth_dim_symbol(w->context->dims, name);
    if (!dim || !mth_name_map_set(&tree->reading.dims, allocator, name, (void *)(uintptr_t)dim))
      return MTH_NO_MEMORY;
  }
  return MTH_OK;
}

static mth_status begin_copy(mth_json_tree *tree) {
  mth_json_begin(&tree->reading, tree->writing->context, NULL);
  tree->train_copy = NULL;
  MTH_TRY(declare_names(tree));
  if (!tree->train) return mth_json_read_model(&tree->reading, tree->object, NULL, &tree->copy);
  MTH_TRY(mth_json_read_train(&tree->reading, tree->object, &tree->train_copy));
  tree->copy = mth_train_model_get(tree->train_copy);
  return MTH_OK;
}

// Ends the reading; what went wrong in it is why the model cannot be written.
static mth_status end_copy(mth_json_tree *tree, mth_status status) {
  const mth_diagnostic problem = tree->reading.problem;
  (void)mth_json_end(&tree->reading, MTH_OK);
  mth_train_model_destroy(tree->train_copy);
  if (status == MTH_OK || tree->writing->status != MTH_NO_MEMORY) return status;
  if (status == MTH_NO_MEMORY || problem.status == MTH_OK) return status;
  return mth_json_unsupported(tree->writing, "at %s: %s", problem.where, problem.message);
}

static mth_status write_structure(mth_json_tree *tree) {
  bool changed = true;
  for (size_t round = 0; changed && round < most_rounds; round++) {
    mth_status status = begin_copy(tree);
    if (status == MTH_OK) status = mth_json_write_structure(tree, &changed);
    MTH_TRY(end_copy(tree, status));
  }
  return MTH_OK;
}

static mth_status write_facts(mth_json_tree *tree) {
  bool changed;
  mth_status status = begin_copy(tree);
  if (status == MTH_OK) status = mth_json_write_structure(tree, &changed); // pairs the keys
  if (status == MTH_OK) status = mth_json_write_facts(tree);
  return end_copy(tree, status);
}

// The promise: what is read back is equal.
static mth_status check(mth_json_tree *tree) {
  mth_text difference = MTH_TEXT_INIT(tree->writing->context->allocator);
  bool is_equal = false;
  mth_status status = begin_copy(tree);
  if (status == MTH_OK) status = mth_model_equal(tree->model, tree->copy, &is_equal, &difference);
  status = end_copy(tree, status);
  if (status == MTH_OK && !is_equal)
    status = mth_json_unsupported(tree->writing, "%s would read back otherwise",
                                  mth_text_get(&difference));
  mth_text_deinit(&difference);
  return status;
}

static json_t *write_tree(mth_json_writing *writing, const mth_model *model,
                          const mth_train_model *train) {
  mth_json_tree tree = {.writing = writing, .model = model, .train = train};
  mth_status status = take_all_names(writing, model);
  if (status == MTH_OK)
    tree.object =
        train ? mth_json_write_train_object(writing, train) : mth_json_write_object(writing, model);
  if (status == MTH_OK && !tree.object) status = writing->status;
  if (status == MTH_OK) status = write_structure(&tree);
  if (status == MTH_OK) status = write_facts(&tree);
  if (status == MTH_OK) status = check(&tree);
  if (status == MTH_OK) return tree.object;
  json_decref(tree.object);
  return NULL;
}

json_t *mth_json_write_tree(mth_json_writing *writing, const mth_model *model) {
  return write_tree(writing, model, NULL);
}

// ---- text ---------------------------------------------------------------------------------------

enum { dump_flags = JSON_ENCODE_ANY | JSON_REAL_PRECISION(17) };

static bool add_flat(const json_t *value, mth_text *text) {
  char *flat = json_dumps(value, dump_flags);
  if (flat) mth_text_add(text, "%s", flat);
  free(flat);
  return flat != NULL;
}

// Objects that fit no line have a line for each member.
static bool add_value(const json_t *value, size_t indent, mth_text *text) {
  const char *key, *separator = "";
  json_t *member;
  const bool fits = json_dumpb(value, NULL, 0, dump_flags) <= line_bytes;
  if (!json_is_object(value) || fits) return add_flat(value, text);
  mth_text_add(text, "{");
  json_object_foreach((json_t *)(uintptr_t)value, key, member) {
    json_t *name = json_string(key);
    mth_text_add(text, "%s\n%*s", separator, (int)indent + 1, "");
    const bool is_added = name && add_flat(name, text);
    json_decref(name);
    mth_text_add(text, ": ");
    if (!is_added || !add_value(member, indent + 1, text)) return false;
    separator = ",";
  }
  mth_text_add(text, "}");
  return true;
}

static json_t *list_names(const mth_json_writing *writing) {
  json_t *names = json_array();
  for (size_t i = 0; names && i < writing->names.count; i++) {
    const mth_json_name *name = writing->names.items[i];
    if (name->is_declared && json_array_append_new(names, json_string(name->name)) != 0)
      return NULL;
  }
  return names;
}

static json_t *list_symbols(const mth_json_writing *writing) {
  json_t *names = json_array();
  for (size_t i = 0; names && i < writing->symbols.count; i++)
    if (json_array_append_new(names, json_string(writing->symbols.items[i])) != 0) return NULL;
  return names;
}

static mth_status add_dims(const mth_json_writing *writing, json_t *object) {
  json_t *dims = list_names(writing), *symbols = list_symbols(writing);
  bool is_whole = dims && symbols;
  if (json_array_size(dims)) is_whole = json_object_set(object, "dims", dims) == 0;
  if (json_array_size(symbols))
    is_whole = is_whole && json_object_set(object, "symbols", symbols) == 0;
  json_decref(dims);
  json_decref(symbols);
  return is_whole ? MTH_OK : MTH_NO_MEMORY;
}

static mth_status add_document(mth_json_writing *writing, const mth_model *model,
                               const mth_train_model *train, mth_text *text) {
  json_t *object = write_tree(writing, model, train);
  if (!object) return writing->status;
  mth_text whole = MTH_TEXT_INIT(writing->context->allocator);
  mth_status status = add_dims(writing, object);
  if (status == MTH_OK && !add_value(object, 0, &whole)) status = MTH_NO_MEMORY;
  if (status == MTH_OK) status = whole.status;
  if (status == MTH_OK) mth_text_add(text, "%s\n", mth_text_get(&whole));
  mth_text_deinit(&whole);
  json_decref(object);
  return status == MTH_OK ? text->status : status;
}

// One document. *out_varies: unknown dims have names in it, or there are formulas of them.
static mth_status write_once(const mth_model *model, const mth_train_model *train, mth_text *text,
                             bool *out_varies) {
  char where[256];
  mth_context *context = model->context;
  const mth_location at = mth_model_at(model, where, sizeof where);
  mth_json_writing writing = {
      .context = context, .arena = MTH_ARENA_INIT(context->allocator), .status = MTH_NO_MEMORY};
  const mth_status status = add_document(&writing, model, train, text);
  *out_varies = writing.has_formulas;
  for (size_t i = 0; i < writing.names.count; i++)
    *out_varies |= ((const mth_json_name *)writing.names.items[i])->is_declared;
  mth_release(context->allocator, writing.names.items);
  mth_release(context->allocator, writing.symbols.items);
  mth_release(context->allocator, writing.name_of.slots);
  mth_release(context->allocator, writing.taken.slots);
  mth_release(context->allocator, writing.ids.slots);
  mth_arena_reset(&writing.arena);
  if (status == MTH_OK) return MTH_OK;
  if (status == MTH_NO_MEMORY) return mth_fail(status, at, "no memory to write it");
  return mth_fail(status, at, "it cannot be written: %s", writing.message);
}

// What is written of the model that the document gives.
static mth_status write_again(mth_context *context, const mth_text *document, bool is_train,
                              mth_text *text) {
  mth_model *model = NULL;
  mth_train_model *train = NULL;
  bool varies;
  MTH_TRY(mth_json_read_text(context, NULL, mth_text_get(document), document->byte_count,
                             is_train ? NULL : &model, is_train ? &train : NULL));
  const mth_status status =
      write_once(train ? mth_train_model_get(train) : model, train, text, &varies);
  mth_model_destroy(model);
  mth_train_model_destroy(train);
  return status;
}

static bool comes_before(const mth_text *a, const mth_text *b) {
  if (a->byte_count != b->byte_count) return a->byte_count < b->byte_count;
  return strcmp(mth_text_get(a), mth_text_get(b)) < 0;
}

// The last of the documents, or if the rewriting goes round in a circle, the first of that circle:
// whichever of them is read and written, it comes out again.
static size_t choose(const mth_text *documents, size_t count) {
  size_t chosen = count - 1;
  for (size_t i = 0; i + 1 < count; i++) {
    if (strcmp(mth_text_get(&documents[i]), mth_text_get(&documents[count - 1])) != 0) continue;
    for (size_t k = i; k < count; k++)
      if (comes_before(&documents[k], &documents[chosen])) chosen = k;
    break;
  }
  return chosen;
}

static bool has_come_round(const mth_text *documents, size_t count) {
  for (size_t i = 0; i + 1 < count; i++)
    if (strcmp(mth_text_get(&documents[i]), mth_text_get(&documents[count - 1])) == 0) return true;
  return false;
}

// Unknown dims in formulas may be numbered, and formulas solved, in several ways. So a
// document is read and written until that changes nothing: what is read from it is written so, too.
static mth_status write(const mth_model *model, const mth_train_model *train, mth_text *text) {
  mth_context *context = model->context;
  mth_text documents[most_documents];
  size_t count = 1;
  bool varies;
  for (size_t i = 0; i < most_documents; i++)
    documents[i] = MTH_TEXT_INIT(context->allocator);
  mth_status status = write_once(model, train, &documents[0], &varies);
  while (status == MTH_OK && varies && count < most_documents &&
         !has_come_round(documents, count)) {
    status = write_again(context, &documents[count - 1], train, &documents[count]);
    count += 1;
  }
  if (status == MTH_OK)
    mth_text_add(text, "%s", mth_text_get(&documents[choose(documents, count)]));
  for (size_t i = 0; i < most_documents; i++)
    mth_text_deinit(&documents[i]);
  return status == MTH_OK ? text->status : status;
}

mth_status mth_write_json(const mth_model *model, mth_text *text) {
  if (!model || !text) return MTH_INVALID; // there is nobody to report to
  char where[256];
  const mth_location at = mth_model_at(model, where, sizeof where);
  if (model->parent) return mth_fail(MTH_INVALID, at, "a child can not be written; copy it");
  return write(model, NULL, text);
}

mth_status mth_write_json_train(const mth_train_model *train, mth_text *text) {
  if (!train || !text) return MTH_INVALID; // there is nobody to report to
  return write(mth_train_model_get(train), train, text);
}
