#!/usr/bin/env python3
"""Writes the console's built files as one C++ source with their compressed bytes.

embed.py DIST OUT.cpp OUT.S    DIST may be missing: then nothing is embedded.
The bytes are taken in by the assembler, so that no compiler reads megabytes of numbers.
"""

import gzip
import hashlib
import pathlib
import sys

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}


def main():
    dist, source, assembly = (pathlib.Path(argument) for argument in sys.argv[1:4])
    files = sorted(path for path in dist.rglob("*") if path.is_file()) if dist.is_dir() else []
    bytes_of, table, names = [], [], []
    folder = assembly.parent / "console"
    folder.mkdir(parents=True, exist_ok=True)
    for number, path in enumerate(files):
        kind = TYPES.get(path.suffix)
        if kind is None:
            sys.exit(f"{path}: embed.py knows no content type for {path.suffix}")
        packed = gzip.compress(path.read_bytes(), 9, mtime=0)
        (folder / f"{number}.gz").write_bytes(packed)
        tag = hashlib.sha256(packed).hexdigest()[:20]
        bytes_of.append(
            f"  .global sluice_console_{number}\n  .global sluice_console_{number}_end\n"
            f'sluice_console_{number}:\n  .incbin "console/{number}.gz"\nsluice_console_{number}_end:\n'
        )
        names.append(f"extern const unsigned char sluice_console_{number}[], sluice_console_{number}_end[];")
        table.append(
            f'    {{"/{path.relative_to(dist).as_posix()}", "{kind}", "\\"{tag}\\"",\n'
            f"     {{sluice_console_{number}, sluice_console_{number}_end}}}},"
        )
    assembly.write_text(
        "  .section .rodata\n" + "".join(bytes_of) + '  .section .note.GNU-stack,"",@progbits\n'
    )
    declared = 'extern "C" {\n' + "\n".join(names) + "\n}\n" if names else ""
    listed = (
        "  static const ConsoleFile files[] = {\n" + "\n".join(table) + "\n  };\n  return files;\n"
        if table
        else "  return {};\n"
    )
    source.write_text(
        '#include "admin/http/console.h"\n\n' + declared + "\nnamespace sluice::http {\n\n"
        "std::span<const ConsoleFile> console_files() {\n" + listed + "}\n\n}  // namespace sluice::http\n"
    )


main()
