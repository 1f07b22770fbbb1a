// mithril.h: the public interface. A program includes this header and links libmithril.
#ifndef MITHRIL_H
#define MITHRIL_H
#ifdef __cplusplus
extern "C" {
#endif
#include "frontend/compile.h"
#include "frontend/compile_text.h"
#include "frontend/inspect.h"
#include "frontend/json.h"
#include "frontend/mlir_writer.h"
#include "frontend/op_library.h"
#include "frontend/trial.h"
#include "ir/build.h"
#include "ir/class.h"
#include "ir/display_names.h"
#include "ir/expression.h"
#include "ir/functional.h"
#include "ir/index_item.h"
#include "ir/model.h"
#include "ir/model_equal.h"
#include "ir/model_summary.h"
#include "ir/models/layers.h"
#include "ir/models/optimizers.h"
#include "ir/models/transformer.h"
#include "ir/op.h"
#include "ir/parts.h"
#include "ir/physical_model.h"
#include "ir/physical_model_summary.h"
#include "ir/physical_names.h"
#include "ir/rule.h"
#include "ir/sketch.h"
#include "ir/state_keys.h"
#include "ir/train_model.h"
#include "runtime/call.h"
#include "runtime/diagnostic.h"
#include "runtime/dlpack.h"
#include "runtime/dtype.h"
#include "runtime/element.h"
#include "runtime/parameters.h"
#include "runtime/random.h"
#include "runtime/status.h"
#ifdef __cplusplus
}
#endif
#endif
