// status.h: the outcome of every function in the project that can fail.
#ifndef MTH_RUNTIME_STATUS_H
#define MTH_RUNTIME_STATUS_H

// Each row: what the *caller* may do next. What went wrong, and where, has already been reported
// by whoever returned the code. The values are part of the ABI; retired ones stay reserved.
#define MTH_STATUS_TABLE(X)                                                                        \
  X(MTH_OK, 0, "ok")                                                                               \
  X(MTH_INVALID, 1, "the input is wrong; retrying cannot help")                                    \
  X(MTH_UNSUPPORTED, 2, "the input is right but we do not implement it")                           \
  X(MTH_NO_MEMORY, 3, "allocation failed; nothing was changed")                                    \
  X(MTH_INTERNAL, 4, "we broke one of our own invariants; please report it")

typedef enum mth_status {
#define X(name, value, meaning) name = value,
  MTH_STATUS_TABLE(X)
#undef X
} mth_status;

#define MTH_MUST_USE __attribute__((warn_unused_result))

// Returns the enumerator's own name, for example "MTH_INVALID". Never NULL.
const char *mth_status_name(mth_status status);

// Leaves the function if `expr` failed. Nothing is reported: the callee did.
#define MTH_TRY(expr)                                                                              \
  do {                                                                                             \
    const mth_status mth_try_ = (expr);                                                            \
    if (mth_try_ != MTH_OK) return mth_try_;                                                       \
  } while (0)

#endif
