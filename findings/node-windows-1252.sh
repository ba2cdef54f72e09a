#!/usr/bin/env bash
# Node 20's `new TextDecoder('windows-1252')` says that its encoding is windows-1252 and decodes as ISO 8859-1: the bytes
# 0x80 to 0x9f (€, curly quotes, dashes) become control characters. The standard (encoding.spec.whatwg.org) and the
# browsers give those letters, and so does the same decoder as soon as it is told `{ stream: true }`; windows-1251 is right
# in both. Nothing fails, also with `fatal: true`, and a text that has only ÄÖÜ looks right.
#
# Node 20.20.2, ICU 78.2 (linux, amd64), seen on 2026-11-30, for the bytes 80 93 94:
#   windows-1252: U+80 U+93 U+94
#   windows-1252, as a stream: U+20ac U+201c U+201d
#   windows-1251: U+402 U+201c U+201d
set -euo pipefail
node=$(node -p 'process.versions.node')
case $node in 20.*) ;; *) echo "this is about Node 20, and here is $node" >&2 && exit 1 ;; esac

decoded() {
  node -e '
    const [encoding, stream] = process.argv.slice(1);
    const text = new TextDecoder(encoding).decode(Buffer.from("809394", "hex"), { stream: stream === "stream" });
    console.log([...text].map((letter) => `U+${letter.codePointAt(0).toString(16)}`).join(" "));
  ' "$@"
}
plain=$(decoded windows-1252)
stream=$(decoded windows-1252 stream)
other=$(decoded windows-1251)
echo "windows-1252: $plain"
echo "windows-1252, as a stream: $stream"
echo "windows-1251: $other"
[ "$plain" = 'U+80 U+93 U+94' ]
[ "$stream" = 'U+20ac U+201c U+201d' ]
[ "$other" = 'U+402 U+201c U+201d' ]
