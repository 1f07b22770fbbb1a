// assemble.h: the model that a case describes: its dictionary, its losses and regularizers.
#ifndef MTH_TEST_CONFORMANCE_ASSEMBLE_H
#define MTH_TEST_CONFORMANCE_ASSEMBLE_H
#include "frontend/json.h"
#include "frontend/mithril.h"
#include "ir/train_model.h"
#include "test/conformance/suite.h"

typedef struct assembled {
  mth_context *context;
  mth_model *model;       // what compiles
  mth_train_model *train; // that owns it, or NULL
  bool trains;            // it has losses: the output `final_cost` is what is differentiated
} assembled;

// Builds the model of a case in a context of its own. `model` stands for the case's "model".
//
// Fails  the status; the diagnostic is the context's. `out` is to be freed in any case.
mth_status assemble(const json_t *case_, const json_t *model, assembled *out);
void assembled_free(assembled *a);
// The same model after it was written as JSON and read again, in a context of its own.
mth_status assemble_round_trip(const assembled *a, assembled *out);

// Tells the report what assembling failed with: a class that the product does not have skips the
// case, anything else fails it.
void report_assembly(suite_report *report, const assembled *a);
// "where: message" of the last error of a context, in `arena`.
const char *last_error(mth_arena *arena, const mth_context *context);
#endif
