// op.h: what an op is. Public: built-in ops and users' ops enter through the same struct.
//
// An op has two halves of one name. Its meaning (signature, defaults, what it infers, category)
// needs no compiler; what it becomes (gradient, decomposition, or a C kernel) is written with
// mth_build_* on opaque values, without MLIR headers.
#ifndef MTH_IR_OP_H
#define MTH_IR_OP_H
#include "ir/dim.h"
#include "ir/named_number.h"
#include "runtime/dtype.h"
#include "runtime/program.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MTH_OP_ABI 1

// What fusion and sharding look at.
typedef enum mth_category {
  MTH_CATEGORY_MAP,      // out[i] = f(in[i], ...), operands broadcast
  MTH_CATEGORY_REDUCE,   // folds axes of one tensor with an associative operation
  MTH_CATEGORY_CONTRACT, // sums of products over shared axes
  MTH_CATEGORY_VIEW,     // the same elements at other indices; no arithmetic
  MTH_CATEGORY_GATHER,   // reads or writes at indices that are data
  MTH_CATEGORY_RANDOM,   // a map of (key, element index)
  MTH_CATEGORY_OPAQUE,   // nothing is known
  MTH_CATEGORY_VALUE,    // of logical models alone, gone when the program is written: results are
                         // arguments; a result that is a tensor is the first argument as a tensor
} mth_category;

// Tensors of a program have at most this rank: formulas keep shapes on the stack.
enum { mth_rank_max = 32 };

// A tensor's type. Dims are lent by the table they came from.
typedef struct mth_type {
  mth_dtype dtype; // MTH_DTYPE_NONE: not known
  int32_t rank;    // -1: not known
  const mth_dim *const *dims;
} mth_type;

// A compile-time argument of an op (a logical scalar edge, an attribute in the dialect).
typedef enum mth_arg_kind {
  MTH_ARG_NONE,     // absent, or None
  MTH_ARG_INT,      // i
  MTH_ARG_BOOL,     // b
  MTH_ARG_FLOAT,    // f
  MTH_ARG_STRING,   // s
  MTH_ARG_DTYPE,    // dtype
  MTH_ARG_INTS,     // ints[count]
  MTH_ARG_DIMS,     // dims[count]: integers that may be symbolic
  MTH_ARG_DIM,      // dim: one such integer
  MTH_ARG_TUPLE,    // items[count]: values of any kinds, also tuples; their keys are ignored
  MTH_ARG_SLICE,    // items[3]: start, stop and step, each None or an integer
  MTH_ARG_ELLIPSIS, // "...": all axes that an index does not mention
  MTH_ARG_MODEL,    // model: of a class (ir/class.h), never of an op
  MTH_ARG_OPEN,     // when an op is made: its default does not hold, the argument is an input
} mth_arg_kind;

struct mth_model;

typedef struct mth_arg {
  const char *key;
  mth_arg_kind kind;
  mth_named_number named; // of FLOAT: f is its value at 64 bits, programs have that at theirs
  size_t count;
  union {
    int64_t i;
    bool b;
    double f;
    const char *s;
    mth_dtype dtype;
    const int64_t *ints;
    const mth_dim *const *dims;
    const mth_dim *dim;
    const struct mth_arg *items;
    const struct mth_model *model;
  };
} mth_arg;

#define MTH_ARG_I(key_, v) ((mth_arg){.key = (key_), .kind = MTH_ARG_INT, .i = (v)})
#define MTH_ARG_B(key_, v) ((mth_arg){.key = (key_), .kind = MTH_ARG_BOOL, .b = (v)})
#define MTH_ARG_F(key_, v) ((mth_arg){.key = (key_), .kind = MTH_ARG_FLOAT, .f = (v)})
#define MTH_ARG_NAMED(key_, v)                                                                     \
  ((mth_arg){.key = (key_),                                                                        \
             .kind = MTH_ARG_FLOAT,                                                                \
             .named = (v),                                                                         \
             .f = mth_named_number_value((v), MTH_F64)})
#define MTH_ARG_S(key_, v) ((mth_arg){.key = (key_), .kind = MTH_ARG_STRING, .s = (v)})
#define MTH_ARG_T(key_, v) ((mth_arg){.key = (key_), .kind = MTH_ARG_DTYPE, .dtype = (v)})
#define MTH_ARG_IS(key_, n, v)                                                                     \
  ((mth_arg){.key = (key_), .kind = MTH_ARG_INTS, .count = (n), .ints = (v)})
#define MTH_ARG_DS(key_, n, v)                                                                     \
  ((mth_arg){.key = (key_), .kind = MTH_ARG_DIMS, .count = (n), .dims = (v)})
#define MTH_ARG_D(key_, v) ((mth_arg){.key = (key_), .kind = MTH_ARG_DIM, .dim = (v)})
#define MTH_ARG_TUPLE_OF(key_, n, v)                                                               \
  ((mth_arg){.key = (key_), .kind = MTH_ARG_TUPLE, .count = (n), .items = (v)})
#define MTH_ARG_OPEN_AS_INPUT(key_) ((mth_arg){.key = (key_), .kind = MTH_ARG_OPEN})
#define MTH_ARG_M(key_, v) ((mth_arg){.key = (key_), .kind = MTH_ARG_MODEL, .model = (v)})

// A key of an op: a tensor operand, or a compile-time argument.
typedef enum mth_key_kind {
  MTH_KEY_TENSOR,
  MTH_KEY_TENSORS, // any number of tensors; at most one such key, the last tensor key
  MTH_KEY_ARG,     // a compile-time argument: an attribute of the dialect's op
  MTH_KEY_ARGS,    // any number of arguments, in ops of values alone; at most one such key
} mth_key_kind;

typedef struct mth_op_key {
  const char *name;
  mth_key_kind kind;
  mth_family families;   // tensors: the element families it takes
  mth_arg_kind arg_kind; // arguments: the kind it takes; MTH_ARG_NONE: any, of values alone
  bool required;         // arguments: false means `value` is the default
  mth_arg value;         // arguments: the default; its key is ignored
  bool absent_is_none;   // arguments: in the text of a program, None is written by leaving it
                         // out, and the default like any value
} mth_op_key;

typedef struct mth_rule mth_rule;       // one application of an op, as inference sees it: ir/rule.h
typedef struct mth_builder mth_builder; // writes ops during compilation: ir/build.h
typedef struct mth_op_site mth_op_site; // one op of the program being compiled: ir/build.h
typedef struct mth_value {              // a tensor of the program being compiled
  const void *handle;                   // NULL: none (no gradient, or a failed build)
} mth_value;

// What an op becomes. A field may be NULL; an op with neither decomposition nor kernel must be a
// core op of the compiler.
typedef struct mth_op_code {
  // Given the cotangent of each result (a null value: zero), writes the cotangent of each tensor
  // operand into out_cotangents, preset to null values (null: no gradient flows there).
  // NULL for a float op: it is decomposed first; if that is impossible, differentiation refuses.
  mth_status (*gradient)(mth_builder *builder, const mth_op_site *op, const mth_value *cotangents,
                         mth_value *out_cotangents);
  // The same computation in simpler ops.
  mth_status (*decompose)(mth_builder *builder, const mth_op_site *op, mth_value *out_results);
  // Name of a C function with the signature mth_kernel_fn, and its address in this process. Runs
  // as one tile over a grid of one; dims are those of the op's operands then results, in order.
  const char *kernel_symbol;
  mth_kernel_fn *kernel;
} mth_op_code;

typedef struct mth_op {
  size_t struct_bytes; // sizeof(mth_op)
  int32_t abi;         // MTH_OP_ABI
  const char *name;    // "matmul": the dialect's mnemonic; lower case
  const char *model;   // "MatrixMultiply": the class name in logical models
  mth_category category;
  const mth_op_key *inputs; // tensors and arguments in the logical order of keys
  size_t input_count;
  const mth_op_key *outputs; // MTH_KEY_TENSOR, of values also MTH_KEY_ARG; by convention one,
                             // "output"
  size_t output_count;
  uint32_t canonical_inputs; // bit i: inputs[i] is a canonical input. 0: `input`, else the first
  // States and derives types of operands and results, in both directions; runs again whenever one
  // of them becomes better known. See ir/rule.h.
  mth_status (*infer)(mth_rule *rule);
  mth_op_code code;
  bool stops_gradients; // a result is no function of the operands where derivatives are concerned
  bool has_one_shape;   // `input`, `target` and `output` usually have one shape [N, ...]: losses.
                        // The option safe_shapes makes it so
} mth_op;
#endif
