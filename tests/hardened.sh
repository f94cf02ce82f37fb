#!/bin/sh
# hardened.sh PROGRAM - whether it has the guards that the Makefile asks for, by readelf; exit 1 if one is missing.
set -u
program=${1:?usage: hardened.sh PROGRAM}
command -v readelf >/dev/null || { echo 'hardened: needs readelf (binutils)' >&2 && exit 2; }
headers=$(readelf -W -h -l -d "$program") && symbols=$(readelf -W --dyn-syms "$program") || exit 2
missing=0

guard() { # NAME COMMAND...
    name=$1
    shift
    if "$@"; then
        echo "yes  $name"
    else
        echo "NO   $name"
        missing=1
    fi
}
# shellcheck disable=SC2317 # guard calls them
has() { printf '%s\n' "$1" | grep -Eq "$2"; }
# shellcheck disable=SC2317
lacks() { ! has "$@"; }

guard 'position-independent (PIE)' has "$headers" 'Type: +DYN .*(Position-Independent|Shared)'
guard 'an interpreter: a program, not a library' has "$headers" '^ +INTERP '
guard 'read-only relocations (RELRO)' has "$headers" '^ +GNU_RELRO '
guard 'all symbols bound at the start (BIND_NOW)' has "$headers" 'BIND_NOW|Flags:.* NOW'
guard 'no executable stack' has "$headers" '^ +GNU_STACK .* RW '
guard 'no segment both writable and executable' lacks "$headers" '^ +LOAD .* RWE '
guard 'no text relocations' lacks "$headers" 'TEXTREL'
guard 'stack protector' has "$symbols" '__stack_chk_(fail|guard)'
guard 'checked calls of libc (_FORTIFY_SOURCE)' has "$symbols" '__[a-z]+_chk(@|$)'
exit $missing
