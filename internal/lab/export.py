"""Exports notebooks as HTML that needs no network: formulas become MathML, pictures are inside."""

import argparse
import html
import os
import re
import sys

import nbformat
from latex2mathml.converter import convert
from nbconvert import HTMLExporter

# Code, which may hold dollars, comes first; then formulas on lines of their own, and formulas within a line.
PIECES = re.compile(r"(```.*?```|`[^`\n]*`)|\$\$(.+?)\$\$|\$([^$\n](?:[^$]*?[^$\\\s])?)\$", re.DOTALL)


def set_aside(text, formulas):
    """Returns Markdown with a word in place of each formula, and adds the formulas as MathML to the list: what makes HTML of
    Markdown knows no MathML."""

    def replace(match):
        code, display, inline = match.groups()
        if code is not None:
            return code
        formula = " ".join((display or inline).split()).replace(r"\|", r"\Vert ")
        formulas.append(convert(formula, display="block" if display else "inline"))
        return f"formula{len(formulas) - 1}formula"

    return PIECES.sub(replace, text)


def title(notebook):
    """Returns the first heading of a notebook."""
    for cell in notebook.cells:
        if found := re.search(r"^# (.+)$", cell.source, re.MULTILINE):
            return found.group(1)
    return ""


parser = argparse.ArgumentParser()
parser.add_argument("--out", required=True)
parser.add_argument("notebooks", nargs="+")
arguments = parser.parse_args()
os.makedirs(arguments.out, exist_ok=True)
exporter = HTMLExporter(mathjax_url="", require_js_url="", embed_images=True, exclude_input_prompt=True, exclude_output_prompt=True)
links = []
for path in arguments.notebooks:
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:
        sys.exit(f"error: {path} is not a notebook: {str(error).splitlines()[0]}")
    name = os.path.splitext(os.path.basename(path))[0]
    formulas = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = set_aside(cell.source, formulas).replace(".ipynb)", ".html)")
    notebook.metadata.setdefault("language_info", {})["pygments_lexer"] = "go"
    page, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"name": name, "path": os.path.dirname(path)}})
    page = re.sub(r"formula(\d+)formula", lambda match: formulas[int(match.group(1))], page)
    # Elements without an address are what is left of MathJax and require.js; diagrams of Mermaid would be fetched.
    page = re.sub(r'<script src=""[^>]*></script>', "", page)
    page = re.sub(r'<script type="module">(?:(?!</script>).)*mermaid.*?</script>', "", page, flags=re.DOTALL)
    with open(os.path.join(arguments.out, name + ".html"), "w", encoding="utf-8") as file:
        file.write(page)
    links.append(f'<li><a href="{html.escape(name)}.html">{html.escape(title(notebook) or name)}</a></li>')
with open(os.path.join(arguments.out, "index.html"), "w", encoding="utf-8") as file:
    file.write(
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<title>Ganymede: the course</title><style>body{font:18px/1.6 sans-serif;max-width:40em;margin:3em auto;padding:0 1em}</style>"
        "<h1>Ganymede: the course</h1><ul style=\"list-style:none;padding:0\">" + "\n".join(links) + "</ul></html>\n"
    )
