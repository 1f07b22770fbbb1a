// journal.c: saved words, and storage whose release waits.
#include "ir/journal.h"

#include <assert.h>
#include <string.h>

typedef enum entry_kind {
  SAVED,          // write `old` back on undo
  ALLOCATED,      // release `address` on undo
  TO_BE_RELEASED, // release `address` when all calls are closed
  MAPPED,         // set `item` under `name` again in the map at `address` on undo
  CALLED          // call `undo` with `item` on undo
} entry_kind;

typedef struct mth_journal_entry {
  entry_kind kind;
  unsigned bytes;
  void *address;
  const char *name;
  void *item;
  void (*undo)(void *item);
  unsigned char old[32];
} mth_journal_entry;

static bool reserve(mth_journal *journal) {
  if (journal->count < journal->capacity) return true;
  const size_t capacity = journal->capacity ? journal->capacity * 2 : 64;
  mth_journal_entry *entries =
      mth_allocate_unset(journal->allocator, capacity, sizeof(mth_journal_entry));
  if (!entries) return false;
  if (journal->count) memcpy(entries, journal->entries, journal->count * sizeof *entries);
  mth_release(journal->allocator, journal->entries);
  journal->entries = entries;
  journal->capacity = capacity;
  return true;
}

size_t mth_journal_begin(mth_journal *journal) {
  journal->depth++;
  return journal->count;
}

static void undo(mth_journal *journal, size_t mark) {
  while (journal->count > mark) {
    const mth_journal_entry *entry = &journal->entries[--journal->count];
    if (entry->kind == SAVED) memcpy(entry->address, entry->old, entry->bytes);
    if (entry->kind == ALLOCATED) mth_release(journal->allocator, entry->address);
    if (entry->kind == CALLED) entry->undo(entry->item);
    if (entry->kind == MAPPED) // the slot is there, so this cannot fail
      (void)mth_name_map_set(entry->address, journal->allocator, entry->name, entry->item);
  }
}

void mth_journal_end(mth_journal *journal, size_t mark, bool keep) {
  assert(journal->depth > 0 && mark <= journal->count);
  if (!keep) undo(journal, mark);
  if (--journal->depth > 0) return;
  for (size_t i = 0; i < journal->count; i++)
    if (journal->entries[i].kind == TO_BE_RELEASED)
      mth_release(journal->allocator, journal->entries[i].address);
  journal->count = 0;
}

mth_status mth_journal_save(mth_journal *journal, void *address, size_t bytes) {
  mth_journal_entry entry = {.kind = SAVED, .bytes = (unsigned)bytes, .address = address};
  assert(bytes <= sizeof entry.old);
  if (journal->depth == 0) return MTH_OK;
  if (!reserve(journal)) return MTH_NO_MEMORY;
  memcpy(entry.old, address, bytes);
  journal->entries[journal->count++] = entry;
  return MTH_OK;
}

void *mth_journal_allocate(mth_journal *journal, size_t count, size_t element_bytes) {
  if (journal->depth > 0 && !reserve(journal)) return NULL;
  void *memory = mth_allocate(journal->allocator, count, element_bytes);
  if (memory && journal->depth > 0)
    journal->entries[journal->count++] = (mth_journal_entry){.kind = ALLOCATED, .address = memory};
  return memory;
}

mth_status mth_journal_release(mth_journal *journal, void *memory) {
  if (!memory) return MTH_OK;
  if (journal->depth == 0) {
    mth_release(journal->allocator, memory);
    return MTH_OK;
  }
  if (!reserve(journal)) return MTH_NO_MEMORY;
  journal->entries[journal->count++] =
      (mth_journal_entry){.kind = TO_BE_RELEASED, .address = memory};
  return MTH_OK;
}

mth_status mth_journal_on_undo(mth_journal *journal, void (*undo)(void *item), void *item) {
  assert(journal->depth > 0);
  if (!reserve(journal)) return MTH_NO_MEMORY;
  journal->entries[journal->count++] =
      (mth_journal_entry){.kind = CALLED, .undo = undo, .item = item};
  return MTH_OK;
}

mth_status mth_journal_map(mth_journal *journal, mth_name_map *map, const char *name, void *item) {
  const mth_journal_entry entry = {
      .kind = MAPPED, .address = map, .name = name, .item = mth_name_map_get(map, name)};
  if (journal->depth > 0 && !reserve(journal)) return MTH_NO_MEMORY;
  if (!mth_name_map_set(map, journal->allocator, name, item)) return MTH_NO_MEMORY;
  if (journal->depth > 0) journal->entries[journal->count++] = entry;
  return MTH_OK;
}

void mth_journal_deinit(mth_journal *journal) {
  assert(journal->depth == 0);
  mth_release(journal->allocator, journal->entries);
  *journal = MTH_JOURNAL_INIT(journal->allocator);
}

mth_status mth_list_push(mth_list *list, mth_journal *journal, void *item) {
  MTH_TRY(mth_journal_save(journal, list, sizeof *list));
  if (list->count == list->capacity) {
    const size_t capacity = list->capacity ? list->capacity * 2 : 4;
    void **items = mth_journal_allocate(journal, capacity, sizeof(void *));
    if (!items) return MTH_NO_MEMORY;
    if (list->count) memcpy(items, list->items, list->count * sizeof *items);
    MTH_TRY(mth_journal_release(journal, list->items));
    list->items = items;
    list->capacity = capacity;
  }
  // The slot may hold an item that a shrinking of this same call would bring back.
  MTH_TRY(mth_journal_save(journal, &list->items[list->count], sizeof item));
  list->items[list->count++] = item;
  return MTH_OK;
}

// Saves what is behind `at`, or where that is long, moves on to a copy.
static mth_status save_tail(mth_list *list, mth_journal *journal, size_t at) {
  enum { short_tail = 16 };
  MTH_TRY(mth_journal_save(journal, list, sizeof *list));
  if (journal->depth == 0) return MTH_OK;
  if (list->count - at > short_tail) {
    void **items = mth_journal_allocate(journal, list->capacity, sizeof(void *));
    if (!items) return MTH_NO_MEMORY;
    memcpy(items, list->items, list->count * sizeof *items);
    MTH_TRY(mth_journal_release(journal, list->items));
    list->items = items;
    return MTH_OK;
  }
  for (size_t i = at; i < list->count; i++)
    MTH_TRY(mth_journal_save(journal, &list->items[i], sizeof list->items[i]));
  return MTH_OK;
}

mth_status mth_list_remove(mth_list *list, mth_journal *journal, const void *item) {
  size_t at = list->count;
  while (at > 0 && list->items[at - 1] != item)
    at--;
  if (at-- == 0) return MTH_OK;
  MTH_TRY(save_tail(list, journal, at));
  memmove(&list->items[at], &list->items[at + 1], (list->count - at - 1) * sizeof *list->items);
  list->count--;
  return MTH_OK;
}

mth_status mth_list_remove_where(mth_list *list, mth_journal *journal, mth_list_drops_fn *drops,
                                 void *user) {
  size_t kept = 0;
  for (size_t i = 0; i < list->count; i++)
    kept += !drops(user, list->items[i]);
  if (kept == list->count) return MTH_OK;
  void **items = mth_journal_allocate(journal, list->capacity, sizeof(void *));
  if (!items) return MTH_NO_MEMORY;
  MTH_TRY(mth_journal_save(journal, list, sizeof *list));
  kept = 0;
  for (size_t i = 0; i < list->count; i++)
    if (!drops(user, list->items[i])) items[kept++] = list->items[i];
  MTH_TRY(mth_journal_release(journal, list->items));
  list->items = items;
  list->count = kept;
  return MTH_OK;
}

mth_status mth_list_clear(mth_list *list, mth_journal *journal) {
  MTH_TRY(mth_journal_save(journal, list, sizeof *list));
  list->count = 0;
  return MTH_OK;
}

bool mth_list_has(const mth_list *list, const void *item) {
  for (size_t i = 0; i < list->count; i++)
    if (list->items[i] == item) return true;
  return false;
}
