// evaluate.h: compiling a model in f64 and running it on arrays of a suite file.
#ifndef MTH_TEST_CONFORMANCE_EVALUATE_H
#define MTH_TEST_CONFORMANCE_EVALUATE_H
#include "frontend/mithril.h"
#include "test/conformance/tensor.h"

typedef struct named_tensor {
  const char *name;
  suite_tensor tensor;
} named_tensor;

typedef struct tensor_list {
  named_tensor *items;
  size_t count;
} tensor_list;

named_tensor *tensor_list_find(const tensor_list *list, const char *name); // NULL: none

// What is compiled and what it runs on.
typedef struct evaluation_request {
  mth_model *model;
  tensor_list inputs;     // trained: each has a gradient
  tensor_list constants;  // fixed at compile
  tensor_list cotangents; // of outputs; a missing one is 0
  const char *loss;       // NULL, or the scalar output that is differentiated
  const char *const *discarded;
  size_t discarded_count;
  bool is_inference; // no gradients
} evaluation_request;

typedef struct evaluation {
  tensor_list outputs, gradients; // gradients under the inputs' names
} evaluation;

// Compiles and runs. What failed has been reported to the model's context.
MTH_MUST_USE mth_status evaluate(const evaluation_request *request, mth_arena *arena,
                                 evaluation *out);
#endif
