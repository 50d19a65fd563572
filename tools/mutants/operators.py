# SPDX-License-Identifier: EUPL-1.2
"""What can be wrong with a line: from the compiler's syntax tree to a list of mutants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from tools.mutants.project import Json

BOUNDARY = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "**": "*"}
BITS = {"&": "|", "|": "&", "^": "&", "<<": ">>", ">>": "<<"}
ASSIGNMENTS = {"+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "|=": "&=", "&=": "|=", "<<=": ">>=", ">>=": "<<="}
#: By the number of a declaration: where it is used, by file and bytes, and whether the compiler itself evaluates that.
Uses = dict[int, list[tuple[str, int, int, bool]]]
YUL = {"gt": "lt", "lt": "gt", "and": "or", "or": "and", "add": "sub", "sub": "add", "eq": "gt"}


@dataclass(frozen=True)
class Region:
    """A piece of a source that a mutant writes differently. Offsets are bytes."""

    file: str
    start: int
    end: int
    text: str
    #: expression, number, statement or assembly; plain where no switch fits.
    form: str


@dataclass
class Mutant:
    """One thing wrong in one function."""

    file: str
    function: str
    operator: str
    original: str
    mutated: str
    #: What to write in the source for this mutant alone.
    plain: Region
    #: Where a switch goes in the shared build.
    woven: list[Region] = field(default_factory=list)
    number: int = 0
    #: Which one it is of those that read the same.
    occurrence: int = 1

    def key(self) -> tuple[str, str, str, str, str]:
        """What it is known by when lines have moved."""
        return (self.file, self.function, self.operator, _line(self.original), _line(self.mutated))

    def identity(self) -> tuple[str | int, ...]:
        """Its key, and which one it is of those that read the same."""
        return (*self.key(), self.occurrence)

    def apply(self, source: bytes) -> bytes:
        """The source with this mutant alone."""
        return source[: self.plain.start] + self.plain.text.encode() + source[self.plain.end :]


def _line(text: str) -> str:
    return " ".join(text.split())


def mutants_of(trees: dict[str, Json], sources: dict[str, bytes]) -> list[Mutant]:
    """All mutants of these sources, in the order of files and places, numbered from 1."""
    uses: Uses = {}
    enumerations: dict[str, list[str]] = {}
    for file, tree in trees.items():
        _gather_uses(file, tree, uses, folded=False)
        _gather_enumerations(tree, enumerations)
    found: list[Mutant] = []
    for file, tree in trees.items():
        walk = _Walk(file, sources, uses, enumerations)
        walk.visit(tree, [], "")
        found += sorted(walk.found, key=lambda mutant: (mutant.plain.start, mutant.plain.end))
    seen: Counter[tuple[str, ...]] = Counter()
    for number, mutant in enumerate(found, 1):
        seen[mutant.key()] += 1
        mutant.number, mutant.occurrence = number, seen[mutant.key()]
    return found


def _place(node: Json) -> tuple[int, int]:
    start, length, _ = map(int, node["src"].split(":"))
    return start, start + length


def _children(node: Json) -> Iterator[Json]:
    for value in node.values():
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, dict) and "nodeType" in child:
                yield child


def _gather_uses(file: str, node: Json, uses: Uses, *, folded: bool) -> None:
    """Where constants are used, and whether that is a place the compiler evaluates itself, which takes no switch."""
    if node["nodeType"] == "VariableDeclaration" and node.get("constant"):
        folded = True
    if node["nodeType"] in {"Identifier", "MemberAccess"} and node.get("referencedDeclaration", -1) > 0:
        uses.setdefault(node["referencedDeclaration"], []).append((file, *_place(node), folded))
    for reference in node.get("externalReferences", []):
        uses.setdefault(reference["declaration"], []).append((file, *_place(reference), True))
    for child in _children(node):
        _gather_uses(file, child, uses, folded=folded)


def _gather_enumerations(node: Json, enumerations: dict[str, list[str]]) -> None:
    if node["nodeType"] == "EnumDefinition":
        enumerations[node["name"]] = [member["name"] for member in node["members"]]
    for child in _children(node):
        _gather_enumerations(child, enumerations)


class _Walk:
    """Goes through one file and collects its mutants."""

    def __init__(self, file: str, sources: dict[str, bytes], uses: Uses, enumerations: dict[str, list[str]]) -> None:
        self.file, self.sources, self.source = file, sources, sources[file]
        self.uses, self.enumerations = uses, enumerations
        self.found: list[Mutant] = []
        self._contract = ""

    def text(self, node: Json) -> str:
        start, end = _place(node)
        return self.source[start:end].decode()

    def visit(self, node: Json, above: list[Json], function: str) -> None:
        """This node and all below it, but nothing that has no code: types, events, interfaces."""
        kind = node["nodeType"]
        if kind == "ContractDefinition":
            if node["contractKind"] == "interface":
                return
            self._contract = node["name"]
        if kind == "FunctionDefinition":
            name = node["name"] or node["kind"]
            function = f"{self._contract}.{name}" if self._contract else name
        handler = getattr(self, f"_{kind}", None)
        if handler is not None and handler(node, above, function) is False:
            return
        for child in _children(node):
            self.visit(child, [*above, node], function)

    def _add(self, operator: str, node: Json, text: str, function: str, form: str = "expression") -> None:
        start, end = _place(node)
        if form == "statement" and self.source[end - 1 : end] != b";":
            end = self.source.index(b";", end) + 1
        region = Region(self.file, start, end, text, form)
        woven = [] if form == "plain" else [region]
        original = self.source[start:end].decode()
        self.found.append(Mutant(self.file, function, operator, original, text, region, woven))

    # The names of what follows are those of the compiler's nodes.

    def _VariableDeclaration(self, node: Json, _above: list[Json], _function: str) -> bool:  # noqa: N802
        if not node.get("constant") or node.get("value") is None:
            return True
        function = f"{self._contract}.{node['name']}" if self._contract else node["name"]
        kind = node["typeDescriptions"]["typeString"]
        if kind.startswith("uint"):
            changes = [(f"{kind}({{}}) + 1", "({} + 1)"), (f"{kind}({{}}) - 1", "({} - 1)")]
        elif kind.startswith("bytes"):
            changes = [("~({})", "(~{})")]
        else:
            return False
        uses = self.uses.get(node["id"], [])
        start, end = _place(node["value"])
        original = self.source[start:end].decode()
        for declared, used in changes:
            text = declared.format(original)
            mutant = Mutant(
                self.file, function, "constant", original, text, Region(self.file, start, end, text, "plain")
            )
            # At every place where it is used, because what a constant is set to takes no switch.
            if not any(folded for _, _, _, folded in uses):
                mutant.woven = [
                    Region(file, first, last, used.format(self.sources[file][first:last].decode()), "expression")
                    for file, first, last, _ in uses
                ]
            self.found.append(mutant)
        return False

    def _BinaryOperation(self, node: Json, above: list[Json], function: str) -> bool:  # noqa: N802
        if self._number(node, above, function):
            return False
        left, right, sign = node["leftExpression"], node["rightExpression"], node["operator"]
        a, b = self.text(left), self.text(right)
        if sign in {"&&", "||"}:
            self._add("one side", node, f"({a})", function)
            self._add("one side", node, f"({b})", function)
            return True
        for table, name in ((BOUNDARY, "comparison"), (ARITHMETIC, "arithmetic"), (BITS, "bits")):
            if sign in table:
                self._add(name, node, f"(({a}) {table[sign]} ({b}))", function)
        return True

    def _UnaryOperation(self, node: Json, above: list[Json], function: str) -> bool:  # noqa: N802
        if self._number(node, above, function):
            return False
        inner, sign = self.text(node["subExpression"]), node["operator"]
        if sign in {"++", "--"}:
            other = "--" if sign == "++" else "++"
            self._add("count", node, other + inner if node["prefix"] else inner + other, function)
        elif sign in {"!", "~", "-"}:
            self._add("unary", node, f"({inner})", function)
        return True

    def _Literal(self, node: Json, above: list[Json], function: str) -> bool:  # noqa: N802
        if node["kind"] == "bool" and function:
            self._add("literal", node, "false" if node["value"] == "true" else "true", function)
        else:
            self._number(node, above, function)
        return False

    def _TupleExpression(self, node: Json, above: list[Json], function: str) -> bool:  # noqa: N802
        return not self._number(node, above, function)

    def _number(self, node: Json, above: list[Json], function: str) -> bool:
        """Whether this is a number that the compiler computes; if so, mutated as one."""
        kind = node["typeDescriptions"]["typeString"]
        if not kind.startswith("int_const ") or not function:
            return False
        parent = above[-1]
        if parent["nodeType"] == "FunctionCall" and parent["kind"] == "typeConversion":
            return True
        # Large numbers are shortened by the compiler's own text.
        value = int(kind.split(" ")[1]) if kind.split(" ")[1].lstrip("-").isdigit() else None
        text = self.text(node)
        self._add("literal", node, f"{text} + 1" if value is None else str(value + 1), function, "number")
        if value != 0:
            self._add("literal", node, f"{text} - 1" if value is None else str(value - 1), function, "number")
        return True

    def _MemberAccess(self, node: Json, _above: list[Json], function: str) -> bool:  # noqa: N802
        kind = node["typeDescriptions"]["typeString"]
        inner = node["expression"].get("typeDescriptions", {}).get("typeString", "")
        if function and kind.startswith("enum ") and inner.startswith("type(enum "):
            members = self._members(kind.removeprefix("enum "))
            if members:
                other = members[(members.index(node["memberName"]) + 1) % len(members)]
                self._add("state", node, f"{self.text(node['expression'])}.{other}", function)
        return True

    def _members(self, name: str) -> list[str]:
        return self.enumerations.get(name.rsplit(".", 1)[-1], [])

    def _Conditional(self, node: Json, _above: list[Json], function: str) -> bool:  # noqa: N802
        self._condition(node["condition"], function)
        return True

    def _IfStatement(self, node: Json, _above: list[Json], function: str) -> bool:  # noqa: N802
        self._condition(node["condition"], function)
        return True

    def _condition(self, node: Json, function: str) -> None:
        self._add("condition", node, "true", function)
        self._add("condition", node, "false", function)

    def _Assignment(self, node: Json, above: list[Json], function: str) -> bool:  # noqa: N802
        sign = node["operator"]
        if sign in ASSIGNMENTS and above[-1]["nodeType"] == "ExpressionStatement":
            left, right = self.text(node["leftHandSide"]), self.text(node["rightHandSide"])
            self._add("assignment", node, f"{left} {ASSIGNMENTS[sign]} {right};", function, "statement")
        return True

    def _ExpressionStatement(self, node: Json, above: list[Json], function: str) -> bool:  # noqa: N802
        # A loop's step is no statement of its own, and without its first value a storage pointer does not compile.
        left = node["expression"].get("leftHandSide", {}).get("typeDescriptions", {}).get("typeString", "")
        step = above[-1]["nodeType"] == "ForStatement" and above[-1].get("body") is not node
        if not step and not left.endswith(" storage pointer"):
            self._add("no statement", node, "", function, "statement")
        return True

    def _EmitStatement(self, node: Json, _above: list[Json], function: str) -> bool:  # noqa: N802
        self._add("no event", node, "", function, "statement")
        return True

    def _Continue(self, node: Json, _above: list[Json], function: str) -> bool:  # noqa: N802
        self._add("no statement", node, "", function, "statement")
        return True

    def _ModifierInvocation(self, node: Json, _above: list[Json], function: str) -> bool:  # noqa: N802
        if node.get("kind") == "modifierInvocation":
            self._add("no modifier", node, "", function, "plain")
            return False
        return True

    def _FunctionCall(self, node: Json, above: list[Json], function: str) -> bool:  # noqa: N802
        arguments = node["arguments"]
        if node["kind"] != "functionCall" or node["names"] or not function:
            return True
        parent = above[-1]
        if parent["nodeType"] in {"EmitStatement", "RevertStatement", "ExpressionStatement"}:
            region, form = parent, "statement"
        else:
            region, form = node, "expression"
        start, end = _place(region)
        for a, b in pairwise(arguments):
            alike = a["typeDescriptions"]["typeString"] == b["typeDescriptions"]["typeString"]
            if not alike or self.text(a) == self.text(b):
                continue
            (a0, a1), (b0, b1) = _place(a), _place(b)
            swapped = self.source[start:a0] + self.source[b0:b1] + self.source[a1:b0] + self.source[a0:a1]
            swapped += self.source[b1:end]
            self._add(
                "swap", region, swapped.decode().rstrip(";") + (";" if form == "statement" else ""), function, form
            )
        return True

    def _YulFunctionCall(self, node: Json, _above: list[Json], function: str) -> bool:  # noqa: N802
        name = node["functionName"]
        if name["name"] in YUL:
            self._add("assembly", name, YUL[name["name"]], function, "plain")
        return True

    def _YulLiteral(self, node: Json, _above: list[Json], function: str) -> bool:  # noqa: N802
        if node["kind"] == "number":
            self._add("assembly", node, f"add({node['value']}, 1)", function, "assembly")
        return True

    def _InlineAssembly(self, node: Json, above: list[Json], function: str) -> bool:  # noqa: N802
        self.visit(node["AST"], [*above, node], function)
        return False
