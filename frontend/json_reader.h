// json_reader.h: the steps of reading a model, and the way in for programs that hold a parsed
// document. Private to frontend/ and to test programs that read documents of models.
#ifndef MTH_FRONTEND_JSON_READER_H
#define MTH_FRONTEND_JSON_READER_H
#include "frontend/json_reading.h"
#include "ir/class.h"
#include "ir/shape.h"
#include "ir/train_model.h"

// Reads a model object; it is kept by the reading until mth_json_release or until a parent takes
// it. `missing_class` of the reading says which class is missing when that is why it failed.
MTH_MUST_USE mth_status mth_json_read_model(mth_json_reading *reading, const json_t *value,
                                            const mth_json_place *place, mth_model **out_model);

// A text as JSON, or a report of what is wrong with it at line and column.
MTH_MUST_USE mth_status mth_json_parse(mth_context *context, const char *file, const char *text,
                                       size_t byte_count, json_t **out_document);
// Reads a document, of a TrainModel if it says that it is one or nothing else is asked for
// (`out_model` NULL), of a model if `out_train` is NULL. Of what it is not, *out is NULL.
MTH_MUST_USE mth_status mth_json_read_text(mth_context *context, const char *file, const char *text,
                                           size_t byte_count, mth_model **out_model,
                                           mth_train_model **out_train);
// The dims that the root of a document declares.
MTH_MUST_USE mth_status mth_json_declare_dims(mth_json_reading *reading, const json_t *document);
// Reads a document, whose root may declare dims for all models in it.
MTH_MUST_USE mth_status mth_json_read_document(mth_json_reading *reading, const json_t *document,
                                               mth_model **out_model);

// ---- json_reader_make.c: from a class and arguments ---------------------------------------------

// True if the context has a class or an op of this name, upper and lower case alike.
bool mth_json_has_class(const mth_context *context, const char *name);
// Makes the model of an object with "name" and maybe "args", "tuples", "enums". Arguments that are
// keys of the model rather than parameters of its class are stated of these keys.
MTH_MUST_USE mth_status mth_json_make(mth_json_reading *reading, const json_t *object,
                                      const mth_json_place *place, mth_model **out_model);
// What the name of a child is, from its "args"; NULL: none of its own.
MTH_MUST_USE mth_status mth_json_child_name(mth_json_reading *reading, const json_t *object,
                                            const mth_json_place *place, const char **out_name);

// ---- json_reader_child.c: submodels and connections ---------------------------------------------

// A model that is being put together, and its children by the ids of the document.
typedef struct mth_json_scope {
  mth_json_reading *reading;
  const json_t *object;
  const mth_json_place *place; // of the object
  mth_model *model;
  mth_name_map children; // interned ids, to mth_model
} mth_json_scope;

// Adds the children of the object, then makes one of what several of its connections name.
MTH_MUST_USE mth_status mth_json_add_children(mth_json_scope *scope);

// ---- json_reader_key.c: which connection is meant -----------------------------------------------

// The model inside that the first `count` ids and names of a list lead to.
MTH_MUST_USE mth_status mth_json_find_inner(const mth_json_scope *scope, const json_t *path,
                                            size_t count, const mth_json_place *place,
                                            mth_model **out);
// A connection by its keyinfo: "x", ["m1", 0], ["self", 2], ["m1", "inner", "output"].
MTH_MUST_USE mth_status mth_json_read_key(const mth_json_scope *scope, const json_t *key,
                                          const mth_json_place *place, mth_connection **out);
// Several of them. The array is in the arena.
MTH_MUST_USE mth_status mth_json_read_keys(const mth_json_scope *scope, const json_t *list,
                                           const mth_json_place *place, mth_connection ***out);

// ---- json_reader_facts.c: what is stated --------------------------------------------------------

// What the object states of its whole model, after its children were added.
MTH_MUST_USE mth_status mth_json_state_facts(const mth_json_scope *scope);

// Its named dims, and the numbers of keys without a name (json_reader_names.c).
MTH_MUST_USE mth_status mth_json_state_names(const mth_json_scope *scope);

// A type form as element families; `out_scalar`: it allows what is no tensor.
MTH_MUST_USE mth_status mth_json_read_type(mth_json_reading *reading, const json_t *type,
                                           const mth_json_place *place, mth_family *out_families,
                                           bool *out_scalar);
// A shape template, in the arena: [2, null, "B", "2*B", "V,..."].
MTH_MUST_USE mth_status mth_json_read_shape(mth_json_reading *reading, const json_t *list,
                                            const mth_json_place *place, mth_shape *out);
// One fact of one connection.
MTH_MUST_USE mth_status mth_json_set_shape(mth_json_reading *reading, const json_t *shape,
                                           const mth_json_place *place, mth_connection *key);
MTH_MUST_USE mth_status mth_json_set_type(mth_json_reading *reading, const json_t *type,
                                          const mth_json_place *place, mth_connection *key);
MTH_MUST_USE mth_status mth_json_set_differentiable(mth_json_reading *reading, const json_t *value,
                                                    const mth_json_place *place,
                                                    mth_connection *key);
MTH_MUST_USE mth_status mth_json_set_value(mth_json_reading *reading, const json_t *value,
                                           const mth_json_place *place, mth_connection *key);
MTH_MUST_USE mth_status mth_json_set_initializer(mth_json_reading *reading, const json_t *value,
                                                 const mth_json_place *place, mth_connection *key);
#endif
