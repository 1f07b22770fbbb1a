// json.h: models as Mithril's model dictionaries (docs/json-format.md). Public.
//
//   {"name": "Model",
//    "submodels":   {"a": {"name": "Linear", "args": {"dimension": 3}}, "b": "Relu"},
//    "connections": {"a": {"input": "x", "weight": "w"},
//                    "b": {"input": {"key": {"connect": [["a", "output"]]}}, "output": "y"}},
//    "exposed_keys": ["y"]}
#ifndef MTH_FRONTEND_JSON_H
#define MTH_FRONTEND_JSON_H
#include "ir/model.h"
#include "ir/text.h"
#include "ir/train_model.h"

// Reads one model, which is the caller's. The text is UTF-8 and need not end in zero.
//
// Fails  with one report, and nothing is left of the model.
//        MTH_INVALID: the text is no JSON, names a key twice or nests too deep, at its line and
//        column ("json:3:7"); or it says what no model can be, at its place in the document
//        ("$.submodels.m1.args.dimension"), with the model's own message where a model refused.
//        MTH_UNSUPPORTED: it names a class that the context does not have.
//        MTH_NO_MEMORY.
MTH_MUST_USE mth_status mth_read_json(mth_context *context, const char *text, size_t byte_count,
                                      mth_model **out_model);
// The same from a file; its path stands before each place ("model.json:3:7", "model.json: $.name").
// Fails  as mth_read_json; MTH_INVALID: the file cannot be read.
MTH_MUST_USE mth_status mth_read_json_file(mth_context *context, const char *path,
                                           mth_model **out_model);

// Adds a dictionary that reads back as an equal model (ir/model_equal.h): structure, names, order
// of keys, shapes, values, parameters and how they start. A child that a class made is written as
// its name and arguments.
//
// Fails  MTH_INVALID: the model is a child. MTH_UNSUPPORTED: the model holds what the format cannot
//        say, named in the report. MTH_NO_MEMORY. Then nothing is added.
MTH_MUST_USE mth_status mth_write_json(const mth_model *model, mth_text *text);

// The same of a TrainModel: the model, losses, regularizers, metrics and the combiner, in the order
// in which they were added; finalized if it was.
MTH_MUST_USE mth_status mth_read_json_train(mth_context *context, const char *text,
                                            size_t byte_count, mth_train_model **out_train);
MTH_MUST_USE mth_status mth_read_json_train_file(mth_context *context, const char *path,
                                                 mth_train_model **out_train);
// A document of either kind from a file. Of the one that it is not, *out is NULL.
MTH_MUST_USE mth_status mth_read_json_any_file(mth_context *context, const char *path,
                                               mth_model **out_model, mth_train_model **out_train);
MTH_MUST_USE mth_status mth_write_json_train(const mth_train_model *train, mth_text *text);
#endif
