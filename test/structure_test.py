#!/usr/bin/env python3
"""Each rule of structure.py is seen to pass a sound tree and to fail a bad one."""
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import structure

SOUND = {
    "dialect/MithrilOps.td": 'def Mithril_KernelOp : Mithril_Function<"kernel"> {\n'
                             'def Mithril_MatmulOp : Mithril_Binary<"matmul">;\n',
    "dialect/MithrilDialect.cpp": "// MithrilDialect: C++ that ODS forces.\n",
    "passes/passes.def": "MTH_PASS(fold, \"fold\", ...)\n",
    "passes/fold.c": '// fold: folds.\n// a mithril.matmul\n#include "dialect/op.h"\n'
                     'const char *k = "mithril.kernel";\n',
    "test/passes/fold.mlir": "",
    "ir/ops/map.c": "// map: what maps mean.\n",
    "dialect/ops/map.c": '// map: what maps become.\n#include "ir/model.h"\n#include "mlir-c/IR.h"\n',
    "test/numerics/map_test.c": "// map_test: maps.\n",
    "ir/model.h": '// model.h: models.\n#include "runtime/status.h"\n',
    "jit/compiler.h": '// compiler.h: the door.\n#include "ir/model.h"\n',
    "frontend/compile.c": '// compile: asks the compiler.\n#include "jit/compiler.h"\n',
    "test/frontend/compile_test.c": "// compile_test: asking.\n",
    "README.md": "",
}


class Rules(unittest.TestCase):

    def complain(self, changes):
        """Complaints about SOUND after `changes` ({file: text or None to remove})."""
        with tempfile.TemporaryDirectory() as root:
            for file, text in {**SOUND, **changes}.items():
                if text is None:
                    continue
                path = pathlib.Path(root, file)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return structure.complaints(structure.Tree(root))

    def refuses(self, rule, changes):
        self.assertIn(rule, [name for name, _ in self.complain(changes)])

    def test_sound_tree_passes(self):
        self.assertEqual(self.complain({}), [])

    def test_builds_and_hidden_folders_are_not_ours(self):
        self.assertEqual(self.complain({"build-asan/x.cpp": "", ".git/y.cpp": ""}), [])

    def test_a_file_that_clang_format_would_change(self):
        style = {".clang-format": "BasedOnStyle: LLVM\nSortIncludes: Never\n"}
        self.assertEqual(self.complain(style), [])
        self.refuses("formatting", {**style, "ir/a.c": "// a: a\nint  x;\n"})

    def test_include_against_the_direction(self):
        self.refuses("include_direction", {"ir/model.h": '// model.h: m\n#include "dialect/op.h"\n'})
        self.refuses("include_direction", {"runtime/a.h": '// a.h: a\n#include "ir/model.h"\n'})
        self.refuses("include_direction", {"passes/fold.c": '// fold: f\n#include "jit/compiler.h"\n'})

    def test_frontend_sees_one_header_of_jit(self):
        self.refuses("include_direction", {"frontend/a.h": '// a.h: a\n#include "jit/codegen.h"\n'})
        self.refuses("include_direction", {"frontend/a.h": '// a.h: a\n#include "passes/passes.h"\n'})

    def test_llvm_stays_out_of_the_small_libraries(self):
        for room in ("runtime", "ir", "frontend"):
            self.refuses("include_direction", {room + "/a.h": '// a.h: a\n#include "mlir-c/IR.h"\n'})
        self.refuses("include_direction",
                     {"jit/compiler.h": '// compiler.h: d\n#include "llvm-c/Core.h"\n'})

    def test_cpp_outside_the_rim(self):
        self.refuses("cpp_in_the_rim", {"passes/fast.cpp": "// fast: f\n"})
        self.refuses("cpp_in_the_rim", {"test/x.cc": ""})

    def test_duplicate_base_name(self):
        self.refuses("base_names", {"ir/fold.h": "// fold.h: f\n"})
        self.refuses("base_names", {"ir/ops/fold.c": "// fold: f\n", "dialect/ops/fold.c": "// fold: f\n"})

    def test_names_that_are_no_idea(self):
        self.refuses("base_names", {"ir/utils.h": "// utils.h: u\n"})

    def test_pass_without_a_test(self):
        self.refuses("tests_beside", {"test/passes/fold.mlir": None})

    def test_row_without_a_pass(self):
        self.refuses("tests_beside", {"passes/fold.c": None})

    def test_source_without_a_test(self):
        self.refuses("tests_beside", {"runtime/arena.c": "// arena: a\n"})
        self.refuses("tests_beside", {"test/numerics/map_test.c": None})
        self.refuses("tests_beside", {"passes/orphan.c": "// orphan: o\n"})

    def test_part_is_tested_with_its_whole(self):
        self.assertEqual(self.complain({"ir/dim.c": "// dim: d\n", "ir/dim_text.c": "// dim_text: d\n",
                                        "test/ir/dim_test.c": "// dim_test: d\n"}), [])
        fold = '// fold: f\n#include "passes/part.h"\n'
        self.assertEqual(self.complain({"passes/fold.c": fold, "passes/part.h": "// part.h: p\n",
                                        "passes/part.c": "// part: p\n"}), [])

    def test_op_named_in_a_pass(self):
        self.refuses("no_op_in_a_pass", {"passes/fold.c": '// fold: f\nchar *k = "mithril.matmul";\n'})
        self.refuses("no_op_in_a_pass", {"passes/fold.c": '// fold: f\nchar *k = "matmul";\n'})

    def test_long_file_without_a_reason(self):
        self.refuses("length", {"ir/model.h": "// model.h: m\n" + "int x;\n" * 601})
        reasoned = "// model.h: m\n// Length  one table.\n" + "int x;\n" * 601
        self.assertEqual(self.complain({"ir/model.h": reasoned}), [])

    def test_file_that_does_not_say_what_it_is(self):
        self.refuses("opening", {"ir/model.h": "#include <stdint.h>\n"})

    def test_readme_that_shows_another_program(self):
        program = {"examples/first_model.c": "// first_model: first.\nint main(void) {}\n"}
        shown = {"README.md": "```c\nint main(void) {}\n```\n"}
        self.assertEqual(self.complain({**program, **shown}), [])
        self.refuses("readme_program", {**program, "README.md": "```c\nint main() {}\n```\n"})

    def test_page_that_shows_what_no_example_runs(self):
        sound = {"examples/x.c": "// x: one.\nint x;\nint y;\n",
                 "test/CMakeLists.txt": "add_test(NAME example_x COMMAND x)\n",
                 "docs/c-api.md": "# Page\n\n`examples/x.c`:\n\n```c\nint y;\n```\n"}
        self.assertEqual(self.complain(sound), [])
        self.refuses("page_blocks", {**sound, "examples/x.c": "// x: one.\nint x;\n"})
        self.refuses("page_blocks", {**sound, "test/CMakeLists.txt": "\n"})
        self.refuses("page_blocks", {**sound, "docs/c-api.md": "# Page\n\n```c\nint y;\n```\n"})
        by_lit = {**sound, "test/CMakeLists.txt": "\n", "test/examples/x.test": "RUN: x | FileCheck %s\n"}
        self.assertEqual(self.complain(by_lit), [])
        self.refuses("page_blocks", {**by_lit, "test/examples/x.test": "RUN: z | FileCheck %s\n"})

    def test_shown_ops(self):
        program = {"examples/user_op/ops.c": "// ops: two.\nint a;\nint b;\n"}
        self.assertEqual(self.complain({**program, "docs/add-an-op.md": "```c\nint b;\n```\n"}), [])
        self.refuses("shown_ops", {**program, "docs/add-an-op.md": "```c\nint c;\n```\n"})


@unittest.skipUnless(shutil.which("cc") or shutil.which("clang-22"), "no C compiler")
class Libraries(unittest.TestCase):

    def complain(self, flags):
        """Complaints about three libraries that are alike but for the flags given per name."""
        with tempfile.TemporaryDirectory() as root:
            lib = pathlib.Path(root, "build", "lib")
            lib.mkdir(parents=True)
            source = lib / "x.c"
            source.write_text("#define JOIN_(a, b) a##b\n#define JOIN(a, b) JOIN_(a, b)\n"
                              "int JOIN(mth_, NAME)(void) { return 0; }\n"
                              "#ifdef BAD\nint BAD(void) { return 0; }\n#endif\n")
            for name in ("mithril_rt", "mithril", "mithril_compiler"):
                subprocess.run([shutil.which("clang-22") or "cc", "-shared", "-fPIC", "-o",
                                str(lib / f"lib{name}.so"), str(source), "-DNAME=" + name,
                                *flags.get(name, [])], check=True)
            return list(structure.built_libraries(structure.Tree(root, root + "/build")))

    def test_sound_libraries_pass(self):
        self.assertEqual(self.complain({}), [])

    def test_foreign_export(self):
        self.assertIn("exports helper", self.complain({"mithril": ["-DBAD=helper"]})[0])

    def test_symbol_in_two_libraries(self):
        both = {"mithril": ["-DBAD=mth_both"], "mithril_compiler": ["-DBAD=mth_both"]}
        self.assertIn("and so does libmithril.so", self.complain(both)[0])

    def test_second_copy_of_mlir(self):
        self.assertIn("second copy", "".join(self.complain({"mithril_compiler": ["-DBAD=_ZN4mlir1fEv"]})))

    def test_small_library_that_needs_cpp(self):
        bad = ["-Wl,--no-as-needed", "-l:libstdc++.so.6"]
        self.assertIn("needs libstdc++", self.complain({"mithril_rt": bad})[0])
        self.assertEqual(self.complain({"mithril_compiler": bad}), [])


class Signatures(unittest.TestCase):

    def complain(self, program):
        """Complaints when the program that compares ODS and registry is this shell script."""
        with tempfile.TemporaryDirectory() as root:
            path = pathlib.Path(root, "build", "bin", "test_dialect")
            path.parent.mkdir(parents=True)
            path.write_text("#!/bin/sh\n" + program)
            path.chmod(0o755)
            return list(structure.signatures(structure.Tree(root, root + "/build")))

    def test_agreement_passes(self):
        self.assertEqual(self.complain("echo '[  PASSED  ] 2 tests.'"), [])

    def test_disagreement(self):
        self.assertIn("op 'add': no key", self.complain("echo \"op 'add': no key\"; exit 1")[0])

    def test_no_test_ran(self):
        self.assertEqual(len(self.complain("exit 0")), 1)


if __name__ == "__main__":
    unittest.main()
