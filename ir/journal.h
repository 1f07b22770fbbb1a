// journal.h: how a refused call leaves everything as it was.
//
// Before a word of a model changes, its old bytes are saved here. Undoing writes them back, newest
// first. Calls nest: an inner call that succeeds stays undoable by the outer one.
#ifndef MTH_IR_JOURNAL_H
#define MTH_IR_JOURNAL_H
#include "ir/names.h"
#include "runtime/allocator.h"
#include "runtime/status.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct mth_journal {
  const mth_allocator *allocator;
  struct mth_journal_entry *entries;
  size_t count, capacity;
  size_t depth; // of open calls
} mth_journal;

#define MTH_JOURNAL_INIT(allocator) ((mth_journal){(allocator), NULL, 0, 0, 0})

// Opens a call and returns its mark.
size_t mth_journal_begin(mth_journal *journal);
// Closes it. With `keep` false everything since the mark is undone.
void mth_journal_end(mth_journal *journal, size_t mark, bool keep);

// Saves `bytes` (at most 32) at `address`, which must outlive the open calls. Outside of a call
// nothing is saved.
MTH_MUST_USE mth_status mth_journal_save(mth_journal *journal, void *address, size_t bytes);
// Storage that is released if the call is undone, or NULL without memory.
void *mth_journal_allocate(mth_journal *journal, size_t count, size_t element_bytes);
// Releases storage once no open call can need it again. Fails without memory, changing nothing.
MTH_MUST_USE mth_status mth_journal_release(mth_journal *journal, void *memory);
// If the call is undone, `undo` is called when all that was saved after this is restored.
MTH_MUST_USE mth_status mth_journal_on_undo(mth_journal *journal, void (*undo)(void *item),
                                            void *item);
// Sets an entry of a map; NULL removes it.
MTH_MUST_USE mth_status mth_journal_map(mth_journal *journal, mth_name_map *map, const char *name,
                                        void *item);
void mth_journal_deinit(mth_journal *journal);

// A list of pointers that grows under a journal.
typedef struct mth_list {
  void **items;
  size_t count, capacity;
} mth_list;

MTH_MUST_USE mth_status mth_list_push(mth_list *list, mth_journal *journal, void *item);
// Takes the item out, keeping the order; looks for it from the end. Nothing happens if it is not
// there.
MTH_MUST_USE mth_status mth_list_remove(mth_list *list, mth_journal *journal, const void *item);
// Takes out every item of which `drops` is true, keeping the order: one walk however many there
// are.
typedef bool mth_list_drops_fn(void *user, const void *item);
MTH_MUST_USE mth_status mth_list_remove_where(mth_list *list, mth_journal *journal,
                                              mth_list_drops_fn *drops, void *user);
MTH_MUST_USE mth_status mth_list_clear(mth_list *list, mth_journal *journal);
bool mth_list_has(const mth_list *list, const void *item);
#endif
