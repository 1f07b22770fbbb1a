// pattern.c: Python's way of writing regular expressions, on POSIX ones.
//
// A reader translates character by character. What it does not know it refuses, so nothing is
// handed on that the two kinds read differently.
#include "ir/pattern.h"

#include <ctype.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

enum { most_chars = 256, most_repeats = 1000, text_bytes = 8192 };

struct mth_pattern {
  const mth_allocator *allocator;
  regex_t compiled;
};

typedef struct reading {
  const char *next;
  mth_location at;
  long repeats; // product of the counted ones
  size_t used;
  char out[text_bytes]; // no character becomes more than 16
} reading;

static void put(reading *r, const char *text) {
  const size_t count = strlen(text);
  memcpy(r->out + r->used, text, count + 1);
  r->used += count;
}

static void put_literal(reading *r, char c) {
  const char escaped[] = {'\\', c, 0};
  put(r, strchr(".[]()*+?{}|^$\\", c) ? escaped : escaped + 1);
}

// The members of \d, \w and \s, as they stand in brackets; NULL for any other letter.
static const char *members_of(char letter) {
  switch (letter) {
  case 'd':
    return "0-9";
  case 'w':
    return "[:alnum:]_";
  case 's':
    return "[:space:]";
  default:
    return NULL;
  }
}

static mth_status refuse_escape(const reading *r, char letter) {
  return mth_fail(MTH_INVALID, r->at, "a pattern has no escape '\\%c'", letter);
}

static mth_status refuse_end(const reading *r) {
  return mth_fail(MTH_INVALID, r->at, "a pattern ends in a single '\\'");
}

static mth_status read_escape(reading *r) {
  const char letter = *r->next++;
  if (!letter) return refuse_end(r);
  const char *members = members_of((char)tolower((unsigned char)letter));
  if (!isalnum((unsigned char)letter)) {
    put_literal(r, letter);
  } else if (members) {
    put(r, isupper((unsigned char)letter) ? "[^" : "[");
    put(r, members);
    put(r, "]");
  } else if (letter == 'A' || letter == 'Z') {
    put(r, letter == 'A' ? "^" : "$");
  } else {
    return refuse_escape(r, letter);
  }
  return MTH_OK;
}

// A set. In POSIX ']' stands for itself in front only, '-' and '[' behind.
static mth_status read_brackets(reading *r) {
  const bool is_negated = *r->next == '^';
  bool has_close = false, has_open = false, has_dash = false;
  r->next += is_negated;
  put(r, is_negated ? "[^" : "[");
  const size_t front = r->used;
  for (bool first = true; first || *r->next != ']'; first = false) {
    const char c = *r->next++;
    if (!c) return mth_fail(MTH_INVALID, r->at, "a pattern has a '[' without its ']'");
    const char letter = c == '\\' ? *r->next++ : c;
    const char *members = c == '\\' ? members_of(letter) : NULL;
    if (!letter) return refuse_end(r);
    if (c == '\\' && !members && isalnum((unsigned char)letter)) return refuse_escape(r, letter);
    const char one[] = {letter, 0};
    if (letter == ']')
      has_close = true;
    else if (letter == '[')
      has_open = true;
    else if (letter == '-' && c == '\\')
      has_dash = true;
    else
      put(r, members ? members : one);
  }
  r->next++;
  if (has_close) {
    memmove(r->out + front + 1, r->out + front, r->used - front + 1);
    r->out[front] = ']';
    r->used++;
  }
  put(r, has_open ? "[" : "");
  put(r, has_dash ? "-" : "");
  put(r, "]");
  return MTH_OK;
}

static long read_number(const char **text, long missing) {
  long value = 0;
  if (!isdigit((unsigned char)**text)) return missing;
  for (; isdigit((unsigned char)**text); ++*text)
    value = value > most_repeats ? value : value * 10 + (**text - '0');
  return value;
}

// {m}, {m,}, {,n}, {m,n}; any other '{' is itself.
static mth_status read_braces(reading *r) {
  const char *end = r->next;
  long least = read_number(&end, -1), most = least;
  const bool has_comma = *end == ',';
  if (has_comma) {
    end++;
    most = read_number(&end, -1);
  }
  if (*end != '}' || (least < 0 && !has_comma)) {
    put_literal(r, '{');
    return MTH_OK;
  }
  if (least < 0) least = 0;
  const long count = most > least ? most : least;
  r->repeats *= count > 1 ? count : 1;
  if (r->repeats > most_repeats)
    return mth_fail(MTH_INVALID, r->at, "the repeats of a pattern multiply to %ld, at most %d go",
                    r->repeats, (int)most_repeats);
  char text[64];
  if (!has_comma)
    snprintf(text, sizeof text, "{%ld}", least);
  else if (most < 0)
    snprintf(text, sizeof text, "{%ld,}", least);
  else
    snprintf(text, sizeof text, "{%ld,%ld}", least, most);
  put(r, text);
  r->next = end + 1;
  return MTH_OK;
}

static mth_status read_one(reading *r) {
  const char c = *r->next++;
  const char one[] = {c, 0};
  switch (c) {
  case '\\':
    return read_escape(r);
  case '[':
    return read_brackets(r);
  case '(':
    if (*r->next == '?' && r->next[1] != ':')
      return mth_fail(MTH_INVALID, r->at, "a pattern has no '(?%.1s'", r->next + 1);
    if (*r->next == '?') r->next += 2;
    put(r, one);
    return MTH_OK;
  case '{':
    MTH_TRY(read_braces(r));
    break;
  case '}':
    put_literal(r, c);
    return MTH_OK;
  case '*':
  case '+':
  case '?':
    put(r, one);
    break;
  default:
    put(r, one);
    return MTH_OK;
  }
  // Behind a repeat, '?' asks for the shortest match: it is found in the same names.
  if (*r->next == '?' && r->out[r->used - 1] != '{') r->next++;
  return MTH_OK;
}

static mth_status translate(reading *r, const char *text) {
  if (strlen(text) > most_chars)
    return mth_fail(MTH_INVALID, r->at, "a pattern has at most %d characters, found %zu",
                    (int)most_chars, strlen(text));
  while (*r->next)
    MTH_TRY(read_one(r));
  return MTH_OK;
}

mth_status mth_pattern_create(const mth_allocator *allocator, const char *text, mth_location at,
                              mth_pattern **out_pattern) {
  reading r = {.next = text, .at = at, .repeats = 1};
  MTH_TRY(translate(&r, text));
  mth_pattern *pattern = mth_allocate(allocator, 1, sizeof *pattern);
  if (!pattern) return MTH_NO_MEMORY;
  pattern->allocator = allocator;
  const int code = regcomp(&pattern->compiled, r.out, REG_EXTENDED | REG_NOSUB);
  if (code == 0) {
    *out_pattern = pattern;
    return MTH_OK;
  }
  char reason[128];
  regerror(code, &pattern->compiled, reason, sizeof reason);
  mth_release(allocator, pattern);
  if (code == REG_ESPACE) return MTH_NO_MEMORY;
  return mth_fail(MTH_INVALID, at, "'%s' is no pattern: %s", text, reason);
}

void mth_pattern_destroy(mth_pattern *pattern) {
  if (!pattern) return;
  regfree(&pattern->compiled);
  mth_release(pattern->allocator, pattern);
}

bool mth_pattern_is_in(const mth_pattern *pattern, const char *name) {
  return regexec(&pattern->compiled, name, 0, NULL, 0) == 0;
}
