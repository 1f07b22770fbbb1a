// json_reading.h: one reading of a document: where it is, and how it fails. Private to frontend/
// and to test programs that read documents of models.
#ifndef MTH_FRONTEND_JSON_READING_H
#define MTH_FRONTEND_JSON_READING_H
#include "ir/context.h"
#include "ir/dim.h"
#include "ir/names.h"
#include "runtime/arena.h"

#include <jansson.h>

// A place in a document: a chain of keys and indices up to the root ("$"), on the stack of whoever
// walks it.
typedef struct mth_json_place {
  const struct mth_json_place *up; // NULL: the root
  const char *key;                 // of an object; NULL: an element of a list
  size_t index;
} mth_json_place;

#define MTH_JSON_KEY(place, k) (&(const mth_json_place){(place), (k), 0})
#define MTH_JSON_INDEX(place, i) (&(const mth_json_place){(place), NULL, (i)})

enum {
  mth_json_most_levels = 64,  // of models in models and lists in lists
  mth_json_most_parts = 4096, // of a key that takes several
};

// What reading goes by. Between begin and end the context's reports are heard here.
typedef struct mth_json_reading {
  mth_context *context;
  mth_arena arena;        // dies with the reading
  const char *file;       // stands before places; NULL: nothing
  mth_sink saved;         // the context's own
  mth_diagnostic heard;   // the first report of a call on models
  mth_diagnostic problem; // what the reading ends with
  char missing_class[64]; // the class that the context does not have; "": none is missing
  mth_name_map dims;      // of the document's names, to const mth_dim *
  size_t level;
  struct mth_json_made *made; // models, newest first
} mth_json_reading;

void mth_json_begin(mth_json_reading *reading, mth_context *context, const char *file);
// Gives the context its sink back, destroys the models that were kept and have no parent, reports
// the problem if `status` is not MTH_OK, frees the arena.
mth_status mth_json_end(mth_json_reading *reading, mth_status status);
// The reading destroys the model at its end, unless a parent takes it. Takes it also on failure.
MTH_MUST_USE mth_status mth_json_keep(mth_json_reading *reading, struct mth_model *model);
void mth_json_release(mth_json_reading *reading, const struct mth_model *model); // it is not kept

// "$.submodels.m1[2]" with the file before it; cut in front if it is too long. In the arena.
const char *mth_json_place_text(mth_json_reading *reading, const mth_json_place *place);
// A problem with the document itself.
MTH_MUST_USE mth_status mth_json_fail(mth_json_reading *reading, mth_status code,
                                      const mth_json_place *place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
// `status` of a call on models: what it reported becomes the problem, at this place.
MTH_MUST_USE mth_status mth_json_forward(mth_json_reading *reading, const mth_json_place *place,
                                         mth_status status);
// Steps into a model or a list within another. Leaving is `reading->level -= 1`.
MTH_MUST_USE mth_status mth_json_enter(mth_json_reading *reading, const mth_json_place *place);

// "a list", "an object", "null", ... for messages; NULL: "nothing".
const char *mth_json_kind(const json_t *value);
// The members that an object may have, NULL at the end. Another one is refused.
MTH_MUST_USE mth_status mth_json_check_members(mth_json_reading *reading, const json_t *object,
                                               const mth_json_place *place,
                                               const char *const *members);
// A member that must be of this type if it is there; else *out is NULL.
MTH_MUST_USE mth_status mth_json_member(mth_json_reading *reading, const json_t *object,
                                        const mth_json_place *place, const char *key,
                                        json_type type, const json_t **out);
#endif
