// source_check.c: a scan over the words of a text.
#include "jit/source_check.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { nesting_max = 256 };

typedef struct scanner {
  const char *text;
  size_t byte_count, at;
  mth_location location;
} scanner;

static mth_status fail_at(const scanner *s, size_t offset, mth_status code, const char *what,
                          const char *word, size_t word_bytes) {
  size_t line = 1, column = 1;
  for (size_t i = 0; i < offset; ++i) {
    line += s->text[i] == '\n';
    column = s->text[i] == '\n' ? 1 : column + 1;
  }
  char where[sizeof((mth_diagnostic *)NULL)->where];
  snprintf(where, sizeof where, "%.200s:%zu:%zu", s->location.where ? s->location.where : "text",
           line, column);
  return mth_fail(code, (mth_location){s->location.sink, where}, "%s, found '%.*s'", what,
                  (int)(word_bytes < 64 ? word_bytes : 64), word);
}

static char peek(const scanner *s, size_t ahead) {
  return s->at + ahead < s->byte_count ? s->text[s->at + ahead] : 0;
}

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_in_word(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '$' || c == '.';
}

static void skip_string(scanner *s) {
  for (++s->at; s->at < s->byte_count && s->text[s->at] != '"' && s->text[s->at] != '\n'; ++s->at)
    s->at += s->text[s->at] == '\\';
  ++s->at;
}

static void skip_space(scanner *s) {
  for (;;) {
    const char c = peek(s, 0);
    if (c == '/' && peek(s, 1) == '/')
      while (s->at < s->byte_count && s->text[s->at] != '\n')
        ++s->at;
    else if (s->at < s->byte_count && (!c || strchr(" \t\r\n", c)))
      ++s->at; // zeros are space to MLIR
    else
      return;
  }
}

static size_t word_bytes(const scanner *s) {
  size_t count = 0;
  while (is_in_word(peek(s, count)))
    ++count;
  return count;
}

static bool is_word(const char *word, size_t bytes, const char *wanted) {
  return bytes == strlen(wanted) && memcmp(word, wanted, bytes) == 0;
}

// At a name with a sigil: `#loc1`, `!t`, `%0`, `@model`, `^bb0`.
static mth_status read_name(scanner *s) {
  const size_t begin = s->at;
  const bool may_be_alias = peek(s, 0) == '#' || peek(s, 0) == '!';
  do // `-` is a letter here, `->` is none
    ++s->at;
  while (is_in_word(peek(s, 0)) || (peek(s, 0) == '-' && peek(s, 1) != '>'));
  const size_t end = s->at;
  if (!may_be_alias || end == begin + 1) return MTH_OK;
  skip_space(s);
  if (peek(s, 0) != '=') return MTH_OK;
  ++s->at;
  skip_space(s);
  if (is_word(s->text + s->at, word_bytes(s), "loc")) return MTH_OK;
  return fail_at(s, begin, MTH_UNSUPPORTED, "a program has aliases of locations only",
                 s->text + begin, end - begin);
}

static mth_status read_word(scanner *s) {
  const size_t begin = s->at, bytes = word_bytes(s);
  const char *const word = s->text + begin;
  s->at += bytes;
  if (is_word(word, bytes, "affine_map") || is_word(word, bytes, "affine_set"))
    return fail_at(s, begin, MTH_UNSUPPORTED, "a program has no affine maps or sets", word, bytes);
  return MTH_OK;
}

static mth_status scan(scanner *s) {
  for (size_t depth = 0; skip_space(s), s->at < s->byte_count;) {
    const char c = peek(s, 0);
    if (c == '"') {
      skip_string(s);
    } else if (c == '-' && peek(s, 1) == '>') {
      s->at += 2;
    } else if (c && strchr("#!%@^", c)) {
      MTH_TRY(read_name(s));
    } else if (is_letter(c)) {
      MTH_TRY(read_word(s));
    } else {
      if (c && strchr("([{<", c) && ++depth > nesting_max)
        return fail_at(s, s->at, MTH_UNSUPPORTED, "a program nests brackets at most 256 deep",
                       s->text + s->at, 1);
      if (c && strchr(")]}>", c) && depth > 0) --depth;
      ++s->at;
    }
  }
  return MTH_OK;
}

mth_status mth_source_check(const char *text, size_t byte_count, mth_location at) {
  static const char bytecode[] = {'M', 'L', (char)0xEF, 'R'};
  scanner s = {text, byte_count, 0, at};
  if (byte_count >= sizeof bytecode && memcmp(text, bytecode, sizeof bytecode) == 0)
    return mth_fail(MTH_INVALID, at, "wanted a text, found MLIR bytecode");
  return scan(&s);
}
