// elf_symbols.c: the symbol table of an ELF object, read with every offset checked. LLVM's C API
// does not tell undefined symbols from others.
#include "jit/elf_symbols.h"

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef struct bytes {
  const unsigned char *data;
  size_t count;
} bytes;

// Copies `size` bytes at `offset`; false if they are not all inside.
static bool read_at(bytes from, uint64_t offset, size_t size, void *into) {
  if (offset > from.count || from.count - offset < size) return false;
  memcpy(into, from.data + offset, size);
  return true;
}

static bool read_section(bytes file, const Elf64_Ehdr *header, uint64_t index, Elf64_Shdr *into) {
  return index < header->e_shnum &&
         read_at(file, header->e_shoff + index * sizeof *into, sizeof *into, into);
}

static bool section_bytes(bytes file, const Elf64_Shdr *section, bytes *out) {
  if (section->sh_offset > file.count || file.count - section->sh_offset < section->sh_size)
    return false;
  *out = (bytes){file.data + section->sh_offset, section->sh_size};
  return true;
}

static bool is_object(bytes file, Elf64_Ehdr *header) {
  return read_at(file, 0, sizeof *header, header) &&
         memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 && header->e_ident[EI_CLASS] == ELFCLASS64 &&
         header->e_ident[EI_DATA] == ELFDATA2LSB && header->e_type == ET_REL &&
         header->e_shentsize == sizeof(Elf64_Shdr) && header->e_shoff <= file.count;
}

mth_status mth_elf_visit_symbols(const void *data, size_t byte_count, mth_elf_symbol_fn *visit,
                                 void *user, mth_location at) {
  const bytes file = {data, byte_count};
  Elf64_Ehdr header;
  if (!is_object(file, &header))
    return mth_fail(MTH_INVALID, at, "not a relocatable 64-bit ELF object");

  for (uint64_t s = 0; s < header.e_shnum; ++s) {
    Elf64_Shdr section, names_section;
    if (!read_section(file, &header, s, &section))
      return mth_fail(MTH_INVALID, at, "the object's section table leaves the file");
    if (section.sh_type != SHT_SYMTAB) continue;
    bytes symbols, names;
    if (!read_section(file, &header, section.sh_link, &names_section) ||
        !section_bytes(file, &section, &symbols) || !section_bytes(file, &names_section, &names))
      return mth_fail(MTH_INVALID, at, "the object's symbol table leaves the file");
    Elf64_Sym symbol;
    for (uint64_t i = 1; read_at(symbols, i * sizeof symbol, sizeof symbol, &symbol); ++i) {
      if (symbol.st_name >= names.count ||
          !memchr(names.data + symbol.st_name, 0, names.count - symbol.st_name))
        return mth_fail(MTH_INVALID, at, "a symbol's name leaves the object's names");
      const mth_elf_symbol found = {.name = (const char *)names.data + symbol.st_name,
                                    .defined = symbol.st_shndx != SHN_UNDEF,
                                    .global = ELF64_ST_BIND(symbol.st_info) != STB_LOCAL};
      if (*found.name) MTH_TRY(visit(user, &found));
    }
  }
  return MTH_OK;
}
