// table_check.h: whether a program's table is whole. It may come from a file that someone else
// linked or a cache that someone else wrote, so it is checked once before anything trusts it.
#ifndef MTH_RUNTIME_TABLE_CHECK_H
#define MTH_RUNTIME_TABLE_CHECK_H
#include "runtime/diagnostic.h"
#include "runtime/program.h"

#include <stdbool.h>

// Checks a whole table. Late entries (no `run`) are refused unless `allows_late`. That two ports
// share a name is found by whoever sorts them.
//
// Fails  MTH_INVALID, naming entry, port and what was wanted there.
MTH_MUST_USE mth_status mth_table_check(const mth_program_desc *desc, bool allows_late,
                                        mth_location at);

// Finds in `desc` the code of the late entry `outline`: same name; ports of the same names and
// roles in the same order.
//
// Fails  as mth_table_check, and if there is no such entry.
MTH_MUST_USE mth_status mth_table_check_specialised(const mth_entry_desc *outline,
                                                    const mth_program_desc *desc, mth_location at,
                                                    const mth_entry_desc **out_entry);
#endif
