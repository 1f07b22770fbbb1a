// json_writing.h: the steps of writing a model as a document. Private to frontend/.
//
// A tree of models is written in three steps. Its structure is written down (json_writer_object.c);
// the document is read back and what the copy has otherwise is written as well
// (json_writer_structure.c), until nothing is; then facts of keys that the copy does not infer by
// itself are written and stated of the copy, one by one (json_writer_facts.c). So a document says
// what must be said and little more. At the end it is read again and must give an equal model.
#ifndef MTH_FRONTEND_JSON_WRITING_H
#define MTH_FRONTEND_JSON_WRITING_H
#include "frontend/json_reader.h"
#include "ir/graph.h"
#include "ir/train_model.h"

// An unknown dim of the model that the document names.
typedef struct mth_json_name {
  const mth_dim *dim;
  const char *name;
  bool is_declared; // in $.dims; else it is local to the shapes of one call
} mth_json_name;

// One document.
typedef struct mth_json_writing {
  mth_context *context;
  mth_arena arena;
  mth_list names;       // mth_json_name
  mth_name_map name_of; // of an unknown dim, its mth_json_name
  mth_name_map taken;   // interned names that generated ones must not be
  mth_list symbols;     // interned names of declared dims that the document mentions
  mth_name_map ids;     // of a child, its id; of a constant without a name, its number there
  size_t number;        // of the last generated name
  bool has_formulas;    // of unknown dims
  mth_status status;    // why something is NULL: MTH_NO_MEMORY, or the message says it
  char message[512];
} mth_json_writing;

// One model without parent in the document: the root, or an argument of a class.
typedef struct mth_json_tree {
  mth_json_writing *writing;
  const mth_model *model;
  json_t *object;
  mth_json_reading reading; // of the copy
  mth_model *copy;          // what the object says so far; each key's `copy` is its key in there
  const mth_train_model *train; // of a TrainModel, whose model `model` is; else NULL
  mth_train_model *train_copy;
} mth_json_tree;

// Is it an unknown dim, rather than a number, an expression or one that the user declared?
bool mth_json_is_unknown(const mth_dim *dim);
// What the format cannot say: `writing` ends with it.
MTH_MUST_USE mth_status mth_json_unsupported(mth_json_writing *writing, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// A pointer as what address maps are keyed by.
static inline const char *mth_json_address(const void *pointer) { return pointer; }

// The name of an unknown dim of the model, made if it has none; NULL without memory.
mth_json_name *mth_json_name_of(mth_json_writing *writing, const mth_dim *dim);
// The text of a dim, with unknown ones declared in the document: a mth_json_name_dim_fn.
const char *mth_json_declare_dim(void *writing, const mth_dim *dim);

// A whole tree with all that must be said of it. NULL as above.
json_t *mth_json_write_tree(mth_json_writing *writing, const mth_model *model);

// ---- json_train_writer.c ------------------------------------------------------------------------

// The structure of a TrainModel. NULL as above.
json_t *mth_json_write_train_object(mth_json_writing *writing, const mth_train_model *train);
// The terms of a TrainModel by the lists that a document has of them.
enum { mth_json_term_lists = 3 };
extern const char *const mth_json_term_names[mth_json_term_lists];
size_t mth_json_term_count(const mth_train_model *train, size_t list);
const mth_train_term *mth_json_term(const mth_train_model *train, size_t list, size_t index);

// ---- json_writer_object.c -----------------------------------------------------------------------

// The structure of a model and its children.
json_t *mth_json_write_object(mth_json_writing *writing, const mth_model *model);
// What a parent calls a child.
const char *mth_json_child_id(mth_json_writing *writing, const mth_model *parent,
                              const mth_model *child);
// How a document names a connection of `scope` or of something inside it: "x", or a list of ids and
// a key.
json_t *mth_json_write_key(mth_json_writing *writing, const mth_model *scope,
                           const mth_connection *key);
// The value of a key as a document holds it: a number, {"tensor": ...}, an argument.
json_t *mth_json_write_value(mth_json_writing *writing, const mth_connection *key);
// Is the value of this key given in its own model, rather than in a child or outside?
bool mth_json_is_valued_here(const mth_connection *key);

// ---- json_writer_structure.c, json_writer_facts.c -----------------------------------------------

// Writes what the copy has otherwise into the objects. *out_changed: something was written.
MTH_MUST_USE mth_status mth_json_write_structure(mth_json_tree *tree, bool *out_changed);
// Writes facts that the copy lacks and states them of it.
MTH_MUST_USE mth_status mth_json_write_facts(mth_json_tree *tree);
#endif
