// mithril.h: the public interface. A program includes this header and links libmithril.
#ifndef MITHRIL_H
#define MITHRIL_H
#ifdef __cplusplus
extern "C" {
#endif
#include "ir/build.h"
#include "ir/model.h"
#include "ir/op.h"
#include "runtime/diagnostic.h"
#include "runtime/dtype.h"
#include "runtime/status.h"
#ifdef __cplusplus
}
#endif
#endif
