// status.c: names of the statuses.
#include "runtime/status.h"

const char *mth_status_name(mth_status status) {
  switch (status) {
#define X(name, value, meaning)                                                                    \
  case name:                                                                                       \
    return #name;
    MTH_STATUS_TABLE(X)
#undef X
  }
  return "MTH_STATUS_OUT_OF_RANGE";
}
