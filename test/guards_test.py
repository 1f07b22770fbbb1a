#!/usr/bin/env python3
"""guards.py finds the guards of a text, puts each of them under its switch, and tells who survives."""
import contextlib
import io
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
from unittest import mock

import guards

TEXT = r'''// fixture: what a pass may look like. if (comment) return mth_fail_ir(x);
#define NEVER(x) if (x) return mth_fail_ir(x)
static mth_status refuse(int x, const char *wanted) {
  const int y = x;
  return mth_fail_ir(MTH_INVALID, y, "wants (%s", wanted);
}

static mth_status check(int x) {
  for (int i = 0; i < x; ++i)
    if (f("if (text) return mth_fail(", i) || x == ')' ||
        (x > 7 && (g(x) || x < 3)))
      return mth_fail_ir(MTH_INVALID, x, "%d",
                         x);
  if (x == 1) {
    h(x);
    return refuse(x, "1");
  }
  if (x == 2) {
    if (x == 3) return refuse(x, "3");
    h(x);
  }
  if (x > 4 ? x || g(x) : x) {
    c->status = mth_fail_ir(MTH_INVALID, x, "4");
    return x;
  }
  if (x == 5) return MTH_NO_MEMORY;
  if (x == 6) return x ? MTH_OK : refuse(x, "6");
  if (!x) return false;
  while (x)
    if (x) continue;
    else return mth_fail(MTH_INVALID, x, "7");
  if (x == 8 && !(x || y)) return MTH_OK;
  return mth_fail_ir(MTH_INVALID, x, "tail");
}
'''
REFUSALS = [
    'a.c:10 (1): f("if (text) return mth_fail(", i)',
    "a.c:10 (2): x == ')'",
    "a.c:11 (3): g(x)",
    "a.c:11 (4): x < 3",
    "a.c:14: x == 1",
    "a.c:19: x == 3",
    "a.c:22: x > 4 ? x || g(x) : x",
    'a.c:27: refuse(x, "6")',
    'a.c:31: mth_fail(MTH_INVALID, x, "7")',
    'a.c:33: mth_fail_ir(MTH_INVALID, x, "tail")',
]
PATTERNS = ["a.c:28: !x", "a.c:30: x", "a.c:32: x == 8 && !(x || y)"]
PROGRAM = r'''typedef struct fclose { int x; } fclose; // the copy must not bring libc in
typedef enum { MTH_OK, MTH_INVALID } mth_status;
static mth_status mth_fail(mth_status status) { return status; }
int main(int count, char **words) {
  (void)words;
  if (count == 2 || count == 3) return mth_fail(MTH_INVALID);
  if (count == 4) return MTH_OK;
  return mth_fail(MTH_INVALID);
}
'''


class Finding(unittest.TestCase):

    def found(self, patterns=False):
        return [f"{g.name}: {g.text}" for g in guards.find_guards("a.c", TEXT, patterns)]

    def test_every_reason_of_a_refusal_and_nothing_else(self):
        self.assertEqual(self.found(), REFUSALS)

    def test_what_leaves_things_as_they_are(self):
        self.assertEqual(sorted(set(self.found(True)) - set(REFUSALS)), PATTERNS)
        self.assertLessEqual(set(REFUSALS), set(self.found(True)))

    def test_bracket_left_open(self):
        with self.assertRaises(ValueError):
            guards.find_guards("a.c", "if (x")


@unittest.skipUnless(shutil.which("clang-22"), "no C compiler")
class Switching(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "passes").mkdir()
        for file, text in guards.SWITCH.items():
            (self.root / "passes" / file).write_text(text)
        found = guards.find_guards("a.c", PROGRAM, patterns=True)
        self.assertEqual([g.name for g in found], ["a.c:6 (1)", "a.c:6 (2)", "a.c:7", "a.c:8"])
        (self.root / "a.c").write_text(guards.instrument(PROGRAM, found))
        subprocess.run(["clang-22", "-w", "-I", self.root, "-o", self.root / "a", self.root / "a.c",
                        self.root / "passes/guard_switch.c"], check=True)

    def refuses(self, words, **switch):
        return subprocess.run([self.root / "a", *words], env={**os.environ, **switch}).returncode == 1

    def test_with_every_guard_on_the_program_is_the_same(self):
        self.assertEqual([self.refuses("x" * n) for n in range(4)], [True, True, True, False])

    def test_only_the_guard_that_is_off_is_missed(self):
        off = lambda name: [self.refuses("x" * n, MTH_GUARD_OFF=name) for n in range(1, 4)]
        self.assertEqual(off("a.c:6 (2)"), [True, True, False])
        self.assertEqual(off("a.c:8"), [True, True, False])
        self.assertEqual(off("a.c:7"), [True, True, True])
        self.assertFalse(self.refuses("", MTH_GUARD_OFF="a.c:8"))

    def test_log_names_the_guards_that_fire(self):
        log = self.root / "log"
        self.refuses("xx", MTH_GUARD_LOG=str(log))
        self.assertEqual(log.read_text(), "a.c:6 (2)\n")


class FakeTests:
    """Two tests: `a` sees the guards 1 and 2 fire and misses 1; `b` sees 2 fire."""
    names = ["passes/a.mlir", "passes/b.mlir"]

    def __init__(self, tree):
        pass

    def fired(self, name, worker):
        return {"a.c:1", "a.c:2"} if name == self.names[0] else {"a.c:2"}

    def passes(self, name, worker, MTH_GUARD_OFF):
        return not (name == self.names[0] and MTH_GUARD_OFF == "a.c:1")


class Survey(unittest.TestCase):

    def survey(self, *names):
        text = io.StringIO()
        with mock.patch.multiple(guards, copy_tree=mock.DEFAULT, build=mock.DEFAULT, Tests=FakeTests), \
                contextlib.redirect_stdout(text):
            count = guards.survey(pathlib.Path("."), [guards.Guard(n, "x", 0, 0, False) for n in names])
        return count, text.getvalue().splitlines()

    def test_survivors_are_told_and_counted(self):
        self.assertEqual(self.survey("a.c:1", "a.c:2", "a.c:3"), (2, [
            "a.c:1: killed by passes/a.mlir",
            "a.c:2: SURVIVED, fires in passes/a.mlir, passes/b.mlir: x",
            "a.c:3: SURVIVED, fires in no test: x",
            "3 guards, 1 killed, 2 survived"]))

    def test_all_killed(self):
        self.assertEqual(self.survey("a.c:1"), (0, ["a.c:1: killed by passes/a.mlir",
                                                    "1 guards, 1 killed, 0 survived"]))

    def test_copy_holds_no_build_and_only_sources_of_today(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for file in ("passes/a.c", "lit.cfg", "build/x", ".ci/run", "passes/__pycache__/y"):
                (root / file).parent.mkdir(parents=True, exist_ok=True)
                (root / file).write_text(PROGRAM)
            (root / "build-guards/build").mkdir(parents=True)
            (root / "build-guards/build/kept").write_text("")
            (root / "build-guards/gone.c").write_text("")
            tree = root / "build-guards"
            guards.copy_tree(root, tree, guards.find_guards("passes/a.c", PROGRAM))
            held = sorted(p.relative_to(tree).as_posix() for p in tree.rglob("*") if p.is_file())
            self.assertEqual(held, ["build/kept", "lit.cfg", "passes/a.c", "passes/guard_switch.c",
                                    "passes/guard_switch.h"])
            self.assertIn('mth_guard("passes/a.c:6 (1)", (count == 2))', (tree / "passes/a.c").read_text())
            self.assertIn("MTH_GUARD_OFF", (tree / "lit.cfg").read_text())


if __name__ == "__main__":
    unittest.main()
