// text_table.c: rows of cells as text.
#include "ir/text_table.h"

#include <stdbool.h>
#include <string.h>

enum { gap = 2 };

typedef struct mth_table_line {
  struct mth_table_line *next;
  char mark;          // of a rule; 0: a row
  const char **cells; // of a row
} mth_table_line;

static size_t width_of(const char *cell) {
  size_t width = 0;
  for (; *cell; cell++)
    width += ((unsigned char)*cell & 0xC0) != 0x80;
  return width;
}

void mth_table_begin(mth_table *table, const mth_allocator *allocator, size_t column_count) {
  *table = (mth_table){.arena = MTH_ARENA_INIT(allocator), .column_count = column_count};
  table->widths = MTH_NEW_ARRAY(&table->arena, size_t, column_count);
  if (!table->widths) table->status = MTH_NO_MEMORY;
}

void mth_table_end(mth_table *table) { mth_arena_reset(&table->arena); }

static mth_table_line *add_line(mth_table *table) {
  mth_table_line *line = table->status == MTH_OK ? MTH_NEW(&table->arena, mth_table_line) : NULL;
  if (!line) {
    table->status = MTH_NO_MEMORY;
    return NULL;
  }
  if (table->last)
    table->last->next = line;
  else
    table->first = line;
  table->last = line;
  return line;
}

void mth_table_row(mth_table *table, const char *const *cells) {
  mth_table_line *line = add_line(table);
  if (!line) return;
  line->cells = MTH_NEW_ARRAY(&table->arena, const char *, table->column_count);
  for (size_t i = 0; line->cells && i < table->column_count; i++) {
    const char *cell = cells[i] ? cells[i] : "";
    const size_t width = width_of(cell);
    line->cells[i] = mth_arena_copy_text(&table->arena, cell, strlen(cell));
    if (!line->cells[i]) table->status = MTH_NO_MEMORY;
    if (width > table->widths[i]) table->widths[i] = width;
  }
  if (!line->cells) table->status = MTH_NO_MEMORY;
}

void mth_table_rule(mth_table *table, char mark) {
  const bool is_second = table->last && table->last->mark;
  mth_table_line *line = is_second ? table->last : add_line(table);
  if (line) line->mark = mark;
}

static void repeat(mth_text *text, char mark, size_t count) {
  char marks[64];
  memset(marks, mark, sizeof marks);
  for (size_t part; count; count -= part) {
    part = count < sizeof marks ? count : sizeof marks;
    mth_text_add(text, "%.*s", (int)part, marks);
  }
}

static void write_row(const mth_table *table, const mth_table_line *line, mth_text *text) {
  size_t column = 0, at = 0; // where the next column begins, and what was written so far
  for (size_t i = 0; i < table->column_count; i++) {
    if (line->cells[i][0]) {
      repeat(text, ' ', column - at);
      mth_text_add(text, "%s", line->cells[i]);
      at = column + width_of(line->cells[i]);
    }
    column += table->widths[i] ? table->widths[i] + gap : 0;
  }
  mth_text_add(text, "\n");
}

void mth_table_write(const mth_table *table, const char *title, mth_text *text) {
  if (table->status != MTH_OK) {
    text->status = table->status;
    return;
  }
  size_t width = 0;
  for (size_t i = 0; i < table->column_count; i++)
    width += table->widths[i] ? table->widths[i] + gap : 0;
  if (width) width -= gap;
  if (title && width_of(title) > width) width = width_of(title);
  if (title) {
    repeat(text, ' ', (width - width_of(title)) / 2);
    mth_text_add(text, "%s\n", title);
  }
  for (const mth_table_line *line = table->first; line; line = line->next) {
    if (!line->mark) {
      write_row(table, line, text);
      continue;
    }
    repeat(text, line->mark, width);
    mth_text_add(text, "\n");
  }
}
