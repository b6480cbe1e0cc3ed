#!/usr/bin/env python3
"""Draws the output of `perf script` as a flame picture: how wide, that much time.

Usage: perf script | benches/flame.py >flame.svg
"""

import html
import re
import sys

WIDTH, ROW, LEAST = 1600, 17, 0.4


def stacks(lines):
    """Each sample's functions, the outermost first."""
    stack = []
    for line in lines:
        if line.startswith((" ", "\t")) and line.strip():
            name = re.sub(r"\+0x[0-9a-f]+$", "", line.strip().split(" ", 1)[1].rsplit(" (", 1)[0])
            stack.append(name)
        elif not line.strip() and stack:
            yield stack[::-1]
            stack = []
    if stack:
        yield stack[::-1]


def grow(samples):
    root = {"n": 0, "of": {}}
    for stack in samples:
        node = root
        node["n"] += 1
        for name in stack:
            node = node["of"].setdefault(name, {"n": 0, "of": {}})
            node["n"] += 1
    return root


def boxes(node, x, depth, scale):
    for name, inner in sorted(node["of"].items()):
        width = inner["n"] * scale
        if width >= LEAST:
            yield name, x, depth, width, inner["n"]
            yield from boxes(inner, x, depth + 1, scale)
        x += width


def main():
    root = grow(stacks(sys.stdin))
    if not root["n"]:
        sys.exit("error: there is no sample to draw")
    drawn = list(boxes(root, 0, 0, WIDTH / root["n"]))
    height = (max(depth for _, _, depth, _, _ in drawn) + 1) * ROW
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
          'font-family="monospace" font-size="11">')
    for name, x, depth, width, n in drawn:
        y, share, hue = height - (depth + 1) * ROW, 100 * n / root["n"], sum(map(ord, name)) % 50 + 10
        text, shown = html.escape(name), html.escape(name[:int(width / 6.7)])
        print(f'<g><title>{text}: {share:.2f} %</title><rect x="{x:.1f}" y="{y}" width="{width:.1f}" '
              f'height="{ROW - 1}" fill="hsl({hue},80%,65%)"/><text x="{x + 2:.1f}" y="{y + 12}">{shown}</text></g>')
    print("</svg>")


if __name__ == "__main__":
    main()
