#!/usr/bin/env python3
"""structure.py [--build DIR] ROOT: the rules on how the tree is laid out, executable.

Each rule is a function from a tree to complaints; structure_test.py sees each of them fail.
With --build, the libraries that were built are looked at too.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys

ROOMS = ("runtime", "ir", "dialect", "passes", "jit", "frontend", "tools")
LAYERS = ("runtime", "ir", "dialect", "passes", "jit")  # each sees itself and those before it
SUFFIXES = (".c", ".h", ".cpp", ".td", ".def")
BOTH_HALVES = {"ir/ops", "dialect/ops"}  # an op family has one name in both
RIM = re.compile(r"dialect/[^/]+\.cpp|passes/pass_class\.cpp|tools/opt_main\.cpp|.*_fb\.cpp|"
                 r"test/harness/harness_main\.cpp")
PRODUCT = "mithril"  # the public header and the tool are both called so
# Ops that passes may name: what programs are made of, rather than what they compute.
PROGRAM_OPS = {"model", "entry", "kernel", "launch", "instance", "gradient", "return", "constant",
               "custom"}
MAX_LINES = 600
FORMAT_VERSION = 22


class Tree:
    """Our files under a root: not the builds, not the hidden folders."""

    def __init__(self, root, build=None):
        self.root = pathlib.Path(root).resolve()
        self.build = pathlib.Path(build).resolve() if build else None
        self.files = sorted(
            p.relative_to(self.root).as_posix() for p in self.root.rglob("*")
            if p.is_file() and "__pycache__" not in p.parts
            and not re.fullmatch(r"\..*|build(-.*)?", p.relative_to(self.root).parts[0]))

    def text(self, file):
        return (self.root / file).read_text(errors="replace")

    def sources(self, *rooms, suffixes=SUFFIXES):
        return [f for f in self.files if f.endswith(suffixes) and f.split("/")[0] in (rooms or ROOMS)]


def code(text):
    """C without its comments; strings stay."""
    keep = re.compile(r'//[^\n]*|/\*.*?\*/|("(?:\\.|[^"\\\n])*")', re.S)
    return keep.sub(lambda m: m.group(1) or " ", text)


def split(file):
    path = pathlib.PurePosixPath(file)
    return path.parent.as_posix(), path.name.split(".")[0]


def include_direction(tree):
    """runtime <- ir <- dialect <- passes <- jit; frontend: runtime, ir, jit/compiler.h."""
    sees = {room: set(LAYERS[:i + 1]) for i, room in enumerate(LAYERS)}
    sees["frontend"] = {"runtime", "ir", "frontend"}
    sees["examples"] = {"runtime", "ir", "frontend"}
    free_of_llvm = ("runtime", "ir", "frontend", "examples")
    for file in tree.sources(*LAYERS, "frontend", "examples", suffixes=(".c", ".h", ".cpp", ".def")):
        room = file.split("/")[0]
        for target in includes(tree, file):
            other = target.split("/")[0]
            if target == "jit/compiler.h" and room == "frontend":
                continue
            if other in ROOMS and "/" in target and other not in sees[room]:
                yield f"{file}: includes {target}, but {room} sees only {', '.join(sorted(sees[room]))}"
            if room in free_of_llvm and re.match(r"(mlir|llvm)(-c)?/", target):
                yield f"{file}: includes {target}, but {room} is free of LLVM"
    door = "jit/compiler.h"
    if door in tree.files and re.search(r'include\s+["<](mlir|llvm|dialect|passes)', tree.text(door)):
        yield f"{door}: the frontend sees it, so it must be free of LLVM"


def cpp_in_the_rim(tree):
    """C++ only where MLIR or FlatBuffers has no C door."""
    for file in tree.files:
        if re.search(r"\.(cpp|cc|cxx|hpp|hh)$", file) and not RIM.fullmatch(file):
            yield f"{file}: C++ outside the rim"


def base_names(tree):
    """A base name means one thing: x.c and x.h side by side, and nowhere else."""
    seen = {}
    for file in tree.sources(suffixes=(".c", ".h", ".cpp")):
        folder, base = split(file)
        seen.setdefault(base, set()).add(folder)
        if base in ("utils", "util", "common", "helpers", "helper", "misc"):
            yield f"{file}: name the idea; '{base}' is not one"
    for base, folders in sorted(seen.items()):
        if len(folders) > 1 and folders != BOTH_HALVES and base != PRODUCT:
            yield f"{base}: one base name in {', '.join(sorted(folders))}"


def includes(tree, file):
    return re.findall(r'^\s*#\s*include\s+["<]([^">]+)[">]', tree.text(file), re.M)


def parts_of_passes(tree, rows):
    """Files of passes/ that a pass includes, itself or through another part: its test is theirs."""
    files, reached = set(tree.files), [f"passes/{row}.c" for row in rows]
    for file in reached:
        headers = [h for h in includes(tree, file) if h.startswith("passes/")] if file in files else []
        for part in headers + [re.sub(r"\.h$", ".c", h) for h in headers]:
            if part not in reached and part != "passes/passes.c":
                reached.append(part)
    return set(reached)


def tests_beside(tree):
    """passes/x.c has test/passes/x.mlir; runtime/y.c has test/runtime/y_test.c.

    A part is tested with its whole: ir/dim_text.c in dim_test.c, what a pass includes by its pass.
    """
    files = set(tree.files)
    rows = set(re.findall(r"^MTH_PASS\((\w+),", tree.text("passes/passes.def"), re.M)
               if "passes/passes.def" in files else ())
    for row in sorted(rows):
        if f"passes/{row}.c" not in files:
            yield f"passes/passes.def: row '{row}' has no passes/{row}.c"
    parts = parts_of_passes(tree, rows)
    for file in tree.sources("passes", "runtime", "ir", "frontend", suffixes=(".c",)):
        folder, base = split(file)
        words = base.split("_")
        wholes = ["_".join(words[:n]) for n in range(len(words), 0, -1)]
        if folder == "passes" and base in rows:
            wanted = [f"test/passes/{base}.mlir"]
        elif "/" in folder:  # ir/ops/map.c is tested by test/ir/ops/map_test.c, test/ir/map_test.c ...
            room = folder.split("/")[0]
            wanted = [f"test/{d}/{base}{s}" for d in (folder, room, "numerics", "dialect", "jit")
                      for s in ("_test.c", ".mlir")]
            if room == "passes":  # passes/math/ is tested by test/numerics/math_test.c
                wanted += [f"test/numerics/{folder.split('/')[1]}_test.c"]
        else:
            wanted = [f"test/{folder}/{whole}{s}" for whole in wholes
                      for s in ("_test.c", ".mlir", ".test")]
        is_part = file in parts and not (folder == "passes" and base in rows)
        if not is_part and not files.intersection(wanted):
            yield f"{file}: no test, wanted {wanted[0]}"


def no_op_in_a_pass(tree):
    """Passes reach ops through the registry and their category, never by name."""
    if "dialect/MithrilOps.td" not in tree.files:
        return
    ods = tree.text("dialect/MithrilOps.td")
    ops = set(re.findall(r"^def\s+\w+\s*:\s*\w+<\s*\"(\w+)\"", ods, re.M)) - PROGRAM_OPS
    for file in tree.sources("passes", suffixes=(".c", ".h")):
        for literal in re.findall(r'"((?:\\.|[^"\\\n])*)"', code(tree.text(file))):
            name = re.fullmatch(r"(mithril\.)?(\w+)", literal)
            if name and name.group(2) in ops:
                yield f"{file}: names the op '{name.group(2)}'"


def length(tree):
    """At 600 lines a file is split, or its header comment has a label `Length` that says why not."""
    for file in tree.sources(*ROOMS, "test", "bench", "examples", suffixes=(".c", ".h", ".cpp", ".py")):
        text = tree.text(file)
        count = text.count("\n")
        header = re.match(r"(?://[^\n]*\n)*", text).group(0)
        if count > MAX_LINES and "// Length " not in header:
            yield f"{file}: {count} lines; split it, or say why not under `Length` in its header"


def opening(tree):
    """Every C file and header begins with what it is: `// name: ...`."""
    for file in tree.sources(*ROOMS, "test", "bench", "examples", suffixes=(".c", ".h", ".cpp", ".def")):
        name = file.split("/")[-1]
        if name.endswith((".c", ".cpp", ".h")) and not re.match(
                r"// (%s|%s)\b" % (re.escape(name), re.escape(name.split(".")[0])), tree.text(file)):
            yield f"{file}: its first line is not `// {name}: what it is`"


def readme_program(tree):
    """The program in README.md is the one that is built and run: examples/first_model.c."""
    example, readme = "examples/first_model.c", "README.md"
    if example not in tree.files or readme not in tree.files:
        return
    shown = re.search(r"^```c\n(.*?)^```$", tree.text(readme), re.S | re.M)
    program = re.sub(r"\A(?://[^\n]*\n)*", "", tree.text(example))
    if not shown or shown.group(1) != program:
        yield f"{readme}: its C program is not {example}"


def shown_ops(tree):
    """Each piece of C in docs/add-an-op.md stands in a program that is built and run."""
    page, folder = "docs/add-an-op.md", "examples/user_op/"
    if page not in tree.files:
        return
    programs = [tree.text(f) for f in tree.files if f.startswith(folder) and f.endswith(".c")]
    for shown in re.findall(r"^```c\n(.*?)^```$", tree.text(page), re.S | re.M):
        if not any(shown in program for program in programs):
            yield f"{page}: no file in {folder} holds what begins with `{shown.splitlines()[0]}`"


def page_blocks(tree):
    """Each C block of these pages stands in the example named above it, which a test runs."""
    lists = [f for f in ("examples/CMakeLists.txt", "test/CMakeLists.txt") if f in tree.files]
    tests = "".join(tree.text(f) for f in lists)
    run = set(re.findall(r"add_test\(NAME example_(\w+)", tests))
    for file in tree.files:
        if re.fullmatch(r"test/examples/\w+\.test", file):
            run.update(re.findall(r"^RUN: (\w+) \| FileCheck", tree.text(file), re.M))
    for page in ("docs/c-api.md", "docs/logical-model.md"):
        if page not in tree.files:
            continue
        for lead, block in re.findall(r"^([^\n]*)\n+```c\n(.*?)^```$", tree.text(page), re.S | re.M):
            example = re.fullmatch(r"`(examples/(\w+)[/.].*)`:", lead)
            first = block.split("\n")[0]
            if not example or example.group(1) not in tree.files:
                yield f"{page}: no example is named above the block `{first}`"
            elif "\n" + block not in "\n" + tree.text(example.group(1)):
                yield f"{page}: the block `{first}` is not in {example.group(1)}"
            elif example.group(2) not in run:
                yield (f"{page}: {example.group(1)} is run by no test example_{example.group(2)} "
                       f"and no test/examples/{example.group(2)}.test")


def built_libraries(tree):
    """One copy of MLIR, mth_* alone exported, each by one library; no LLVM and C++ in the small ones."""
    if not tree.build:
        return

    def lines(*command):
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()

    exporter = {}
    for name in ("mithril_rt", "mithril", "mithril_compiler"):
        library = str(tree.build / "lib" / f"lib{name}.so")
        exported = [l.split()[-1] for l in lines("nm", "-D", "--defined-only", library)]
        for symbol in exported:
            if not re.match(r"mth_|mlirGetDialectHandle__mithril__$", symbol):
                yield f"lib{name}.so: exports {symbol}"
            if exporter.setdefault(symbol, name) != name:  # the loader would use one for both
                yield f"lib{name}.so: exports {symbol}, and so does lib{exporter[symbol]}.so"
        if name == "mithril_compiler":
            own = [l for l in lines("nm", "-C", library) if " T mlir::" in l]
            if own:
                yield f"lib{name}.so: holds {len(own)} functions of MLIR, a second copy: {own[0]}"
        else:
            for line in lines("readelf", "-d", library):
                if "NEEDED" in line and re.search(r"LLVM|MLIR|stdc\+\+|mithril_compiler", line):
                    yield f"lib{name}.so: needs {line.split('[')[-1].rstrip(']')}"


def signatures(tree):
    """The signature of an op stands in ODS and in the registry; test_dialect compares the two."""
    program = tree.build / "bin" / "test_dialect" if tree.build else None
    if not program or not program.exists():
        return
    run = subprocess.run([program, "--gtest_filter=Signature.*"], capture_output=True, text=True)
    if run.returncode or "[  PASSED  ]" not in run.stdout:
        yield "dialect/MithrilOps.td and ir/ops disagree: " + run.stdout[-2000:]


def formatting(tree):
    """Every C file is as clang-format leaves it: one pinned version, the style of .clang-format."""
    if not (tree.root / ".clang-format").exists():
        return
    tool = f"clang-format-{FORMAT_VERSION}"
    if not shutil.which(tool):
        yield f"{tool} is not installed"
        return
    files = tree.sources(*ROOMS, "test", "bench", "examples", suffixes=(".c", ".h", ".cpp"))
    run = subprocess.run([tool, "--dry-run", "-Werror", *files], cwd=tree.root,
                         capture_output=True, text=True)
    for file in sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", run.stderr, re.M))):
        yield f"{file}: not formatted; {tool} -i {file}"
    if run.returncode and "error:" not in run.stderr:
        yield f"{tool} fails: {run.stderr[-500:]}"


RULES = (include_direction, cpp_in_the_rim, base_names, tests_beside, no_op_in_a_pass, length, opening,
         readme_program, page_blocks, shown_ops, built_libraries, signatures, formatting)


def complaints(tree):
    return [(rule.__name__, text) for rule in RULES for text in rule(tree)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build")
    parser.add_argument("root")
    args = parser.parse_args()
    found = complaints(Tree(args.root, args.build))
    for rule, text in found:
        print(f"{rule}: {text}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
