// json_train.h: TrainModels in documents. Private to frontend/ and to test programs.
#ifndef MTH_FRONTEND_JSON_TRAIN_H
#define MTH_FRONTEND_JSON_TRAIN_H
#include "frontend/json_reader.h"
#include "ir/train_model.h"

// Reads an object with "model", "losses", "regularizations", "metrics", "loss_combiner".
//
// Owns  *out_train is the caller's, also after a failure (NULL: nothing was made); he destroys it
//       after the reading has ended, which asks models inside for their parents.
MTH_MUST_USE mth_status mth_json_read_train(mth_json_reading *reading, const json_t *object,
                                            mth_train_model **out_train);
#endif
