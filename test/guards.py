#!/usr/bin/env python3
"""guards.py [--only TEXT] [--patterns] [--list] ROOT: guards of passes that no test misses.

A guard is a condition under which a pass does not do its work: it refuses (`if (...) return
mth_fail_ir(...)`, each operand of `||` by itself, or a refusal at a function's end), or,
with --patterns, it leaves things as they are (`if (...) return false; continue; return MTH_OK;` ...).
A guard that no test misses is one nobody has seen work: it wants a lit case, or to be an `assert`
where verified IR cannot reach it, or to go.

How: the tree is copied to ROOT/build-guards, where every guard asks a switch before it fires. Built
once, with each test run once to learn which guards fire in it. Then every guard is switched off in
turn (MTH_GUARD_OFF), and the tests in which it fires are run until one is red; the others cannot
tell. Prints a line per guard, and exits with 1 if one survives.

The tests are the lit files of passes, dialect and tools, and test_passes: what belongs to a pass.
"""
import argparse
import concurrent.futures
import os
import pathlib
import queue
import re
import resource
import shutil
import signal
import subprocess
import sys
import typing

LIT = "/usr/lib/llvm-22/bin/lit"
LIT_FOLDERS = ("passes", "dialect", "tools")
UNIT = "test_passes"
SECONDS_MAX = 120  # a test that runs longer without a guard is red
BYTES_MAX = 16 << 30  # of address space
WORKERS = 2

REFUSAL = r"mth_fail\w*"
# What a function returns, or does, that leaves things as they are.
NO_MATCH = re.compile(r"(return\s+(false|NULL|0|-1|none|MTH_OK|MlirWalkResultAdvance|MlirWalkResultSkip|"
                      r"\(\w+\)\{(NULL|0)\}|mlirLogicalResultFailure\(\))|continue)\s*;")
# What the copy adds to passes/. The header includes nothing: a pass may use any name of libc's.
SWITCH = {
    "guard_switch.h": "// guard_switch.h: whether a guard fires.\n_Bool mth_guard(const char *name, _Bool fires);\n",
    "guard_switch.c": r"""// guard_switch: answers for guards.py.
#include "passes/guard_switch.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
_Bool mth_guard(const char *name, _Bool fires) {
  if (!fires) return 0;
  const char *const log = getenv("MTH_GUARD_LOG"), *const off = getenv("MTH_GUARD_OFF");
  FILE *const file = log ? fopen(log, "a") : NULL;
  if (file) {
    fprintf(file, "%s\n", name);
    fclose(file);
  }
  return !off || strcmp(off, name) != 0;
}
""",
}
LIT_SWITCH = """
for name in ("MTH_GUARD_OFF", "MTH_GUARD_LOG"):
    if name in os.environ:
        config.environment[name] = os.environ[name]
config.test_exec_root = os.environ.get("MTH_GUARD_OUT", config.test_exec_root)
"""


class Guard(typing.NamedTuple):
    name: str  # file:line, and which operand of `||` if there are several
    text: str
    begin: int  # of what is put under the switch: a condition, or a call that refuses
    end: int
    is_call: bool


def mask(text):
    """The text without comments, directives and the insides of literals, so that brackets can be counted."""
    tokens = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|'
                        r"^[ \t]*#(?:\\\n|[^\n])*", re.S | re.M)
    return tokens.sub(lambda m: re.sub(r"[^\n]", "_" if m.group()[0] in "\"'" else " ", m.group()), text)


def closing(code, at):
    """The offset after the bracket that closes the one at `at`."""
    depth = 0
    for i in range(at, len(code)):
        depth += (code[i] in "([{") - (code[i] in ")]}")
        if depth == 0:
            return i + 1
    raise ValueError("a bracket is left open: " + code[at:at + 60])


def skip_blanks(code, at):
    return at + len(code[at:]) - len(code[at:].lstrip())


def statement_end(code, at):
    """The offset after the statement at `at`."""
    label = re.compile(r"(case\b[^:;]*|\w+)\s*:\s*").match(code, at)
    if label:
        return statement_end(code, label.end())
    if code[at] == "{":
        return closing(code, at)
    head = re.compile(r"(if|for|while|switch)\s*(?=\()").match(code, at)
    if head:
        stop = statement_end(code, skip_blanks(code, closing(code, head.end())))
        rest = re.compile(r"\s*else\s+").match(code, stop)
        return statement_end(code, rest.end()) if rest and head.group(1) == "if" else stop
    if re.compile(r"do\b").match(code, at):
        at = statement_end(code, skip_blanks(code, at + 2))
    while code[at] != ";":
        at = closing(code, at) if code[at] in "([{" else at + 1
    return at + 1


def pieces(code, begin, end, operator):
    """The spans between an operator of two characters at a condition's top level, without blanks."""
    cuts, depth = [begin], 0
    for i in range(begin, end):
        depth += (code[i] in "([{") - (code[i] in ")]}")
        if depth == 0 and code[i] == "?":  # a || b ? c : d is one condition
            return [(begin, end)]
        if depth == 0 and code[i:i + 2] == operator:
            cuts += [i, i + 2]
    return [(skip_blanks(code, a), a + len(code[a:b].rstrip()))
            for a, b in zip(cuts[::2], cuts[1::2] + [end])]


def reasons(code, begin, end):
    """The conditions each of which is a reason by itself: a, b and c of `a || (x && (b || c))`."""
    found = []
    for a, b in pieces(code, begin, end, "||"):
        groups = [(x + 1, y - 1) for x, y in pieces(code, a, b, "&&")
                  if code[x] == "(" and closing(code, x) == y]
        group = next((g for g in groups if len(reasons(code, *g)) > 1), None)
        found += reasons(code, *group) if group else [(a, b)]
    return found


def top_statements(code, begin, end):
    """The statements of a block, or the one statement itself, as texts."""
    if code[begin] != "{":
        return [code[begin:end]]
    found, at = [], skip_blanks(code, begin + 1)
    while at < end - 1:
        stop = statement_end(code, at)
        found.append(code[at:stop])
        at = skip_blanks(code, stop)
    return found


def functions(code):
    """(name, begin of the body, its end) of each function: clang-format puts it at a line's start."""
    for head in re.finditer(r"^[A-Za-z][\w \*]*?\b(\w+)\(", code, re.M):
        stop = closing(code, head.end() - 1)
        body = skip_blanks(code, stop)
        if code[body:body + 1] == "{":
            yield head.group(1), body, closing(code, body)


def find_guards(file, text, patterns=False):
    """The guards in the text of a C file, by place."""
    code = mask(text)
    # A function that only words a refusal is one itself; its calls are the guards.
    words = re.compile(r"\b(?:%s)\s*\(" % REFUSAL)
    refusers = {name: (begin, end) for name, begin, end in functions(code)
                if words.search(code, begin, end) and not re.search(r"\b(if|for|while)\b|\?", code[begin:end])
                and len(re.findall(r"\breturn\b", code[begin:end])) == 1}
    refusal = re.compile(r"\b(?:%s)\s*\(" % "|".join([REFUSAL, *map(re.escape, refusers)]))
    refuse = re.compile(r"(\breturn|=)\s*" + refusal.pattern)
    covered = list(refusers.values())
    found = []

    def inside(at):
        return any(begin <= at < end for begin, end in covered)

    def add(begin, end, is_call, part=""):
        name = f"{file}:{text.count(chr(10), 0, begin) + 1}{part}"
        found.append(Guard(name, " ".join(text[begin:end].split()), begin, end, is_call))

    for head in re.finditer(r"\bif\s*\(", code):
        begin, end = head.end(), closing(code, head.end() - 1) - 1
        then = skip_blanks(code, end + 1)
        stop = statement_end(code, then)
        statements = top_statements(code, then, stop)
        simple = [s for s in statements if not re.match(r"(if|for|while|do|switch)\b", s)]
        refuses = any(refuse.search(s) for s in simple) and simple[-1].startswith("return")
        leaves = patterns and len(statements) == 1 and NO_MATCH.fullmatch(statements[0].strip("{} \n"))
        if not refuses and not leaves:
            continue
        spans = reasons(code, begin, end)
        for i, span in enumerate(spans):
            add(*span, False, f" ({i + 1})" if len(spans) > 1 else "")
        if refuses:
            covered.append((then, stop))
    for call in refusal.finditer(code):
        declared = re.search(r"\b(mth_status|static)\s+$", code[:call.start()])
        if not declared and not inside(call.start()):
            add(call.start(), closing(code, call.end() - 1), True)
    return sorted(found, key=lambda g: g.begin)


def instrument(text, guards):
    """The text in which each of the guards asks the switch."""
    for guard in sorted(guards, key=lambda g: -g.begin):
        inner = text[guard.begin:guard.end]
        asked = (f'(mth_guard("{guard.name}", 1) ? {inner} : MTH_OK)' if guard.is_call else
                 f'mth_guard("{guard.name}", ({inner}))')
        text = text[:guard.begin] + asked + text[guard.end:]
    return '#include "passes/guard_switch.h"\n#line 1\n' + text


def sources(root):
    return sorted(p.relative_to(root).as_posix() for p in (root / "passes").rglob("*.c"))


def write_changed(path, content):
    """Writes what differs: a second run builds little."""
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def copy_tree(root, to, guards):
    """Copies the tree with its guards under the switch."""
    by_file = {}
    for guard in guards:
        by_file.setdefault(guard.name.split(":")[0], []).append(guard)
    kept = set()
    for path in root.rglob("*"):
        file = path.relative_to(root)
        if path.is_dir() or re.fullmatch(r"\..*|build(-.*)?", file.parts[0]) or "__pycache__" in file.parts:
            continue
        content = path.read_bytes()
        if file.as_posix() in by_file:
            content = instrument(content.decode(), by_file[file.as_posix()]).encode()
        if file.as_posix() == "lit.cfg":
            content += LIT_SWITCH.encode()
        write_changed(to / file, content)
        shutil.copymode(path, to / file)
        kept.add(to / file)
    for file, text in SWITCH.items():
        write_changed(to / "passes" / file, text.encode())
        kept.add(to / "passes" / file)
    for path in to.rglob("*"):
        if path.is_file() and path not in kept and path.relative_to(to).parts[0] != "build":
            path.unlink()


def run(command, environment):
    """Whether the command succeeded in time, with all it started gone."""
    def limit():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (BYTES_MAX, BYTES_MAX))
        # a mutant that loops ends by itself, even if this program is killed before it
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MAX, SECONDS_MAX))
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={**os.environ, **environment}, preexec_fn=limit, start_new_session=True)
    try:
        return process.wait(timeout=SECONDS_MAX) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


class Tests:
    """The tests of a tree that was built with the switch."""

    def __init__(self, tree):
        self.build = tree / "build"
        test = tree / "test"
        self.names = [UNIT] + sorted(p.relative_to(test).as_posix() for folder in LIT_FOLDERS
                                     for p in (test / folder).rglob("*") if p.suffix in (".mlir", ".test"))

    def passes(self, name, worker, **environment):
        environment["MTH_GUARD_OUT"] = str(self.build / f"lit-out-{worker}")
        if name == UNIT:
            return run([self.build / "bin" / UNIT], environment)
        return run([LIT, "-q", "-j1", "--filter", f":: {re.escape(name)}$", self.build], environment)

    def fired(self, name, worker):
        """The guards that fire in a test, which passes."""
        log = self.build / f"guards-{worker}.log"
        log.write_text("")
        if not self.passes(name, worker, MTH_GUARD_LOG=str(log)):
            raise SystemExit(f"guards.py: {name} fails with every guard on")
        return set(log.read_text().splitlines())


def in_workers(work, items):
    """work(item, worker) of each, in order, WORKERS at a time."""
    free = queue.SimpleQueue()
    for worker in range(WORKERS):
        free.put(worker)

    def one(item):
        worker = free.get()
        try:
            return work(item, worker)
        finally:
            free.put(worker)

    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        yield from zip(items, pool.map(one, items))


def build(tree):
    """Configures and builds all: lit files call whatever program they like."""
    jobs = str(os.cpu_count() or 1)
    # Warnings about the switch say nothing; a null that is read without its guard must crash.
    flags = "-w -fno-delete-null-pointer-checks"
    commands = ([] if (tree / "build/build.ninja").exists() else
                [["cmake", "-G", "Ninja", "-B", tree / "build", f"-DCMAKE_C_FLAGS={flags}", tree]])
    for command in commands + [["cmake", "--build", tree / "build", "-j", jobs]]:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise SystemExit("guards.py: the instrumented tree does not build\n" + done.stdout[-4000:])


def survey(root, guards):
    """Prints what becomes of each guard; returns how many survive."""
    tree = root / "build-guards"
    copy_tree(root, tree, guards)
    build(tree)
    tests = Tests(tree)
    fires = dict(in_workers(tests.fired, tests.names))

    def killer(guard, worker):
        tried = [name for name in tests.names if guard.name in fires[name]]
        base = pathlib.PurePath(guard.name.split(":")[0]).stem
        tried.sort(key=lambda name: pathlib.PurePath(name).stem != base)  # its own file first
        for name in tried:
            if not tests.passes(name, worker, MTH_GUARD_OFF=guard.name):
                return name, tried
        return None, tried

    survivors = 0
    for guard, (name, tried) in in_workers(killer, guards):
        survivors += name is None
        where = f"killed by {name}" if name else f"SURVIVED, fires in {', '.join(tried) or 'no test'}"
        print(f"{guard.name}: {where}" + ("" if name else f": {guard.text}"), flush=True)
    print(f"{len(guards)} guards, {len(guards) - survivors} killed, {survivors} survived")
    return survivors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", default="", help="only guards whose file:line holds this text")
    parser.add_argument("--patterns", action="store_true", help="also guards that leave things as they are")
    parser.add_argument("--list", action="store_true", help="print the guards, run nothing")
    parser.add_argument("root", type=lambda path: pathlib.Path(path).resolve())
    args = parser.parse_args()
    # What is instrumented does not depend on --only, so that the build is kept.
    guards = [g for file in sources(args.root)
              for g in find_guards(file, (args.root / file).read_text(), args.patterns)]
    chosen = [g for g in guards if args.only in g.name]
    if args.list:
        for guard in chosen:
            print(f"{guard.name}: {guard.text}")
        return 0
    return 1 if survey(args.root, chosen) else 0


if __name__ == "__main__":
    sys.exit(main())
