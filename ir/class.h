// class.h: the names under which models are made from arguments: "Linear", "MLP", a user's own.
// Public.
//
// A class is a C function that builds a composite from arguments. Built-in layers and users'
// composites enter through the same struct; every op is a class of its own name without being
// listed. A model that was made by its class remembers the arguments, so that it can be written
// down as a name and arguments.
//
//   static mth_status make_silu(mth_context *context, const mth_arg *args, mth_model **out_model);
//   static const mth_class silu = {.struct_bytes = sizeof silu, .abi = MTH_CLASS_ABI,
//                                  .name = "SiLU", .create = make_silu};
//   MTH_TRY(mth_register_class(context, &silu));
//   MTH_TRY(mth_model_create_class(context, "SiLU", NULL, 0, &model));
#ifndef MTH_IR_CLASS_H
#define MTH_IR_CLASS_H
#include "ir/model.h"

#define MTH_CLASS_ABI 1

// Kinds of values that a parameter takes: a set of these bits.
#define MTH_TAKES(kind) ((uint32_t)1 << MTH_ARG_##kind)
#define MTH_TAKES_INTEGER (MTH_TAKES(INT) | MTH_TAKES(DIM))
#define MTH_TAKES_INTEGERS (MTH_TAKES_INTEGER | MTH_TAKES(INTS) | MTH_TAKES(DIMS))
#define MTH_TAKES_NUMBER (MTH_TAKES(INT) | MTH_TAKES(FLOAT))

// One parameter of a class.
typedef struct mth_class_param {
  const char *name;
  uint32_t takes;   // MTH_TAKES bits; None always stands for "open" where its bit is set
  bool is_required; // false: `value` is the default
  mth_arg value;    // the default; its key is ignored
} mth_class_param;

typedef struct mth_class {
  size_t struct_bytes; // sizeof(mth_class)
  int32_t abi;         // MTH_CLASS_ABI
  const char *name;    // "Linear"
  const mth_class_param *params;
  size_t param_count;
  // Builds a frozen composite. `args` has one value for each parameter, in order, of a kind that it
  // takes, defaults filled in. Models among them are lent: a child needs a copy.
  mth_status (*create)(mth_context *context, const mth_arg *args, mth_model **out_model);
} mth_class;

// Adds a class. The struct and all it points to must outlive the context.
// Fails  MTH_INVALID: wrong abi or size; a name that is malformed or taken by a class or an op.
MTH_MUST_USE mth_status mth_register_class(mth_context *context, const mth_class *class_);

// The class of this name, upper and lower case alike, or NULL.
const mth_class *mth_find_class(const mth_context *context, const char *name);
size_t mth_class_count(const mth_context *context);
const mth_class *mth_class_get(const mth_context *context, size_t index); // built-in ones first

// Makes a model by the name of its class, or of an op ("Relu", "MatrixMultiply"); upper and lower
// case are alike. Where a model is wanted, a string names the class of one without arguments.
//
// Owns   arguments are copied, models among them too.
// Fails  MTH_INVALID: no such class; an argument that is unknown, missing, given twice or of a kind
//        that is not taken; and as the class's own `create`.
MTH_MUST_USE mth_status mth_model_create_class(mth_context *context, const char *name,
                                               const mth_arg *args, size_t arg_count,
                                               mth_model **out_model);

// The class that made this model and the arguments that it was made from, one for each parameter,
// lent. NULL and 0 for a composite that was put together otherwise, and for an op.
const mth_class *mth_model_class(const mth_model *model);
const mth_arg *mth_model_class_args(const mth_model *model);
#endif
