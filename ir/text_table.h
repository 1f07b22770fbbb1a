// text_table.h: rows of cells as text, each column as wide as its widest cell.
#ifndef MTH_IR_TEXT_TABLE_H
#define MTH_IR_TEXT_TABLE_H
#include "ir/text.h"
#include "runtime/arena.h"

// Made by mth_table_begin, ended by mth_table_end. It remembers that memory ran out; what writes it
// hands that on to the text.
typedef struct mth_table {
  mth_arena arena;
  size_t column_count;
  size_t *widths;
  struct mth_table_line *first, *last;
  mth_status status;
} mth_table;

void mth_table_begin(mth_table *table, const mth_allocator *allocator, size_t column_count);
void mth_table_end(mth_table *table);
// Adds a row of column_count cells, copied; NULL is an empty one.
void mth_table_row(mth_table *table, const char *const *cells);
// Adds a line of `mark` across the table. Two in a row are one, the later.
void mth_table_rule(mth_table *table, char mark);
// Writes it under `title`, in the middle of a line of its own; NULL: without. Cells of a row are
// two spaces apart, nothing is at the end of a line. Widths count characters of UTF-8.
void mth_table_write(const mth_table *table, const char *title, mth_text *text);
#endif
