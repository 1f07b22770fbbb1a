// source_check.h: what a text must not hold before MLIR's parser may see it.
#ifndef MTH_JIT_SOURCE_CHECK_H
#define MTH_JIT_SOURCE_CHECK_H
#include "runtime/diagnostic.h"

#include <stddef.h>

// MLIR's parser is recursive and has no limits of its own: brackets or affine expressions that are
// nested deeply overflow the stack, and an alias of an alias of an alias ... prints in exponential
// time. No program needs any of these. Bytecode, which the parser would take too, is no text.
//
// Fails  MTH_INVALID, MTH_UNSUPPORTED at the line and column; `at.where` is the file's name.
MTH_MUST_USE mth_status mth_source_check(const char *text, size_t byte_count, mth_location at);
#endif
