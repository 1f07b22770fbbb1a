// value_map_test.c: the map finds what was set, through growth and replacement.
#include "dialect/value_map.h"
#include "test/harness/harness.h"

static MlirValue value(const char *base, int i) { return (MlirValue){base + i}; }

TEST(ValueMap, FindsWhatWasSet) {
  enum { count = 5000 };
  static char storage[2 * count];
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  mth_value_map map = MTH_VALUE_MAP_INIT(&arena);
  EXPECT(mlirValueIsNull(mth_value_map_get(&map, value(storage, 0))));
  for (int i = 0; i < count; ++i)
    ASSERT(mth_value_map_set(&map, value(storage, i), value(storage, count + i)) == MTH_OK);
  for (int i = 0; i < count; ++i)
    ASSERT(mth_value_map_get(&map, value(storage, i)).ptr == storage + count + i);
  EXPECT(mlirValueIsNull(mth_value_map_get(&map, value(storage, count))));
  EXPECT(mth_value_map_follow(&map, value(storage, count)).ptr == storage + count);
  EXPECT(mth_value_map_set(&map, value(storage, 3), value(storage, 3)) == MTH_OK);
  EXPECT(mth_value_map_follow(&map, value(storage, 3)).ptr == storage + 3);
  EXPECT_INT((long long)map.count, count);
  mth_arena_reset(&arena);
}
