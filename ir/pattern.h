// pattern.h: regular expressions that are looked for in names.
//
// The common part of Python's: characters, . [] [^] () (?:) | ^ $ * + ? {m,n}, lazy repeats (which
// find the same names), and \d \D \w \W \s \S.
#ifndef MTH_IR_PATTERN_H
#define MTH_IR_PATTERN_H
#include "runtime/allocator.h"
#include "runtime/diagnostic.h"

#include <stdbool.h>

typedef struct mth_pattern mth_pattern;

// Fails  MTH_INVALID at `at`: no such expression, one of another kind ("(?=", "\1"), one of more
//        than 256 characters or whose repeats multiply to more than 1000.
MTH_MUST_USE mth_status mth_pattern_create(const mth_allocator *allocator, const char *text,
                                           mth_location at, mth_pattern **out_pattern);
void mth_pattern_destroy(mth_pattern *pattern); // NULL is ignored
// Whether the expression matches anywhere in `name`.
bool mth_pattern_is_in(const mth_pattern *pattern, const char *name);
#endif
