// names_test.c: equal names are one pointer; maps find what was set.
#include "ir/names.h"
#include "test/harness/harness.h"

#include <stdio.h>

TEST(names, equal_names_are_one_pointer) {
  mth_names names = MTH_NAMES_INIT(mth_default_allocator());
  const char *weight = mth_names_intern(&names, "weight");
  char again[] = "weight";
  EXPECT(mth_names_intern(&names, again) == weight);
  EXPECT(mth_names_find(&names, again) == weight);
  EXPECT(!mth_names_find(&names, "bias"));
  EXPECT(mth_names_intern(&names, "Weight") != weight);
  mth_names_deinit(&names);
}

TEST(names, a_map_keeps_thousands_of_names) {
  mth_names names = MTH_NAMES_INIT(mth_default_allocator());
  mth_name_map map = {0};
  int items[3000];
  for (int i = 0; i < 3000; i++) {
    char name[32];
    snprintf(name, sizeof name, "key_%d", i);
    ASSERT(
        mth_name_map_set(&map, mth_default_allocator(), mth_names_intern(&names, name), &items[i]));
    if (i % 3 == 0) // a removed name is gone, the others stay
      ASSERT(mth_name_map_set(&map, mth_default_allocator(), mth_names_find(&names, name), NULL));
  }
  for (int i = 0; i < 3000; i++) {
    char name[32];
    snprintf(name, sizeof name, "key_%d", i);
    EXPECT(mth_name_map_get(&map, mth_names_find(&names, name)) == (i % 3 ? &items[i] : NULL));
  }
  mth_release(mth_default_allocator(), map.slots);
  mth_names_deinit(&names);
}
